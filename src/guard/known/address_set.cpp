#include "guard/known/address_set.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

#include "guard/subject.hpp"

namespace tenfold::guard {

static_assert(std::endian::native == std::endian::little);

AddressSet::Number AddressSet::number_of(const net::IpAddress& address) {
  Number number;
  std::memcpy(&number.high, address.bytes().data(), 8);
  std::memcpy(&number.low, address.bytes().data() + 8, 8);
  return {__builtin_bswap64(number.high), __builtin_bswap64(number.low)};
}

AddressSet::Range AddressSet::range_of(const net::IpNetwork& network) {
  const int bits = network.prefix_bits();
  const Number first = number_of(network.base());
  const std::uint64_t high_hosts = bits >= 64 ? 0 : UINT64_MAX >> bits;
  const std::uint64_t low_hosts = bits >= 128 ? 0 : bits <= 64 ? UINT64_MAX : UINT64_MAX >> (bits - 64);
  return {first, {first.high | high_hosts, first.low | low_hosts}};
}

const AddressSet::Ranges& AddressSet::family_of(const net::IpNetwork& network) const {
  constexpr int mapped_bits = 96;
  return network.prefix_bits() >= mapped_bits && network.base().is_v4() ? v4_ : v6_;
}

AddressSet::AddressSet(std::span<const net::IpNetwork> networks) {
  std::vector<net::IpNetwork> ascending(networks.begin(), networks.end());
  std::ranges::sort(ascending);
  for (const net::IpNetwork& network : ascending) {
    take(&family_of(network) == &v4_ ? v4_ : v6_, range_of(network));
  }
}

// Of two networks one is in the other, or they have nothing in common.
void AddressSet::take(Ranges& ranges, const Range& range) {
  if (ranges.empty() || ranges.back().last < range.first) {
    ranges.push_back(range);
  } else if (ranges.back().last < range.last) {
    ranges.back().last = range.last;
  }
}

bool AddressSet::contains(const net::IpAddress& address) const {
  if (has(address)) return true;
  const net::IpAddress client = untranslated(address);
  return client != address && has(client);
}

bool AddressSet::has(const net::IpAddress& address) const {
  const Ranges& ranges = address.is_v4() ? v4_ : v6_;
  if (ranges.empty()) return false;
  const Number number = number_of(address);
  const auto behind = std::ranges::upper_bound(ranges, number, {}, &Range::first);
  return behind != ranges.begin() && number <= std::prev(behind)->last;
}

bool AddressSet::contains(const net::IpNetwork& network) const {
  const Ranges& ranges = family_of(network);
  const Range asked = range_of(network);
  const auto behind = std::ranges::upper_bound(ranges, asked.first, {}, &Range::first);
  return behind != ranges.begin() && asked.last <= std::prev(behind)->last;
}

bool AddressSet::touches(const net::IpNetwork& network) const {
  const Ranges& ranges = family_of(network);
  const Range asked = range_of(network);
  const auto behind = std::ranges::upper_bound(ranges, asked.last, {}, &Range::first);
  return behind != ranges.begin() && asked.first <= std::prev(behind)->last;
}

}  // namespace tenfold::guard
