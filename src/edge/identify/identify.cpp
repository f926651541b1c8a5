#include "edge/identify/identify.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "edge/forward/forwarding.hpp"
#include "guard/token/our_cookies.hpp"

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
  visit.client.credential = Credential::rehearsal;
  visit.rehearsal_run = visit.arena().copy(run);
}

// Ours are between the visitor and the edge: neither the cache nor the origin sees them.
void take_own_cookies(Visit& visit) {
  http::Headers& headers = visit.exchange.request().headers;
  bool emptied = false;
  for (http::Header& header : headers) {
    if (header.field != http::Field::cookie) continue;
    const std::string_view rest = guard::take_own_cookies(header.value, visit.arena(), visit.own_cookies);
    emptied |= rest.empty() && !header.value.empty();
    header.value = rest;
  }
  if (!emptied) return;
  headers.remove_if(
      [](const http::Header& header) { return header.field == http::Field::cookie && header.value.empty(); });
}

// Believed by nobody, and gone from here on.
std::string_view named_by_peer(const http::Headers& headers) {
  for (const http::Header& header : headers) {
    if (header.field == http::Field::x_forwarded_for || header.field == http::Field::forwarded) return header.value;
  }
  return {};
}

}  // namespace

void identify(Visit& visit) {
  std::optional<ProxyChain> chain;
  visit.client =
      client_facts(visit.policy->trusted_proxies, visit.exchange.client(),
                   visit.exchange.tls() != nullptr ? Scheme::https : Scheme::http, visit.request().headers, chain);
  if (!chain) visit.named_by_peer = named_by_peer(visit.request().headers);
  // As the client spoke, not the balancer: the origin may answer the two differently, so the cache must tell them
  // apart.
  http::RequestHead& request = visit.exchange.request();
  request.scheme = visit.client.scheme == Scheme::https ? "https" : "http";
  if (wants_websocket(request, visit.exchange.body_length())) visit.wish = Visit::Wish::websocket;
  look_for_rehearsal(visit);
  take_own_cookies(visit);
  keep_what_crosses(request, chain, visit.policy->via, visit.arena());
}

}  // namespace tenfold::edge
