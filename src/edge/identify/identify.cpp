#include "edge/identify/identify.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "edge/forward/forwarding.hpp"

namespace tenfold::edge {

namespace {

// Whether it is one of our own rehearsals that asks, told by its credential; nobody else's word for it crosses.
void look_for_rehearsal(Visit& visit) {
  http::RequestHead& request = visit.exchange.request();
  const std::string& secret = visit.policy->rehearsal_secret;
  const std::string_view run =
      visit.site.rehearsals.run_of(request.headers, secret, visit.site.loop.clock().wall_now());
  // As the origin sees it: an answer that varies by it is one for all rehearsals, and one for all others.
  if (run.empty()) {
    request.headers.remove(http::Field::tenfold_rehearsal);
    return;
  }
  request.headers.set(http::Field::tenfold_rehearsal, "verified");
  visit.client.standing = Standing::rehearsal;
  visit.rehearsal_run = visit.arena().copy(run);
}

}  // namespace

void identify(Visit& visit) {
  std::optional<ProxyChain> chain;
  visit.client =
      client_facts(visit.policy->trusted_proxies, visit.exchange.client(),
                   visit.exchange.tls() != nullptr ? Scheme::https : Scheme::http, visit.request().headers, chain);
  // As the client spoke, not the balancer: the origin may answer the two differently, so the cache must tell them
  // apart.
  http::RequestHead& request = visit.exchange.request();
  request.scheme = visit.client.scheme == Scheme::https ? "https" : "http";
  if (wants_websocket(request, visit.exchange.body_length())) visit.wish = Visit::Wish::websocket;
  look_for_rehearsal(visit);
  keep_what_crosses(request, chain, visit.policy->via, visit.arena());
}

}  // namespace tenfold::edge
