#include "edge/identify/client_address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <system_error>

#include "base/text/letters.hpp"
#include "http/rules/quoting.hpp"

namespace tenfold::edge {
namespace {

using net::IpAddress;

// ---- the table of trusted networks ----

IpAddress highest_of(const net::IpNetwork& network) {
  std::array<std::uint8_t, 16> bytes = network.base().bytes();
  for (int i = 0; i < 16; ++i) {
    const int kept = std::clamp(network.prefix_bits() - 8 * i, 0, 8);
    bytes[i] |= static_cast<std::uint8_t>(0xff >> kept);
  }
  return IpAddress::from_bytes(bytes);
}

IpAddress moved_by(const IpAddress& address, int step) {
  std::array<std::uint8_t, 16> bytes = address.bytes();
  for (int i = 15; i >= 0; --i) {
    bytes[i] = static_cast<std::uint8_t>(bytes[i] + step);
    if (bytes[i] != (step > 0 ? 0x00 : 0xff)) break;
  }
  return IpAddress::from_bytes(bytes);
}

// ---- one element ----

// What an element says about the hop that it stands for.
struct Hop {
  std::optional<net::Endpoint> from;  // empty: not told
  std::optional<Scheme> scheme;
};

std::optional<Scheme> parse_scheme(std::string_view text) {
  if (http::equals_ignoring_case(text, "https")) return Scheme::https;
  if (http::equals_ignoring_case(text, "http")) return Scheme::http;
  return {};
}

// A number; or 0, "not told", for RFC 7239's obfuscated port "_..." (6.3). Empty for anything else.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.size() > 1 && text.front() == '_') return std::uint16_t{0};
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  if (text.empty() || error != std::errc() || stopped != end) return {};
  return port;
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80". Empty for "unknown", "_hidden" and
// whatever else is no address.
std::optional<net::Endpoint> parse_node(std::string_view text) {
  std::string_view host = text;
  std::string_view port_part;
  if (!text.empty() && text.front() == '[') {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return {};
    host = text.substr(1, bracket - 1);
    port_part = text.substr(bracket + 1);
    if (host.find(':') == std::string_view::npos) return {};
  } else if (std::ranges::count(text, ':') == 1) {
    host = text.substr(0, text.find(':'));
    port_part = text.substr(text.find(':'));
  }
  // Cheaper than the refusal's message for what is plainly no address.
  constexpr std::size_t longest_address = 45;
  if (host.empty() || host.size() > longest_address) return {};
  const auto address = IpAddress::parse(host);
  if (!address) return {};
  if (port_part.empty()) return net::Endpoint{*address, 0};
  const auto port = port_part.front() == ':' ? parse_port(port_part.substr(1)) : std::nullopt;
  if (!port) return {};
  return net::Endpoint{*address, *port};
}

// ---- the hops, from the one nearest to us ----

// At most longest_proxy_chain, the last of the list first.
struct Elements {
  std::array<Hop, longest_proxy_chain> hops;
  int length = 0;
};

// Calls visit(element) for the field's elements, the last of the last line first, without regard to quotes; empty ones
// too. visit returns false to stop.
template <class F>
void for_each_from_right(const http::Headers& headers, http::Field field, F&& visit) {
  for (auto line = headers.end(); line != headers.begin();) {
    --line;
    if (line->field != field) continue;
    std::string_view rest = line->value;
    while (true) {
      const std::size_t comma = rest.rfind(',');
      const std::size_t start = comma == std::string_view::npos ? 0 : comma + 1;
      if (!visit(trimmed(rest.substr(start)))) return;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
}

// The value of one of Forwarded's pairs, unquoted into `room` where it has escapes; empty when it is malformed.
std::string_view unquoted(std::string_view value, std::array<char, 64>& room) {
  if (value.empty() || value.front() != '"') return value.find('"') == std::string_view::npos ? value : "";
  if (value.size() < 2 || value.back() != '"') return {};
  value = value.substr(1, value.size() - 2);
  if (value.find_first_of("\\\"") == std::string_view::npos) return value;
  std::size_t length = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '"') return {};
    if (value[i] == '\\' && ++i == value.size()) return {};
    if (length == room.size()) return {};
    room[length++] = value[i];
  }
  return {room.data(), length};
}

// RFC 7239, 4: pairs in any order, names in any case, none twice. Nothing is taken from an element with a malformed
// pair.
Hop parse_forwarded(std::string_view element) {
  Hop hop;
  bool has_for = false;
  std::array<char, 64> room;
  for (std::size_t start = 0; start < element.size();) {
    const std::size_t end = http::find_unquoted(element, ';', start);
    const std::string_view pair = trimmed(element.substr(start, end - start));
    start = end + 1;
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return {};
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value = unquoted(pair.substr(equals + 1), room);
    if (http::equals_ignoring_case(name, "for")) {
      if (has_for) return {};
      has_for = true;
      hop.from = parse_node(value);
    } else if (http::equals_ignoring_case(name, "proto")) {
      hop.scheme = parse_scheme(value);
    }
  }
  return hop;
}

// Quotes make the list readable from the left only: the last elements are kept in a ring.
Elements read_forwarded(const http::Headers& headers) {
  std::array<std::string_view, longest_proxy_chain> last;
  std::size_t count = 0;
  for (const http::Header& line : headers) {
    if (line.field != http::Field::forwarded) continue;
    http::for_each_element(line.value, [&](std::string_view element) {
      last[count++ % longest_proxy_chain] = element;
      return true;
    });
  }
  Elements elements;
  while (count > 0 && elements.length < longest_proxy_chain) {
    elements.hops[static_cast<std::size_t>(elements.length++)] = parse_forwarded(last[--count % longest_proxy_chain]);
  }
  return elements;
}

struct Found {
  net::Endpoint client;
  ProxyChain& chain;

