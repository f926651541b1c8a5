#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "net/address.hpp"

namespace tenfold::guard {

// Whether an address is in one of many networks: a binary search over what they cover. Immutable; thread-safe.
class AddressSet {
 public:
  AddressSet() = default;
  explicit AddressSet(std::span<const net::IpNetwork> networks);

  bool contains(const net::IpAddress& address) const;  // as it is, or untranslated()
  bool contains(const net::IpNetwork& network) const;  // all of it, in one of the set's
  bool touches(const net::IpNetwork& network) const;   // some of its addresses are in the set

 private:
  // The 128 bits of an address, ordered as addresses are.
  struct Number {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const Number&) const = default;
  };
  struct Range {
    Number first;
    Number last;
  };
  using Ranges = std::vector<Range>;  // ascending; none overlaps another
  bool has(const net::IpAddress& address) const;
  static Number number_of(const net::IpAddress& address);
  static Range range_of(const net::IpNetwork& network);
  const Ranges& family_of(const net::IpNetwork& network) const;
  static void take(Ranges& ranges, const Range& range);

  // Apart, since ::/0 means all of IPv6 and is not to take in IPv4 by way of its mapped form.
  Ranges v4_;
  Ranges v6_;
};

}  // namespace tenfold::guard
