#pragma once

#include <cstdint>

namespace tenfold::net {

// For Stream::bytes_taken() of a socket.
std::uint64_t bytes_taken(int descriptor);
// For Stream::bytes_untaken().
std::uint64_t bytes_untaken(int descriptor);

}  // namespace tenfold::net