  void take(const net::Endpoint& named) {
    client = named;
    chain.hops[static_cast<std::size_t>(chain.length++)] = named.address;
  }
};

// From the right for as long as the addresses are trusted ones.
void walk_forwarded_for(const TrustedNetworks& trusted, const http::Headers& headers, Found& found) {
  int looked_at = 0;
  for_each_from_right(headers, http::Field::x_forwarded_for, [&](std::string_view element) {
    if (looked_at++ == longest_proxy_chain) return false;
    if (element.empty()) return true;
    const auto node = parse_node(element);
    if (!node) return false;
    found.take(*node);
    return trusted.contains(node->address);
  });
}

void walk_elements(const TrustedNetworks& trusted, const Elements& elements, Found& found) {
  while (found.chain.length < elements.length) {
    const auto& from = elements.hops[static_cast<std::size_t>(found.chain.length)].from;
    if (!from) break;
    found.take(*from);
    if (!trusted.contains(found.client.address)) break;
  }
}

// The proxies append to X-Forwarded-Proto as they do to X-Forwarded-For, or keep a single value: the element as far
// from the right as the client's, or the leftmost when there are fewer. What the client itself may have written lies
// further left.
std::optional<Scheme> forwarded_scheme(const http::Headers& headers, int depth) {
  std::optional<Scheme> scheme;
  int at = 0;
  for_each_from_right(headers, http::Field::x_forwarded_proto, [&](std::string_view element) {
    if (element.empty()) return ++at < longest_proxy_chain;
    scheme = parse_scheme(element);
    return ++at < std::max(depth, 1);
  });
  return scheme;
}

}  // namespace

std::uint64_t client_label(const net::IpAddress& address) {
  // IPv4 gets the prefix of multicast (RFC 4291, 2.7), from which no connection comes.
  if (address.is_v4()) return 0xffff'0000'0000'0000 | address.v4_host_order();
  std::uint64_t network = 0;
  for (std::size_t i = 0; i < 8; ++i) network = network << 8 | address.bytes()[i];
  return std::max<std::uint64_t>(network, 1);
}

TrustedNetworks::TrustedNetworks(std::span<const net::IpNetwork> networks) {
  const IpAddress first_v4 = IpAddress::v4(0);
  const IpAddress last_v4 = IpAddress::v4(0xffffffff);
  for (const net::IpNetwork& network : networks) {
    const Range range{network.base(), highest_of(network)};
    // An IPv6 network that spans the mapped addresses does not take in IPv4, as IpNetwork::contains says.
    if (range.first < first_v4 && range.last > last_v4) {
      ranges_.push_back({range.first, moved_by(first_v4, -1)});
      ranges_.push_back({moved_by(last_v4, 1), range.last});
    } else {
      ranges_.push_back(range);
    }
  }
  std::ranges::sort(ranges_, {}, &Range::first);
  std::vector<Range> merged;
  for (const Range& range : ranges_) {
    if (!merged.empty() && range.first <= merged.back().last) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  ranges_ = std::move(merged);
}

bool TrustedNetworks::contains(const IpAddress& address) const {
  const auto above = std::ranges::upper_bound(ranges_, address, {}, &Range::first);
  return above != ranges_.begin() && address <= std::prev(above)->last;
}

ClientFacts detail::facts_from_proxy(const TrustedNetworks& trusted, const net::Endpoint& peer, Scheme connection,
                                     const http::Headers& headers, ProxyChain& chain) {
  Found found{peer, chain};
  std::optional<Scheme> scheme;
  if (headers.has(http::Field::x_forwarded_for)) {
    walk_forwarded_for(trusted, headers, found);
  } else if (headers.has(http::Field::forwarded)) {
    const Elements elements = read_forwarded(headers);
    walk_elements(trusted, elements, found);
    const int saw_client = std::max(chain.length, 1) - 1;
    if (elements.length > 0) scheme = elements.hops[static_cast<std::size_t>(saw_client)].scheme;
  }
  if (!scheme) scheme = forwarded_scheme(headers, chain.length);
  const ClientSource source = chain.length > 0 ? ClientSource::trusted_proxy : ClientSource::connection;
  return {found.client.address, found.client.port, source, scheme.value_or(connection)};
}

}  // namespace tenfold::edge
