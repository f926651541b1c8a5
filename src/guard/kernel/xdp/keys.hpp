#pragma once

#include <optional>

#include "guard/kernel/xdp/abi.h"
#include "guard/subject.hpp"
#include "net/address.hpp"

// Prefixes as the keys of the kernel program's maps.
namespace tenfold::guard::kernel {

// None for a prefix that is of none of guard's levels.
std::optional<tenfold_block_key> block_key(const Prefix& prefix);
// None for what no block_key() made.
std::optional<Prefix> prefix_of_key(const tenfold_block_key& key);
tenfold_allow_key allow_key(const net::IpNetwork& network);
Level level_of(tenfold_length length);

}  // namespace tenfold::guard::kernel
