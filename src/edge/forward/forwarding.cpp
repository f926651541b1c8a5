#include "edge/forward/forwarding.hpp"

#include <algorithm>
#include <array>

namespace tenfold::edge {

using http::Field;

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

namespace {

// Told anew by make_origin_head, or not the client's to say.
bool is_replaced(Field field) {
  switch (field) {
    case Field::x_forwarded_for:
    case Field::x_forwarded_host:
    case Field::x_forwarded_port:
    case Field::x_forwarded_proto:
    case Field::x_real_ip:
    case Field::forwarded:
    case Field::via:
    case Field::expect:  // answered by us
    case Field::tenfold_rehearsal: return true;
    default: return false;
  }
}

// Servers that hand fields to programs as variables (CGI, WSGI, PHP) write "-" as "_", so that X_Real_IP is X-Real-IP
// to them: a client could say with it what it is not the client's to say.
bool poses_as_another(const http::Header& header) {
  constexpr std::size_t longest = 32;  // of the names below
  std::array<char, longest> name;
  if (header.field != Field::other || header.name.size() > longest) return false;
  if (header.name.find('_') == std::string_view::npos) return false;
  std::ranges::replace_copy(header.name, name.begin(), '_', '-');
  const Field field = http::field_of({name.data(), header.name.size()});
  return is_hop_by_hop(field) || is_replaced(field) || field == Field::content_length || field == Field::host;
}

// The options of Connection that name fields; close and keep-alive are no fields.
bool is_named_by_connection(const http::Headers& headers, const http::Header& header) {
  return http::has_element(headers, Field::connection, header.name);
}

bool names_fields(const http::Headers& headers) {
  bool names = false;
  for (const http::Header& header : headers) {
    if (header.field != Field::connection) continue;
    http::for_each_element(header.value, [&](std::string_view option) {
      names = !http::equals_ignoring_case(option, "close") && !http::equals_ignoring_case(option, "keep-alive");
      return !names;
    });
  }
  return names;
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
    case Field::x_forwarded_for:
    case Field::x_forwarded_proto: return true;
    default: return false;
  }
}

std::string_view join_lines(const http::Headers& headers, Field field, std::string_view last, Arena& arena) {
  std::string_view joined;
  for (const http::Header& header : headers) {
    if (header.field != field || header.value.empty()) continue;
    joined = joined.empty() ? header.value : arena.join(joined, std::string_view(", "), header.value);
  }
  return joined.empty() ? last : arena.join(joined, std::string_view(", "), last);
}

std::string_view address_text(const net::IpAddress& address, Arena& arena) {
  constexpr std::size_t longest = 46;
  char* const at = arena.allocate(longest);
  return {at, address.write_to(at)};
}

std::string_view forwarded_element(const net::IpAddress& peer, std::string_view peer_text, std::string_view scheme,
                                   std::string_view host, Arena& arena) {
  const bool is_v4 = peer.is_v4();
  return arena.join(std::string_view(is_v4 ? "for=" : "for=\"["), peer_text, std::string_view(is_v4 ? ";" : "]\";"),
                    std::string_view("host=\""), host, std::string_view("\";proto="), scheme);
}

}  // namespace

void make_origin_head(const http::RequestHead& from_client, const ClientFacts& client, net::IpAddress peer,
                      http::RequestHead& for_origin, Arena& arena) {
  for_origin.method = from_client.method;
  for_origin.method_name = from_client.method_name;
  for_origin.scheme = from_client.scheme;
  for_origin.authority = from_client.authority;
  for_origin.target = from_client.target;
  for_origin.version = http::Version::http_1_1;

  const http::Headers& headers = from_client.headers;
  const bool drop_named = names_fields(headers);
  for (const http::Header& header : headers) {
    if (is_hop_by_hop(header.field) || is_replaced(header.field) || poses_as_another(header)) continue;
    if (drop_named && !is_end_to_end(header.field) && is_named_by_connection(headers, header)) continue;
    for_origin.headers.add(header);
  }

  const bool trusted = client.source == ClientSource::trusted_proxy;
  const std::string_view peer_text = address_text(peer, arena);
  const std::string_view scheme = client.scheme == Scheme::https ? "https" : "http";
  http::Headers& out = for_origin.headers;
  const std::string_view forwarded = forwarded_element(peer, peer_text, scheme, from_client.authority, arena);
  if (trusted) {
    out.add(Field::x_forwarded_for, join_lines(headers, Field::x_forwarded_for, peer_text, arena));
    if (headers.has(Field::forwarded))
      out.add(Field::forwarded, join_lines(headers, Field::forwarded, forwarded, arena));
  } else {
    out.add(Field::x_forwarded_for, peer_text);
  }
  out.add(Field::x_forwarded_proto, scheme);
  const auto claimed_host = trusted ? headers.find(Field::x_forwarded_host) : std::nullopt;
  out.add(Field::x_forwarded_host, claimed_host.value_or(from_client.authority));
  out.add(Field::x_real_ip, client.address == peer ? peer_text : address_text(client.address, arena));
  if (!out.has(Field::forwarded)) out.add(Field::forwarded, forwarded);
  const std::string_view version = from_client.version == http::Version::http_1_0 ? "1.0 tenfold" : "1.1 tenfold";
  if (client.standing == Standing::rehearsal) out.add(Field::tenfold_rehearsal, "verified");
  out.add(Field::via, headers.has(Field::via) ? join_lines(headers, Field::via, version, arena) : version);
}

void make_client_head(const http::ResponseHead& from_origin, http::ResponseHead& for_client) {
  for_client.status = from_origin.status;
  for_client.reason = from_origin.reason;
  const bool drop_named = names_fields(from_origin.headers);
  for (const http::Header& header : from_origin.headers) {
    if (is_hop_by_hop(header.field)) continue;
    if (header.field == Field::tenfold_challenge || header.field == Field::tenfold_queue) continue;
    if (drop_named && !is_end_to_end(header.field) && is_named_by_connection(from_origin.headers, header)) continue;
    for_client.headers.add(header);
  }
}

bool wants_upgrade(const http::RequestHead& request) {
  // Over a tunnel of h2c a client would speak to the origin past everything that is decided here: its requests would be
  // neither routed nor checked, and could say of themselves where they come from.
  return request.version == http::Version::http_1_1 && request.headers.has(Field::upgrade) &&
         http::has_element(request.headers, Field::connection, "upgrade") &&
         !http::has_element(request.headers, Field::upgrade, "h2c");
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
