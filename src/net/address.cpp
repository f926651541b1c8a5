#include "net/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>

namespace tenfold::net {

namespace {

constexpr std::size_t longest_address = INET6_ADDRSTRLEN - 1;
constexpr int mapped_bits = 96;  // length of ::ffff:0:0/96, where IPv4 lives
constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string quoted(std::string_view text) {
  constexpr std::size_t shown = 64;
  std::string result = "\"";
  for (const char c : text.substr(0, shown)) result += c >= ' ' && c <= '~' ? c : '?';
  if (text.size() > shown) result += "...";
  return result += '"';
}

// Decimal digits only, no sign, no leading zero (which some readers take for octal), at most `largest`.
std::optional<unsigned> parse_number(std::string_view text, unsigned largest) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return {};
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > largest) return {};
  return value;
}

std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint32_t value = 0;
  for (int octet = 0; octet < 4; ++octet) {
    const std::size_t dot = octet < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return {};
    const auto number = parse_number(text.substr(0, dot), 255);
    if (!number) return {};
    value = value << 8 | *number;
    text.remove_prefix(octet < 3 ? dot + 1 : dot);
  }
  return value;
}

char* write_octet(char* out, std::uint8_t value) {
  if (value >= 100) *out++ = static_cast<char>('0' + value / 100);
  if (value >= 10) *out++ = static_cast<char>('0' + value / 10 % 10);
  *out++ = static_cast<char>('0' + value % 10);
  return out;
}

char* write_v4(char* out, const std::uint8_t* octets) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0) *out++ = '.';
    out = write_octet(out, octets[i]);
  }
  return out;
}

struct Run {
  int begin = 8;
  int length = 0;
};

// The groups that "::" stands for: the longest run of at least two zeros, the first of equals (RFC 5952, 4.2).
Run longest_zero_run(const std::array<std::uint16_t, 8>& groups) {
  Run best;
  for (int i = 0; i < 8;) {
    int end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best.length) best = {i, end - i};
    i = end + 1;
  }
  return best.length >= 2 ? best : Run{};
}

// RFC 5952: lower case, no leading zeros.
char* write_v6(char* out, const std::array<std::uint8_t, 16>& bytes) {
  std::array<std::uint16_t, 8> groups;
  for (int i = 0; i < 8; ++i) groups[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  const Run zeros = longest_zero_run(groups);
  for (int i = 0; i < 8;) {
    if (i == zeros.begin) {
      *out++ = ':';
      *out++ = ':';
      i += zeros.length;
      continue;
    }
    if (i > 0 && i != zeros.begin + zeros.length) *out++ = ':';
    out = std::to_chars(out, out + 4, groups[i], 16).ptr;
    ++i;
  }
  return out;
}

// The address with all bits past the prefix cleared.
IpAddress masked(const IpAddress& address, int prefix_bits) {
  std::array<std::uint8_t, 16> bytes = address.bytes();
  for (int i = 0; i < 16; ++i) {
    const int kept = std::clamp(prefix_bits - 8 * i, 0, 8);
    bytes[i] &= static_cast<std::uint8_t>(0xff00 >> kept);
  }
  return IpAddress::from_bytes(bytes);
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  if (const auto value = parse_v4(text)) return v4(*value);
  std::array<char, longest_address + 1> terminated{};
  const bool fits = text.size() <= longest_address && text.find('\0') == std::string_view::npos;
  if (fits && text.find(':') != std::string_view::npos) {
    std::memcpy(terminated.data(), text.data(), text.size());
    IpAddress address;
    if (inet_pton(AF_INET6, terminated.data(), address.bytes_.data()) == 1) return address;
  }
  return fail(Errc::invalid, "expected an IP address such as 192.0.2.1 or 2001:db8::1, not " + quoted(text));
}

IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress address;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes_.begin());
  for (int i = 0; i < 4; ++i) address.bytes_[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return address;
}

