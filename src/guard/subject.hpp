#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/address.hpp"

// Whom the guard measures and acts on, in the terms that its folders share.
namespace tenfold::guard {

// What is thought of whoever asks; the less, the later it is served while there is not enough for everyone.
enum class Standing : std::uint8_t {
  allowed,   // by the owner's list, whatever the guard decides
  known,     // a customer from before the trouble: of earlier days, with an order, or with a cart the origin confirmed
  cleared,   // solved a challenge, or has waited its turn
  stranger,  // nothing is known
  suspect,   // a measure is on it
};
inline constexpr std::size_t standings = 5;
std::string_view name(Standing standing);  // "allowed", "known", ...

// Levels at which clients are counted: each address of IPv4, each /64 of IPv6 (from which one client may choose);
// and the networks around them.
enum class Level : std::uint8_t {
  client,   // IPv4 /32, IPv6 /64
  network,  // IPv4 /24, IPv6 /56
  block,    // IPv4 /16, IPv6 /48
};
inline constexpr std::size_t levels = 3;

// Who stands behind an address: itself, unless it is an IPv4 address that a translator (NAT64, SIIT) writes into
// 64:ff9b::/96 (RFC 6052, 2.1). All who come by IPv4 to servers of IPv6 would be one client else.
net::IpAddress untranslated(const net::IpAddress& address);

// A block of addresses. `bits` of the 128-bit form, as in net::IpNetwork: 128 for an IPv4 address, 120 for a /24.
struct Prefix {
  net::IpAddress base;  // the lowest address
  std::uint8_t bits = 128;

  static Prefix of(const net::IpAddress& address, Level level);  // of what is behind it, untranslated
  static Prefix of(const net::IpAddress& address, std::uint8_t bits);
  bool contains(const net::IpAddress& address) const;
  std::string text() const;  // "192.0.2.0/24", "2001:db8::/48"; a bare address for one
  // 17 bytes for a keyed hash.
  std::array<char, 17> bytes() const;
  auto operator<=>(const Prefix&) const = default;
};

}  // namespace tenfold::guard
