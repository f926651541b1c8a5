#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "edge/forward/forwarding.hpp"
#include "edge/identify/client_address.hpp"
#include "edge/respond/error_page.hpp"
#include "edge/settings.hpp"
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

// What may change while the edge runs. Immutable: a reload makes a new one, and requests under way keep theirs.
struct Policy {
  std::vector<ListenerPolicy> listeners;  // one for each listener, in their order
  TrustedNetworks trusted_proxies;
  Limits limits;
  Duration stale_patience = 2s;  // for an origin's head, where a stale entry can be shown instead
  // From a request's arrival, where only servers are left that answer no health checks and the request may be repeated:
  // most visitors are gone by then, and each that waits holds a place at a server that may be drowning.
  Duration last_resort_patience = 10s;
  Duration longest_refresh = 1min;  // for a whole body that only the cache waits for; past it the next one asks
  Duration coalesce_wait = usual_coalesce_wait;
  std::uint32_t gather_bytes = 64 * 1024;  // origin::FetchRequest::gather_bytes
  Via via = Via::on;                       // what the origins are told in Via
  std::string rehearsal_secret;            // of our own rehearsals; empty: none is recognised
  std::shared_ptr<const ErrorPages> error_pages;
};

}  // namespace tenfold::edge
