#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tenfold::net {

// An IPv4 or IPv6 address. IPv4 is kept in its IPv4-mapped form (RFC 4291, 2.5.5.2), so both compare as 16 bytes.
class IpAddress {
 public:
  IpAddress() = default;  // ::
  static Result<IpAddress> parse(std::string_view text);
  static IpAddress v4(std::uint32_t host_order);
  static IpAddress from_bytes(const std::array<std::uint8_t, 16>& bytes) {
    IpAddress a;
    a.bytes_ = bytes;
    return a;
  }

  bool is_v4() const;
  bool is_loopback() const;  // 127.0.0.0/8 or ::1
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  std::uint32_t v4_host_order() const;  // only if is_v4()
  std::string text() const;
  // Writes the text without a terminating zero; needs 46 bytes. Returns its length.
  std::size_t write_to(char* out) const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// An address block, e.g. 10.0.0.0/8 or 2001:db8::/32. A bare address is a block of one.
class IpNetwork {
 public:
  static Result<IpNetwork> parse(std::string_view text);
  bool contains(const IpAddress& address) const;
  const IpAddress& base() const { return base_; }   // the lowest address
  int prefix_bits() const { return prefix_bits_; }  // of the 128-bit form: 104 for 10.0.0.0/8
  std::string text() const;
  auto operator<=>(const IpNetwork&) const = default;

 private:
  IpAddress base_;
  int prefix_bits_ = 128;  // of the 128-bit form
};

// Bytes of a Unix-domain socket's path, without the zero behind it (unix(7)).
inline constexpr std::size_t longest_unix_path = 107;

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  // "127.0.0.1:80", "[::1]:80"
  static Result<Endpoint> parse(std::string_view text);
  static Endpoint from(const sockaddr_storage& storage);
  // Fills the storage; returns its length for connect() and bind().
  socklen_t to(sockaddr_storage& storage) const;
  std::string text() const;
  auto operator<=>(const Endpoint&) const = default;
};

}  // namespace tenfold::net
