#include "guard/measure/key.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace tenfold::guard {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint64_t v4_marker = 0xffff'ffff'0000'0000;
constexpr std::uint64_t translators = 0x0064'ff9b'0000'0000;    // the upper half of untranslated()'s addresses
constexpr std::uint64_t mapped_marker = 0x0000'ffff'0000'0000;  // of the lower half of an IPv4-mapped address

std::uint64_t half_of(const net::IpAddress& address, std::size_t from) {
  std::uint64_t half;
  std::memcpy(&half, address.bytes().data() + from, 8);
  return __builtin_bswap64(half);
}

}  // namespace

std::uint64_t client_key(const net::IpAddress& address) {
  const std::uint64_t upper = half_of(address, 0);
  if (upper != 0 && upper != translators) return upper;
  const std::uint64_t lower = half_of(address, 8);
  if (upper != 0) return lower <= UINT32_MAX ? v4_marker | lower : upper;
  const bool v4 = (lower & v4_marker) == mapped_marker;
  return v4 ? v4_marker | lower : upper;
}

Prefix prefix_of(Level level, std::uint64_t key) {
  if ((key & v4_marker) == v4_marker) return Prefix::of(net::IpAddress::v4(static_cast<std::uint32_t>(key)), level);
  std::array<std::uint8_t, 16> bytes{};
  const std::uint64_t upper = __builtin_bswap64(key);
  std::memcpy(bytes.data(), &upper, 8);
  constexpr std::array<std::uint8_t, levels> bits{64, 56, 48};  // of the key itself, which is nobody's untranslated
  return Prefix::of(net::IpAddress::from_bytes(bytes), bits[static_cast<std::size_t>(level)]);
}

}  // namespace tenfold::guard
