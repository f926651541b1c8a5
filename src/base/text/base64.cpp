#include "base/text/base64.hpp"

#include <openssl/evp.h>

#include <climits>

#include "base/result.hpp"

namespace tenfold {

std::string base64(std::string_view bytes) {
  TENFOLD_ASSERT(bytes.size() <= INT_MAX / 2);
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock() ends its text by a zero
  const int written =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(written));
  return out;
}

}  // namespace tenfold
