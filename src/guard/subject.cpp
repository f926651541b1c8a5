#include "guard/subject.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace tenfold::guard {

namespace {

constexpr std::uint8_t v4_bits = 96;  // the mapped form's fixed part
constexpr std::array<std::uint8_t, levels> v4_prefixes{v4_bits + 32, v4_bits + 24, v4_bits + 16};
constexpr std::array<std::uint8_t, levels> v6_prefixes{64, 56, 48};

// At most 64.
std::uint64_t first_bits(unsigned bits) { return bits == 0 ? 0 : UINT64_MAX << (64 - bits); }

}  // namespace

std::string_view name(Standing standing) {
  constexpr std::array<std::string_view, standings> names{"allowed", "known", "cleared", "stranger", "suspect"};
  return names[static_cast<std::size_t>(standing)];
}

net::IpAddress untranslated(const net::IpAddress& address) {
  constexpr std::array<std::uint8_t, 12> translators{0, 0x64, 0xff, 0x9b};
  const auto& bytes = address.bytes();
  if (!std::equal(translators.begin(), translators.end(), bytes.begin())) return address;
  return net::IpAddress::v4(static_cast<std::uint32_t>(bytes[12]) << 24 | static_cast<std::uint32_t>(bytes[13]) << 16 |
                            static_cast<std::uint32_t>(bytes[14]) << 8 | bytes[15]);
}

Prefix Prefix::of(const net::IpAddress& address, Level level) {
  const net::IpAddress client = untranslated(address);
  const auto& prefixes = client.is_v4() ? v4_prefixes : v6_prefixes;
  return of(client, prefixes[static_cast<std::size_t>(level)]);
}

Prefix Prefix::of(const net::IpAddress& address, std::uint8_t bits) {
  static_assert(std::endian::native == std::endian::little);
  std::array<std::uint64_t, 2> halves;
  std::memcpy(halves.data(), address.bytes().data(), sizeof halves);
  halves[0] &= __builtin_bswap64(first_bits(std::min<unsigned>(bits, 64)));
  halves[1] &= __builtin_bswap64(first_bits(bits < 64 ? 0 : bits - 64u));
  return {net::IpAddress::from_bytes(std::bit_cast<std::array<std::uint8_t, 16>>(halves)), bits};
}

bool Prefix::contains(const net::IpAddress& address) const { return of(untranslated(address), bits).base == base; }

std::string Prefix::text() const {
  if (bits == 128) return base.text();
  const bool v4 = base.is_v4() && bits >= v4_bits;
  return base.text() + "/" + std::to_string(v4 ? bits - v4_bits : bits);
}

std::array<char, 17> Prefix::bytes() const {
  std::array<char, 17> all;
  std::copy(base.bytes().begin(), base.bytes().end(), all.begin());
  all[16] = static_cast<char>(bits);
  return all;
}

}  // namespace tenfold::guard
