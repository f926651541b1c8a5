#pragma once

#include <cstdint>
#include <string>

#include "config/config.hpp"

namespace tenfold::config {

// How the files (descriptors) that the system allows a process are shared out.
struct OpenFiles {
  std::uint64_t for_origins = 0;   // a connection for each place at a server
  std::uint64_t for_visitors = 0;  // limits.connections, or fewer, so that none is accepted that cannot be served
  std::uint64_t needed = 0;        // for all that the file asks for
};

// allowed: the system's limit; 0: not known, everything is taken to fit.
OpenFiles share_out(const Replaceable& live, std::uint64_t allowed);

// For people: how many are needed and for what, how many there are, what follows, and what to set. Empty: enough.
std::string shortage_of_files(const Replaceable& live, std::uint64_t allowed);

}  // namespace tenfold::config
