#include "edge/forward/forwarding.hpp"

#include <algorithm>
#include <cstddef>

#include "base/text/letters.hpp"
#include "edge/forward/claims.hpp"
#include "edge/kept_head.hpp"
#include "http/connection_options.hpp"

namespace tenfold::edge {

using http::Field;

namespace {

bool is_hop_by_hop(Field field) {
  switch (field) {
    case Field::connection:
    case Field::keep_alive:
    case Field::proxy_authenticate:
    case Field::proxy_authorization:
    case Field::proxy_connection:
    case Field::te:
    case Field::trailer:
    case Field::transfer_encoding:
    case Field::upgrade: return true;
    default: return false;
  }
}

// Said by make_origin_head, or by nobody.
bool is_ours(Field field) {
  switch (field) {
    case Field::x_forwarded_for:
    case Field::x_forwarded_host:
    case Field::x_forwarded_port:
    case Field::x_forwarded_proto:
    case Field::x_real_ip:
    case Field::forwarded:
    case Field::tenfold_challenge:
    case Field::tenfold_queue:
    case Field::expect: return true;  // passed on by who waits for the body
    default: return false;
  }
}

// Made by make_origin_head of what is there.
bool is_made_here(Field field) {
  return field == Field::x_forwarded_for || field == Field::via || field == Field::tenfold_rehearsal;
}

// Fields that a Connection header must not take away from a message (RFC 9110, 7.6.1, last paragraph but two): a client
// could otherwise make the edge drop what the origin relies on.
bool is_end_to_end(Field field) {
  switch (field) {
    case Field::host:
    case Field::content_length:
    case Field::content_type:
    case Field::cookie:
    case Field::authorization:
    case Field::cache_control:
    case Field::tenfold_rehearsal:
    case Field::x_forwarded_for:
    case Field::x_forwarded_proto: return true;
    default: return false;
  }
}

bool is_removed(const http::Header& header, const http::ConnectionOptions& named) {
  return !named.empty() && !is_end_to_end(header.field) && named.names(header.name);
}

// One list of all the field's lines and one more element. One allocation: the lines are a stranger's, and many.
std::string_view join_lines(const http::Headers& headers, Field field, std::string_view last, Arena& arena) {
  constexpr std::string_view comma = ", ";
  std::size_t bytes = last.size();
  for (const http::Header& header : headers) {
    if (header.field == field && !header.value.empty()) bytes += header.value.size() + comma.size();
  }
  if (bytes == last.size()) return last;
  char* const start = arena.allocate(bytes);
  char* at = start;
  for (const http::Header& header : headers) {
    if (header.field != field || header.value.empty()) continue;
    at = std::ranges::copy(header.value, at).out;
    at = std::ranges::copy(comma, at).out;
  }
  std::ranges::copy(last, at);
  return {start, bytes};
}

constexpr std::size_t longest_address = 46;

std::string_view address_text(const net::IpAddress& address, Arena& arena) {
  char* const at = arena.allocate(longest_address);
  return {at, address.write_to(at)};
}

// The client first, as X-Forwarded-For has it.
std::string_view chain_text(const ProxyChain& chain, Arena& arena) {
  char* const start = arena.allocate(static_cast<std::size_t>(chain.length) * (longest_address + 2));
  char* at = start;
  for (int i = chain.length - 1; i >= 0; --i) {
    at += chain.hops[static_cast<std::size_t>(i)].write_to(at);
    if (i > 0) at = std::ranges::copy(std::string_view(", "), at).out;
  }
  return {start, static_cast<std::size_t>(at - start)};
}

char* write_node(char* at, std::string_view address) {
  const bool is_v4 = address.find(':') == std::string_view::npos;
  at = std::ranges::copy(std::string_view(is_v4 ? "for=" : "for=\"["), at).out;
  at = std::ranges::copy(address, at).out;
  return is_v4 ? at : std::ranges::copy(std::string_view("]\""), at).out;
}

// RFC 7239, of the addresses in X-Forwarded-For. What the client asked for stands in the first element alone: readers
// of the first and of the last that has it find the same.
std::string_view forwarded_text(std::string_view addresses, std::string_view scheme, std::string_view host,
                                Arena& arena) {
  constexpr std::size_t around_address = 10;  // `for="[]", `
  constexpr std::size_t around_rest = 16;     // `;host="";proto=`
  const auto count = static_cast<std::size_t>(std::ranges::count(addresses, ',')) + 1;
  char* const start =
      arena.allocate(addresses.size() + count * around_address + around_rest + host.size() + scheme.size());
  char* at = start;
  for (bool first = true; !addresses.empty(); first = false) {
    const std::string_view address = addresses.substr(0, addresses.find(','));
    addresses.remove_prefix(std::min(addresses.size(), address.size() + 2));
    if (!first) at = std::ranges::copy(std::string_view(", "), at).out;
    at = write_node(at, address);
    if (!first) continue;
    if (!host.empty()) {
      at = std::ranges::copy(std::string_view(";host=\""), at).out;
      at = std::ranges::copy(host, at).out;
      *at++ = '"';
    }
    at = std::ranges::copy(std::string_view(";proto="), at).out;
    at = std::ranges::copy(scheme, at).out;
  }
  return {start, static_cast<std::size_t>(at - start)};
}

// 16 bytes in base64 (RFC 6455, 4.1).
bool is_websocket_key(std::string_view key) {
  constexpr std::size_t encoded_bytes = 24;
  if (key.size() != encoded_bytes || !key.ends_with("==")) return false;
  return std::ranges::all_of(key.substr(0, encoded_bytes - 2),
                             [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; });
}

// The only line of that name.
std::optional<std::string_view> find_only(const http::Headers& headers, std::string_view name) {
  std::optional<std::string_view> found;
  for (const http::Header& header : headers) {
    if (!http::equals_ignoring_case(header.name, name)) continue;
    if (found) return {};
    found = header.value;
  }
  return found;
}

}  // namespace

bool may_cross(const http::Header& header) {
  if (header.field == Field::other) return !is_claim(header.name);
  return !is_hop_by_hop(header.field) && !is_ours(header.field);
}

void keep_what_crosses(http::RequestHead& request, const std::optional<ProxyChain>& chain, Via via, Arena& arena) {
  const http::ConnectionOptions named(request.headers);
  request.headers.remove_if([&](const http::Header& header) {
    return !may_cross(header) || is_removed(header, named) || (header.field == Field::via && via == Via::off);
  });
  if (chain && chain->length > 0) request.headers.add(Field::x_forwarded_for, chain_text(*chain, arena));
}

void make_origin_head(const http::RequestHead& from_client, const ClientFacts& client, net::IpAddress peer, Via via,
                      http::RequestHead& for_origin, Arena& arena) {
  for_origin.method = from_client.method;
  for_origin.method_name = from_client.method_name;
  for_origin.scheme = from_client.scheme;
  for_origin.authority = from_client.authority;
  for_origin.target = from_client.target;
  for_origin.version = http::Version::http_1_1;
  http::Headers& out = for_origin.headers;
  for (const http::Header& header : from_client.headers) {
    if (!is_made_here(header.field)) out.add(header);
  }
  const std::string_view peer_text = address_text(peer, arena);
  const std::string_view scheme = client.scheme == Scheme::https ? "https" : "http";
  const std::string_view addresses = join_lines(from_client.headers, Field::x_forwarded_for, peer_text, arena);
  out.add(Field::x_forwarded_for, addresses);
  out.add(Field::x_forwarded_proto, scheme);
  out.add(Field::x_forwarded_host, from_client.authority);
  out.add(Field::x_real_ip, client.address == peer ? peer_text : address_text(client.address, arena));
  out.add(Field::forwarded, forwarded_text(addresses, scheme, from_client.authority, arena));
  if (client.credential == Credential::rehearsal) out.add(Field::tenfold_rehearsal, "verified");
  if (via == Via::off) return;
  const std::string_view version = from_client.version == http::Version::http_1_0 ? "1.0 tenfold" : "1.1 tenfold";
  out.add(Field::via, join_lines(from_client.headers, Field::via, version, arena));
}

namespace {

// Fields with which only Tenfold speaks to its clients.
bool is_our_own(const http::Header& header) {
  constexpr std::string_view prefix = "tenfold-";
  return http::equals_ignoring_case(header.name.substr(0, prefix.size()), prefix);
}

}  // namespace

std::unique_ptr<http::Headers> client_trailers(const http::Headers& from_origin, Arena& arena) {
  if (from_origin.empty()) return nullptr;
  auto for_client = std::make_unique<http::Headers>();
  for (const http::Header& header : from_origin) {
    if (!is_hop_by_hop(header.field) && !is_our_own(header)) for_client->add(header);
  }
  keep_texts(*for_client, arena);
  return for_client;
}

void make_client_head(const http::ResponseHead& from_origin, http::ResponseHead& for_client) {
  for_client.status = from_origin.status;
  for_client.reason = from_origin.reason;
  const http::ConnectionOptions named(from_origin.headers);
  for (const http::Header& header : from_origin.headers) {
    if (is_hop_by_hop(header.field) || is_removed(header, named)) continue;
    if (is_our_own(header)) continue;
    for_client.headers.add(header);
  }
}

bool wants_websocket(const http::RequestHead& request, http::BodyLength body) {
  if (request.method != http::Method::get || request.version != http::Version::http_1_1) return false;
  if (body.kind != http::BodyLength::Kind::none) return false;
  if (!http::has_element(request.headers, Field::upgrade, "websocket")) return false;
  if (!http::has_element(request.headers, Field::connection, "upgrade")) return false;
  const auto key = find_only(request.headers, "Sec-WebSocket-Key");
  return key && is_websocket_key(*key) && find_only(request.headers, "Sec-WebSocket-Version") == "13";
}

bool agrees_to_websocket(const http::ResponseHead& response) {
  return response.status == 101 && http::has_element(response.headers, Field::upgrade, "websocket");
}

std::string_view find_cookie(const http::Headers& headers, std::string_view name) {
  for (const http::Header& header : headers) {
    if (header.field != Field::cookie) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t end = rest.find(';');
      std::string_view pair = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    }
  }
  return {};
}

}  // namespace tenfold::edge
