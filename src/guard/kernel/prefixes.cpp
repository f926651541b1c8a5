#include "guard/kernel/prefixes.hpp"

#include <array>
#include <cstdint>

namespace tenfold::guard::kernel {

namespace {

constexpr int v4_from = 96;
constexpr std::array<int, levels> v4_bits{128, 120, 112};
constexpr std::array<int, levels> v6_bits{64, 56, 48};

// Of that length, the nth from the network's base on.
Prefix nth(const net::IpAddress& base, int bits, std::size_t n) {
  std::array<std::uint8_t, 16> bytes = base.bytes();
  const auto last = static_cast<std::size_t>(bits / 8 - 1);  // all lengths are whole bytes
  for (std::size_t i = 0; i < 2; ++i) bytes[last - i] = static_cast<std::uint8_t>(bytes[last - i] | (n >> (8 * i)));
  return Prefix::of(net::IpAddress::from_bytes(bytes), static_cast<std::uint8_t>(bits));
}

}  // namespace

std::vector<Prefix> prefixes_of(const net::IpNetwork& network) {
  const bool is_v4 = network.base().is_v4() && network.prefix_bits() >= v4_from;
  std::vector<Prefix> prefixes;
  // The widest that is in it.
  int bits = 0;
  for (const int each : is_v4 ? v4_bits : v6_bits) {
    if (each >= network.prefix_bits()) bits = each;
  }
  const int free_bits = bits - network.prefix_bits();
  if (bits == 0 || (std::size_t{1} << free_bits) > most_prefixes_of_one) return prefixes;
  prefixes.reserve(std::size_t{1} << free_bits);
  for (std::size_t i = 0; i < std::size_t{1} << free_bits; ++i) prefixes.push_back(nth(network.base(), bits, i));
  return prefixes;
}

}  // namespace tenfold::guard::kernel
