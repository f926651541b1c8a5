#pragma once

#include <cstddef>
#include <vector>

#include "guard/subject.hpp"
#include "net/address.hpp"

namespace tenfold::guard::kernel {

// Any IPv4 network of /8 or narrower, any IPv6 network from /40 to /64.
inline constexpr std::size_t most_prefixes_of_one = 256;

// A network as the prefixes of guard's levels that make it up, which are what tables of the kernel hold: a /20 of IPv4
// is sixteen /24. Empty: it is more than most_prefixes_of_one, or a part of the smallest there is (an IPv6 address
// alone, of which the kernel knows the /64 only).
std::vector<Prefix> prefixes_of(const net::IpNetwork& network);

}  // namespace tenfold::guard::kernel
