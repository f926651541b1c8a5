#include "origin/sticky.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/result.hpp"

namespace tenfold::origin {

std::string sticky_value(std::string_view secret, std::string_view server_name) {
  constexpr std::size_t kept_bytes = 12;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int length = 0;
  const auto* const made =
      HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(server_name.data()), server_name.size(), digest.data(), &length);
  TENFOLD_ASSERT(made != nullptr && length >= kept_bytes);
  std::string text;
  text.reserve(2 * kept_bytes);
  for (std::size_t i = 0; i < kept_bytes; ++i) {
    text.push_back("0123456789abcdef"[digest[i] >> 4]);
    text.push_back("0123456789abcdef"[digest[i] & 15]);
  }
  return text;
}

}  // namespace tenfold::origin
