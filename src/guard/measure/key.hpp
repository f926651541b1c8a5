#pragma once

#include <cstdint>

#include "guard/subject.hpp"
#include "net/address.hpp"

// Subjects as 64-bit numbers, for tables: a client is its /64 of IPv6; an address of IPv4 has the lower 32 bits behind
// ffff:ffff::/32, which is multicast and sends nothing (what claims to be from there counts as IPv4). So a client is
// one of 256 in its network and one of 65,536 in its block, and the last byte or two say which, in both families.
namespace tenfold::guard {

std::uint64_t client_key(const net::IpAddress& address);

inline std::uint64_t key_at(Level level, std::uint64_t client_key) {
  return client_key & (UINT64_MAX << (8 * static_cast<unsigned>(level)));
}

// One number for a network or block, different for all of them; for a keyed hash.
inline std::uint64_t group_key(const Prefix& group) { return client_key(group.base) | group.bits; }

Prefix prefix_of(Level level, std::uint64_t key);

}  // namespace tenfold::guard
