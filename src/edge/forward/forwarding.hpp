#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/arena.hpp"
#include "edge/identify/client_address.hpp"
#include "http/exchange.hpp"
#include "http/message.hpp"

namespace tenfold::edge {

// Whether the origin is told, in Via, that a request came through here (RFC 9110, 7.6.3). Off: not even of proxies
// before us, since some servers answer otherwise than without it (nginx does not compress then).
enum class Via : std::uint8_t { on, off };

// Takes out of a request, once and before a cache is asked, what must not cross to the origin: fields that belong to
// the connection (Connection, all that any Connection line names, and those that were in use before it; RFC
// 9110, 7.6.1), and what is not the client's to say (is_claim() in claims.hpp), even through a trusted proxy. Of
// X-Forwarded-For the believed chain stays, the client first. What is left is what the origin will be sent, but for
// what make_origin_head() adds, so that a cache which tells requests apart by their fields tells apart what the origin
// tells apart.
void keep_what_crosses(http::RequestHead& request, const std::optional<ProxyChain>& chain, Via via, Arena& arena);

// True for a field that a message may carry on to the other side, its Connection fields aside. For trailers.
bool may_cross(const http::Header& header);

// Makes the head for the origin of one that keep_what_crosses() has been through. X-Forwarded-For, -Proto and -Host,
// X-Real-IP, Forwarded and Via come; the first five say the same of the client, and all but the addresses are in every
// cache key. Tenfold-Rehearsal says "verified" for a rehearsal of ours. Texts are in the client's head and the arena.
void make_origin_head(const http::RequestHead& from_client, const ClientFacts& client, net::IpAddress peer, Via via,
                      http::RequestHead& for_origin, Arena& arena);

// Makes the head for the client of the origin's: without hop-by-hop fields and those with which only Tenfold speaks.
void make_client_head(const http::ResponseHead& from_origin, http::ResponseHead& for_client);

// The trailer fields of an origin's answer that may go on to the client, as in its head; null: none. Texts are in the
// arena.
std::unique_ptr<http::Headers> client_trailers(const http::Headers& from_origin, Arena& arena);

// True for a whole handshake of the WebSocket protocol (RFC 6455, 4.2.1): the only protocol that is changed to. Over a
// tunnel of another one (h2c above all) a client would speak to the origin past everything that is decided here.
bool wants_websocket(const http::RequestHead& request, http::BodyLength body);

// True if the origin's 101 is the answer to it.
bool agrees_to_websocket(const http::ResponseHead& response);

// The value of the first cookie of that name that the client sent (RFC 6265, 5.4); empty: none.
std::string_view find_cookie(const http::Headers& headers, std::string_view name);

}  // namespace tenfold::edge
