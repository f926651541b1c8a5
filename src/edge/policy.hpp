#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "edge/client_address.hpp"
#include "edge/error_page.hpp"
#include "edge/forward/forwarding.hpp"
#include "http/server.hpp"
#include "net/address.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::edge {

using namespace std::chrono_literals;

// What may change while the edge runs, of one listener.
struct ListenerPolicy {
  std::shared_ptr<const net::TlsServerContext> tls;  // null: plain HTTP
  int redirect_status = 0;                           // 0: requests are served; else 301, 302, 307 or 308 to https
  std::uint16_t redirect_port = 443;
  // Connections from these networks must begin with a PROXY header; none: no such header is understood.
  TrustedNetworks proxy_protocol_from;
};

// What a route says of the cache: its origin::RouteSettings::label, so that route and caching change together in a
// reload.
enum class RouteCaching : std::uint32_t { follow, bypass };

// What may change while the edge runs. Immutable: a reload makes a new one, and requests under way keep theirs.
struct Policy {
  std::vector<ListenerPolicy> listeners;  // one for each listener, in their order
  TrustedNetworks trusted_proxies;
  http::ServerLimits limits;
  std::uint32_t connections = 65'536;      // from clients, in all; past it a new one is closed at once
  Duration handshake_timeout = 10s;        // for TLS and the PROXY header
  Duration answer_deadline = 60s;          // for an origin's head, all attempts and waiting included
  Duration stale_patience = 2s;            // for the same, where a stale entry can be shown instead
  Duration between_bytes = 30s;            // of an origin's body
  Duration longest_refresh = 1min;         // for a whole body that only the cache waits for; past it the next one asks
  Duration tunnel_idle = 1h;               // a tunnel (WebSocket) with nothing sent either way for this long is closed
  Duration coalesce_wait = 10s;            // for another request's fetch
  std::uint32_t gather_bytes = 64 * 1024;  // origin::FetchRequest::gather_bytes
  Via via = Via::on;                       // what the origins are told in Via
  std::string rehearsal_secret;            // of our own rehearsals; empty: none is recognised
  std::shared_ptr<const ErrorPages> error_pages;
};

}  // namespace tenfold::edge
