#include "edge/worker/proxy_protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <system_error>

namespace tenfold::edge {
namespace {

using namespace std::string_view_literals;
using Status = ProxyHeader::Status;

constexpr std::string_view v1_signature = "PROXY ";
constexpr std::string_view v2_signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t v2_fixed_bytes = 16;  // signature, version and command, family, length

ProxyHeader invalid(std::string_view reason) { return {.status = Status::invalid, .reason = reason}; }

// True if the bytes are the signature's beginning, or begin with it.
bool may_begin_with(std::string_view bytes, std::string_view signature) {
  const std::size_t length = std::min(bytes.size(), signature.size());
  return bytes.substr(0, length) == signature.substr(0, length);
}

// ---- version 1: one line of text ----

// Takes the text up to the next space and the space; all that is left when there is none.
std::string_view take_word(std::string_view& text) {
  const std::size_t space = text.find(' ');
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  return word;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return {};
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stopped != end) return {};
  return port;
}

enum class V1Family : std::uint8_t { tcp4, tcp6 };

std::optional<net::IpAddress> parse_v1_address(std::string_view text, V1Family family) {
  if ((text.find(':') != std::string_view::npos) != (family == V1Family::tcp6)) return {};
  const auto address = net::IpAddress::parse(text);
  if (!address) return {};
  return *address;
}

ProxyHeader parse_v1_line(std::string_view line) {
  ProxyHeader header{.status = Status::complete, .consumed = line.size() + 2, .command = ProxyCommand::proxy};
  std::string_view rest = line.substr(v1_signature.size());
  const bool family_ends_line = rest.find(' ') == std::string_view::npos;
  const std::string_view family = take_word(rest);
  // "The receiver must ignore anything presented before the CRLF" behind UNKNOWN (the specification, 2.1).
  if (family == "UNKNOWN") return header;
  if (family != "TCP4" && family != "TCP6") return invalid("PROXY v1: neither TCP4, TCP6 nor UNKNOWN");
  if (family_ends_line) return invalid("PROXY v1: no addresses");

  const V1Family kind = family == "TCP4" ? V1Family::tcp4 : V1Family::tcp6;
  const auto source = parse_v1_address(take_word(rest), kind);
  const auto destination = parse_v1_address(take_word(rest), kind);
  if (!source || !destination) return invalid("PROXY v1: not an address of its family");
  const auto source_port = port_of(take_word(rest));
  const auto destination_port = port_of(rest);
  if (!source_port || !destination_port) return invalid("PROXY v1: not a port");
  header.source = net::Endpoint{*source, *source_port};
  header.destination = net::Endpoint{*destination, *destination_port};
  return header;
}

ProxyHeader parse_v1(std::string_view bytes) {
  const std::string_view window = bytes.substr(0, longest_proxy_v1_bytes);
  const std::size_t end = window.find_first_of("\r\n\0"sv);
  if (end == std::string_view::npos) {
    return bytes.size() < longest_proxy_v1_bytes ? ProxyHeader{} : invalid("PROXY v1: the line is too long");
  }
  if (bytes[end] != '\r') return invalid("PROXY v1: the line does not end with CR LF");
  if (end + 1 == longest_proxy_v1_bytes) return invalid("PROXY v1: the line is too long");
  if (end + 1 == bytes.size()) return {};
  if (bytes[end + 1] != '\n') return invalid("PROXY v1: the line does not end with CR LF");
  return parse_v1_line(bytes.substr(0, end));
}

// ---- version 2: binary ----

constexpr std::array<std::uint32_t, 256> make_crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78u : 0);
    table[i] = value;
  }
  return table;
}

// RFC 4960, appendix B; the polynomial 0x1EDC6F41 with its bits reversed.
constexpr std::array<std::uint32_t, 256> crc32c_table = make_crc32c_table();

std::uint8_t octet(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

std::uint16_t read_u16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(octet(bytes, at) << 8 | octet(bytes, at + 1));
}

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  return std::uint32_t{read_u16(bytes, at)} << 16 | read_u16(bytes, at + 2);
}

// The checksum of the whole header, taking the four bytes at `hole`, where the checksum itself stands, for zeros.
std::uint32_t crc32c_with_hole(std::string_view header, std::size_t hole) {
  std::uint32_t crc = ~0u;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::uint8_t byte = i - hole < 4 ? 0 : octet(header, i);
    crc = (crc >> 8) ^ crc32c_table[(crc ^ byte) & 0xff];
  }
  return ~crc;
}

constexpr std::uint8_t tlv_crc32c = 0x03;

// The extensions from `at` to the header's end: what is wrong with them, or nothing.
std::string_view check_extensions(std::string_view header, std::size_t at) {
  while (at < header.size()) {
    if (header.size() - at < 3) return "PROXY v2: an extension is cut off";
    const std::uint8_t type = octet(header, at);
    const std::size_t length = read_u16(header, at + 1);
    const std::size_t value = at + 3;
    if (header.size() - value < length) return "PROXY v2: an extension is longer than the header";
    if (type == tlv_crc32c) {
      if (length != 4) return "PROXY v2: the checksum is not of four bytes";
      if (read_u32(header, value) != crc32c_with_hole(header, value)) return "PROXY v2: the checksum is wrong";
    }
    at = value + length;
  }
  return {};
}

