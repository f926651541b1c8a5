#include "oncall/channels/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/result.hpp"
#include "oncall/channels/encode.hpp"

namespace tenfold::oncall::channels {
namespace {

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const auto* made = HMAC(digest, key.data(), static_cast<int>(key.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, &size);
  TENFOLD_ASSERT(made != nullptr);
  return {reinterpret_cast<const char*>(out), size};
}

}  // namespace

std::string hmac_sha256_hex(std::string_view key, std::string_view text) { return hex(hmac(EVP_sha256(), key, text)); }

std::string hmac_sha1_base64(std::string_view key, std::string_view text) {
  return base64(hmac(EVP_sha1(), key, text));
}

bool equal_in_constant_time(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace tenfold::oncall::channels
