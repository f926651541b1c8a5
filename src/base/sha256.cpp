#include "base/sha256.hpp"

#include <openssl/sha.h>

namespace tenfold {

Sha256 sha256(std::string_view text) {
  Sha256 digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

}  // namespace tenfold