net::IpAddress read_v4(std::string_view bytes, std::size_t at) { return net::IpAddress::v4(read_u32(bytes, at)); }

net::IpAddress read_v6(std::string_view bytes, std::size_t at) {
  std::array<std::uint8_t, 16> address;
  for (std::size_t i = 0; i < address.size(); ++i) address[i] = octet(bytes, at + i);
  return net::IpAddress::from_bytes(address);
}

enum class Family : std::uint8_t { unspecified = 0, inet = 1, inet6 = 2, local = 3 };
enum class Transport : std::uint8_t { unspecified = 0, stream = 1, datagram = 2 };

std::size_t address_bytes(Family family) {
  switch (family) {
    case Family::unspecified: return 0;
    case Family::inet: return 2 * (4 + 2);
    case Family::inet6: return 2 * (16 + 2);
    case Family::local: return 2 * 108;
  }
  return 0;
}

void read_endpoints(std::string_view header, Family family, ProxyHeader& into) {
  constexpr std::size_t at = v2_fixed_bytes;
  if (family == Family::inet) {
    into.source = net::Endpoint{read_v4(header, at), read_u16(header, at + 8)};
    into.destination = net::Endpoint{read_v4(header, at + 4), read_u16(header, at + 10)};
  } else if (family == Family::inet6) {
    into.source = net::Endpoint{read_v6(header, at), read_u16(header, at + 32)};
    into.destination = net::Endpoint{read_v6(header, at + 16), read_u16(header, at + 34)};
  }
}

// All of the header is here.
ProxyHeader parse_v2_block(std::string_view header) {
  ProxyHeader result{.status = Status::complete, .consumed = header.size()};
  // LOCAL: the block is discarded, the family included (the specification, 2.2).
  if ((octet(header, 12) & 0x0f) == 0) return result;
  result.command = ProxyCommand::proxy;
  const auto family = static_cast<Family>(octet(header, 13) >> 4);
  const auto transport = static_cast<Transport>(octet(header, 13) & 0x0f);
  // Some senders put no extensions but an address of their own kind behind it: nothing there can be relied on.
  if (family == Family::unspecified) return result;
  const std::size_t extensions = v2_fixed_bytes + address_bytes(family);
  if (header.size() < extensions) return invalid("PROXY v2: the header is too short for its addresses");
  if (const std::string_view fault = check_extensions(header, extensions); !fault.empty()) return invalid(fault);
  if (transport == Transport::stream) read_endpoints(header, family, result);
  return result;
}

ProxyHeader parse_v2(std::string_view bytes) {
  if (bytes.size() > 12) {
    if (octet(bytes, 12) >> 4 != 2) return invalid("PROXY: the version is not 2");
    if ((octet(bytes, 12) & 0x0f) > 1) return invalid("PROXY v2: unknown command");
  }
  if (bytes.size() > 13) {
    const bool is_proxy = (octet(bytes, 12) & 0x0f) == 1;
    const bool known = octet(bytes, 13) >> 4 <= 3 && (octet(bytes, 13) & 0x0f) <= 2;
    if (is_proxy && !known) return invalid("PROXY v2: unknown family or transport");
  }
  if (bytes.size() < v2_fixed_bytes) return {};
  const std::size_t length = v2_fixed_bytes + read_u16(bytes, 14);
  if (length > longest_proxy_v2_bytes) return invalid("PROXY v2: the header is longer than 4096 bytes");
  if (bytes.size() < length) return {};
  return parse_v2_block(bytes.substr(0, length));
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (may_begin_with(bytes, v1_signature)) return bytes.size() < v1_signature.size() ? ProxyHeader{} : parse_v1(bytes);
  if (may_begin_with(bytes, v2_signature)) return bytes.size() < v2_signature.size() ? ProxyHeader{} : parse_v2(bytes);
  return invalid("no PROXY header");
}

net::Task<Result<ProxiedStart>> read_proxy_header(net::Stream& stream, TimePoint deadline) {
  std::string gathered;  // a header that came in pieces; longest_proxy_v2_bytes and one buffer at most
  while (true) {
    auto read = co_await stream.read(deadline);
    if (!read) co_return std::unexpected(std::move(read.error()));
    if (read->empty()) co_return fail(Errc::closed, "within the PROXY header");
    const std::size_t before = gathered.size();
    if (before > 0) gathered.append(read->view());
    const ProxyHeader header = parse_proxy_header(before > 0 ? std::string_view(gathered) : read->view());
    if (header.status == Status::invalid) co_return fail(Errc::invalid, std::string(header.reason));
    if (header.status == Status::complete) {
      read->remove_prefix(header.consumed - before);
      stream.put_back(std::move(*read));
      co_return ProxiedStart{header.command, header.source, header.destination};
    }
    if (before == 0) gathered.assign(read->view());
  }
}

}  // namespace tenfold::edge
