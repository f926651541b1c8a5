#pragma once

#include <cstddef>
#include <string>

namespace tenfold {

// Bytes that nobody can guess, for keys and secrets.
std::string secret_bytes(std::size_t count);

}  // namespace tenfold