bool IpAddress::is_v4() const { return std::memcmp(bytes_.data(), mapped_prefix.data(), mapped_prefix.size()) == 0; }

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[12] == 127;
  return bytes_[15] == 1 && std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

std::uint32_t IpAddress::v4_host_order() const {
  TENFOLD_ASSERT(is_v4());
  return std::uint32_t{bytes_[12]} << 24 | std::uint32_t{bytes_[13]} << 16 | std::uint32_t{bytes_[14]} << 8 |
         bytes_[15];
}

std::size_t IpAddress::write_to(char* out) const {
  return static_cast<std::size_t>((is_v4() ? write_v4(out, bytes_.data() + 12) : write_v6(out, bytes_)) - out);
}

std::string IpAddress::text() const {
  std::array<char, longest_address + 1> out;
  return {out.data(), write_to(out.data())};
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto base = IpAddress::parse(text.substr(0, slash));
  if (!base)
    return fail(Errc::invalid, "expected a network such as 192.0.2.0/24 or 2001:db8::/32, not " + quoted(text));
  IpNetwork network;
  network.base_ = *base;
  if (slash == std::string_view::npos) return network;

  const bool dotted = text.substr(0, slash).find(':') == std::string_view::npos;
  const auto bits = parse_number(text.substr(slash + 1), dotted ? 32 : 128);
  if (!bits) {
    return fail(Errc::invalid, std::string("expected a prefix length from 0 to ") + (dotted ? "32" : "128") +
                                   " after the slash in " + quoted(text));
  }
  network.prefix_bits_ = static_cast<int>(*bits) + (dotted ? mapped_bits : 0);
  network.base_ = masked(*base, network.prefix_bits_);
  if (network.base_ != *base) {
    return fail(Errc::invalid, quoted(text) + " has bits set behind its prefix; the network is " + network.text());
  }
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
  // ::/0 means all of IPv6, and is not to take in IPv4 by way of the mapped form.
  if (prefix_bits_ < mapped_bits && address.is_v4()) return false;
  const auto whole = static_cast<std::size_t>(prefix_bits_ / 8);
  const auto& ours = base_.bytes();
  const auto& theirs = address.bytes();
  if (std::memcmp(ours.data(), theirs.data(), whole) != 0) return false;
  const int rest = prefix_bits_ % 8;
  return rest == 0 || ((ours[whole] ^ theirs[whole]) >> (8 - rest)) == 0;
}

std::string IpNetwork::text() const {
  if (prefix_bits_ == 128) return base_.text();
  const int bits = base_.is_v4() ? prefix_bits_ - mapped_bits : prefix_bits_;
  return base_.text() + '/' + std::to_string(bits);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const auto wrong = [&] {
    return fail(Errc::invalid,
                "expected an address and port such as 192.0.2.1:80 or [2001:db8::1]:80, not " + quoted(text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // Without the brackets it could not be told where an IPv6 address ends.
  if (bracketed != (host.find(':') != std::string_view::npos)) return wrong();
  const auto address = IpAddress::parse(host);
  const auto port = parse_number(text.substr(colon + 1), 65535);
  if (!address || !port) return wrong();
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

Endpoint Endpoint::from(const sockaddr_storage& storage) {
  Endpoint endpoint;
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &storage, sizeof v4);
    endpoint.address = IpAddress::v4(ntohl(v4.sin_addr.s_addr));
    endpoint.port = ntohs(v4.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &storage, sizeof v6);
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    endpoint.address = IpAddress::from_bytes(bytes);
    endpoint.port = ntohs(v6.sin6_port);
  }
  return endpoint;
}

socklen_t Endpoint::to(sockaddr_storage& storage) const {
  storage = {};
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(address.v4_host_order());
    std::memcpy(&storage, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, address.bytes().data(), address.bytes().size());
  std::memcpy(&storage, &v6, sizeof v6);
  return sizeof v6;
}

std::string Endpoint::text() const {
  const std::string host = address.is_v4() ? address.text() : '[' + address.text() + ']';
  return host + ':' + std::to_string(port);
}

}  // namespace tenfold::net
