#include "base/secret_bytes.hpp"

#include <openssl/rand.h>

#include "base/result.hpp"

namespace tenfold {

std::string secret_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  TENFOLD_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
  return bytes;
}

}  // namespace tenfold
