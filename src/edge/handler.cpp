#include "edge/handler.hpp"

#include <variant>

#include "edge/account.hpp"
#include "edge/forward/forwarding.hpp"
#include "edge/relay.hpp"
#include "edge/respond.hpp"

namespace tenfold::edge {

using cache::CacheStatus;
using cache::Forward;

namespace {

void identify(Visit& visit) {
  visit.client = client_facts(visit.policy->trusted_proxies, visit.exchange.client(),
                              visit.exchange.tls() != nullptr ? Scheme::https : Scheme::http, visit.request().headers);
  // As the client spoke, not the balancer: the origin may answer the two differently, so the cache must tell them
  // apart.
  http::RequestHead& request = visit.exchange.request();
  request.scheme = visit.client.scheme == Scheme::https ? "https" : "http";
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

// What is never passed on: 0 when the request may pass.
int refusal(const http::RequestHead& request) {
  switch (request.method) {
    case http::Method::connect:
    case http::Method::trace: return 405;  // a gateway is no tunnel, and TRACE would show the origin's view of cookies
    default: return 0;
  }
}

bool may_use_cache(const Visit& visit) {
  return visit.site.cache != nullptr && RouteCaching(visit.route->label) == RouteCaching::follow;
}

net::Task<void> answer_hit(Visit& visit, const cache::Hit& hit) {
  visit.cache_word = "HIT";
  visit.site.metrics.from_cache.add();
  CacheStatus status;
  status.ttl_s = hit.ttl_s;
  status.collapsed = hit.collapsed;
  return answer_from_entry(visit, *hit.entry, hit.age_s, status);
}

net::Task<void> answer_stale(Visit& visit, cache::Stale& stale) {
  visit.cache_word = "STALE";
  visit.site.metrics.from_cache.add();
  CacheStatus status;
  status.ttl_s = stale.ttl_s;
  if (stale.reason == cache::Stale::Reason::origin_failed) {
    visit.site.metrics.stale_on_error.add();
    status.detail = "stale-if-error";
  } else {
    status.detail = "stale-while-revalidate";
  }
  if (stale.refresh && visit.site.background.running() < visit.site.most_refreshes) {
    visit.site.background.spawn(refresh(visit.site, visit.policy, visit.route, visit.client,
                                        visit.exchange.client().address, std::make_unique<KeptRequest>(visit.request()),
                                        std::move(stale.refresh)));
  }
  return answer_from_entry(visit, *stale.entry, stale.age_s, status);
}

net::Task<void> answer_unavailable(Visit& visit, cache::Unavailable::Reason reason) {
  using Reason = cache::Unavailable::Reason;
  if (reason == Reason::cancelled)
    co_return;  // the client left: 499 in the access log, as where it had asked an origin
  int status = 503;
  if (reason == Reason::only_if_cached) status = 504;
  if (reason == Reason::fetch_failed) status = 502;
  co_await answer_with_error(visit, status);
}

// What remains to be done once the cache has been asked; never a Wait.
net::Task<void> answer_found(Visit& visit, cache::Found& found) {
  if (auto* hit = std::get_if<cache::Hit>(&found)) return answer_hit(visit, *hit);
  if (auto* stale = std::get_if<cache::Stale>(&found)) return answer_stale(visit, *stale);
  if (auto* gone = std::get_if<cache::Unavailable>(&found)) return answer_unavailable(visit, gone->reason);
  CacheStatus status;
  if (auto* miss = std::get_if<cache::Miss>(&found)) {
    visit.cache_word = "MISS";
    status.forward = miss->forward;
    return relay(visit, std::move(miss->fill), status);
  }
  visit.cache_word = "BYPASS";
  status.forward = Forward::bypass;
  if (auto* bypass = std::get_if<cache::Bypass>(&found)) {
    status.forward = bypass->forward;
    status.detail = bypass->detail;
  }
  return relay(visit, {}, status);
}

}  // namespace

net::Task<void> RequestHandler::handle(http::ServerExchange& exchange) {
  Visit visit(site_, exchange);
  identify(visit);
  // admit: the queue for scarce origin time belongs here (DESIGN.md, section 4).
  co_await answer(visit);
  account(visit);
}

net::Task<void> RequestHandler::answer(Visit& visit) {
  const http::RequestHead& request = visit.request();
  const ListenerPolicy& listener = visit.policy->listeners[listener_];
  if (const int status = refusal(request); status != 0) {
    co_await answer_with_error(visit, status);
    co_return;
  }
  if (listener.redirect_status != 0 && visit.client.scheme != Scheme::https) {
    co_await answer_with_redirect(visit, listener);
    co_return;
  }
  if (request.target == "*") {
    co_await answer_options(visit);
    co_return;
  }
  visit.route = site_.upstreams.route(request.method_name, request.authority, request.path());
  if (wants_upgrade(request)) {
    co_await relay_upgrade(visit);
    co_return;
  }
  if (!may_use_cache(visit)) {
    CacheStatus status;
    status.forward = Forward::bypass;
    visit.cache_word = "BYPASS";
    cache::Fill none;
    co_await relay(visit, std::move(none), status);
    co_return;
  }
  const auto key = site_.cache->key_of(request, visit.arena());
  if (!key) {
    CacheStatus status;
    status.forward = Forward::method;
    visit.cache_word = "BYPASS";
    cache::Fill none;
    co_await relay(visit, std::move(none), status);
    co_return;
  }
  cache::Found found = site_.cache->lookup(*key, request, visit.now());
  if (auto* wait = std::get_if<cache::Wait>(&found)) {
    const TimePoint deadline = visit.now() + visit.policy->coalesce_wait;
    auto waited =
        site_.cache->wait(std::move(*wait), *key, request, site_.loop, deadline, visit.exchange.client_left());
    found = co_await std::move(waited);
  }
  co_await answer_found(visit, found);
}

}  // namespace tenfold::edge
