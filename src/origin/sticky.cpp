#include "origin/sticky.hpp"

#include "base/hmac.hpp"

namespace tenfold::origin {

std::string sticky_value(std::string_view secret, std::string_view server_name) {
  constexpr std::size_t kept_digits = 24;
  return hmac_sha256_hex(secret, server_name).substr(0, kept_digits);
}

}  // namespace tenfold::origin
