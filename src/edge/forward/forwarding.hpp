#pragma once

#include <string_view>

#include "base/arena.hpp"
#include "edge/client_address.hpp"
#include "http/exchange.hpp"
#include "http/message.hpp"

namespace tenfold::edge {

// True for a field that belongs to one connection only and must not be passed on (RFC 9110, 7.6.1): Connection, what it
// names, and those that were in use before it.
bool is_hop_by_hop(http::Field field);

// Makes the head for the origin of the one that the client sent: hop-by-hop fields go, X-Forwarded-For, -Proto and
// -Host, X-Real-IP, Forwarded and Via come (those from clients that are not trusted proxies are replaced, not appended
// to). Tenfold-Rehearsal says "verified" for a rehearsal of ours, whatever the client wrote there. Texts are in the
// client's head and the arena.
void make_origin_head(const http::RequestHead& from_client, const ClientFacts& client, net::IpAddress peer,
                      http::RequestHead& for_origin, Arena& arena);

// Makes the head for the client of the origin's: without hop-by-hop fields and those with which only Tenfold speaks.
void make_client_head(const http::ResponseHead& from_origin, http::ResponseHead& for_client);

// True for a well-formed request to change protocols (RFC 9110, 7.8): Upgrade and its Connection option, HTTP/1.1.
bool wants_upgrade(const http::RequestHead& request);

// The value of the first cookie of that name that the client sent (RFC 6265, 5.4); empty: none.
std::string_view find_cookie(const http::Headers& headers, std::string_view name);

}  // namespace tenfold::edge
