#include "guard/kernel/xdp/keys.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tenfold::guard::kernel {

namespace {

constexpr std::size_t v4_at = 12;  // in the mapped form

}  // namespace

Level level_of(tenfold_length length) { return static_cast<Level>(length % levels); }

std::optional<tenfold_block_key> block_key(const Prefix& prefix) {
  for (std::uint32_t i = 0; i < levels; ++i) {
    if (Prefix::of(prefix.base, static_cast<Level>(i)) != prefix) continue;
    tenfold_block_key key{};
    const auto& bytes = prefix.base.bytes();
    if (prefix.base.is_v4()) {
      key.length = TENFOLD_V4_CLIENT + i;
      std::memcpy(&key.address[1], &bytes[v4_at], sizeof key.address[1]);
    } else {
      key.length = TENFOLD_V6_CLIENT + i;
      std::memcpy(key.address, bytes.data(), sizeof key.address);
    }
    return key;
  }
  return {};
}

std::optional<Prefix> prefix_of_key(const tenfold_block_key& key) {
  if (key.length >= TENFOLD_LENGTHS) return {};
  std::array<std::uint8_t, 16> bytes{};
  if (key.length < TENFOLD_V6_CLIENT) {
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(&bytes[v4_at], &key.address[1], sizeof key.address[1]);
  } else {
    std::memcpy(bytes.data(), key.address, sizeof key.address);
  }
  return Prefix::of(net::IpAddress::from_bytes(bytes), level_of(static_cast<tenfold_length>(key.length)));
}

tenfold_allow_key allow_key(const net::IpNetwork& network) {
  tenfold_allow_key key{};
  key.bits = static_cast<std::uint32_t>(network.prefix_bits());
  std::memcpy(key.address, network.base().bytes().data(), sizeof key.address);
  return key;
}

}  // namespace tenfold::guard::kernel
