#include "edge/handler.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "base/result.hpp"
#include "cache/key/key.hpp"
#include "edge/access_log/account.hpp"
#include "edge/admit/measure.hpp"
#include "edge/admit/meet.hpp"
#include "edge/admit/shut_out.hpp"
#include "edge/complaints.hpp"
#include "edge/identify/identify.hpp"
#include "edge/relay/inherited.hpp"
#include "edge/relay/refresh.hpp"
#include "edge/relay/relay.hpp"
#include "edge/relay/upgrade.hpp"
#include "edge/respond/guard_answers.hpp"
#include "edge/respond/respond.hpp"
#include "http/normal_path.hpp"
#include "http/overlong.hpp"

namespace tenfold::edge {

using cache::CacheWord;
using cache::Forward;

namespace {

// What is never passed on: 0 when the request may pass.
int refusal(const http::RequestHead& request) {
  switch (request.method) {
    case http::Method::connect:
    case http::Method::trace: return 405;  // a gateway is no tunnel, and TRACE would show the origin's view of cookies
    default: return 0;
  }
}

// How far OPTIONS may travel (RFC 9110, 7.6.2): true when no further than here; else one hop less from here on. What is
// no number is passed on as it is.
bool is_last_hop(Visit& visit) {
  http::RequestHead& request = visit.exchange.request();
  if (request.method != http::Method::options) return false;
  const auto field = request.headers.find(http::Field::max_forwards);
  if (!field) return false;
  std::uint64_t hops = 0;
  const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), hops);
  if (error != std::errc() || end != field->data() + field->size()) return false;
  if (hops == 0) return true;
  constexpr std::size_t longest = 20;
  char* const text = visit.arena().allocate(longest);
  const char* const text_end = std::to_chars(text, text + longest, hops - 1).ptr;
  request.headers.set(http::Field::max_forwards, {text, static_cast<std::size_t>(text_end - text)});
  return false;
}

// HTTP/1.0 may come without Host, but an HTTP/1.1 origin must get one (RFC 9112, 3.2): the address that was asked. It
// is the page's host for the cache too, since origins may answer two addresses differently; and the origin is sent it
// as the cache's key has it.
void name_host(Visit& visit) {
  http::RequestHead& request = visit.exchange.request();
  const std::string_view asked =
      request.authority.empty() ? visit.arena().copy(visit.exchange.local().text()) : request.authority;
  const std::string_view normal = cache::normal_authority(request.scheme, asked, visit.arena());
  if (normal.size() == request.authority.size() && normal.data() == request.authority.data()) return;
  request.authority = normal;
  request.headers.set(http::Field::host, normal);
}

// What an origin makes of a body in a GET is nobody's business but the client's (RFC 9110, 9.3.1): with one a request
// neither reads nor fills the cache.
bool brings_body(const Visit& visit) {
  const http::BodyLength length = visit.exchange.body_length();
  return length.kind == http::BodyLength::Kind::unknown || length.bytes > 0;
}

bool may_use_cache(const Visit& visit) {
  return visit.site.cache != nullptr && visit.caching == RouteCaching::follow && !brings_body(visit);
}

enum class Routing : std::uint8_t { found, refused };

// The route is that of the normal path, however the path is spelt. Where the two differ, the spelling's own route has a
// word in one thing: what either of them keeps out of the cache stays out, since nobody knows which of the two the
// origin will serve. What can be read in still more ways is never for the cache.
Routing find_route(Visit& visit) {
  const http::RequestHead& request = visit.request();
  const std::string_view path = http::normal_path(request.path(), visit.arena());
  visit.path = path;
  if (path.find('\0') != std::string_view::npos) return Routing::refused;
  if (http::overlong_in(request.path()) == http::Overlong::climbs) return Routing::refused;
  const auto route_of = [&](std::string_view of) {
    return visit.site.upstreams.route(request.method_name, request.authority, of);
  };
  visit.route = route_of(path);
  visit.caching = RouteCaching(visit.route->label);
  const bool other_route_bypasses =
      path != request.path() && RouteCaching(route_of(request.path())->label) == RouteCaching::bypass;
  if (other_route_bypasses || http::has_more_readings(request.path())) visit.caching = RouteCaching::bypass;
  return Routing::found;
}

net::Task<void> answer_hit(Visit& visit, cache::Hit& hit) {
  visit.site.metrics.from_cache.add();
  visit.cache = {.word = CacheWord::hit, .collapsed = hit.collapsed};
  if (hit.backed) pay_for_ride(visit);
  return answer_from_entry(visit, std::move(hit.entry));
}

void start_refresh(Visit& visit, cache::Fill refreshing) {
  if (!refreshing || visit.site.background.running() >= visit.site.most_refreshes) return;
  visit.site.background.spawn(refresh(visit.site, visit.policy, visit.route, visit.client,
                                      visit.exchange.client().address, std::make_unique<KeptRequest>(visit.request()),
                                      std::move(refreshing)));
}

net::Task<void> answer_unavailable(Visit& visit, cache::Unavailable::Reason reason) {
  using Reason = cache::Unavailable::Reason;
  if (reason == Reason::cancelled)
    co_return;  // the client left: 499 in the access log, as where it had asked an origin
  if (reason == Reason::only_if_cached) {
    co_await answer_with_error(visit, 504);
    co_return;
  }
  if (reason == Reason::turned_away && visit.guard->mode() == GuardMode::enforce && visit.site.guard_rooms != nullptr) {
    complain(visit, 503, "no place at a server for another request that this one waited for");
    visit.guard_answer = GuardAnswer::queue_full;
    co_await answer_with_place(visit);
    co_return;
  }
  // As the one was told whose fetch was waited for: no server could be reached, or none had a place.
  complain(visit, 503,
           reason == Reason::busy ? "too many requests wait for others' fetches"
                                  : "no server could be asked, by another request that this one waited for");
  visit.site.metrics.origin_failures.add();
  co_await answer_with_error(visit, 503, reason == Reason::busy ? Trouble::usual : Trouble::either);
}

// Whoever is about to ask an origin passes here.
net::Task<void> admit_and_relay(Visit& visit, cache::Fill fill) {
  const Step met = meet(visit);
  return met <= Step::behind ? relay(visit, std::move(fill)) : answer_met(visit, met, std::move(fill));
}

net::Task<void> admit_and_upgrade(Visit& visit) {
  const Step met = meet(visit);
  return met <= Step::behind ? relay_upgrade(visit) : answer_met(visit, met, {});
}

net::Task<void> relay_past_cache(Visit& visit, Forward forward, std::string_view detail = {}) {
  visit.cache = {.word = CacheWord::bypass, .forward = forward, .detail = detail};
  return admit_and_relay(visit, {});
}

// What remains to be done once the cache has been asked; never a Wait.
net::Task<void> answer_found(Visit& visit, cache::Found& found) {
  if (auto* hit = std::get_if<cache::Hit>(&found)) return answer_hit(visit, *hit);
  if (auto* stale = std::get_if<cache::Stale>(&found)) {
    start_refresh(visit, std::move(stale->refresh));
    return answer_stale(visit, std::move(stale->entry), stale->reason);
  }
  if (auto* gone = std::get_if<cache::Unavailable>(&found)) return answer_unavailable(visit, gone->reason);
  if (auto* miss = std::get_if<cache::Miss>(&found)) {
    visit.cache = {.word = CacheWord::miss, .forward = miss->forward};
    return admit_and_relay(visit, std::move(miss->fill));
  }
  const auto* bypass = std::get_if<cache::Bypass>(&found);
  TENFOLD_ASSERT(bypass != nullptr);
  return relay_past_cache(visit, bypass->forward, bypass->detail);
}

}  // namespace

net::Task<void> RequestHandler::handle(http::ServerExchange& exchange) {
  Visit visit(site_, exchange);
  visit.listener = listener_;
  identify(visit);
  visit.sends_itself =
      visit.client.source == ClientSource::connection && visit.policy->listeners[listener_].proxy_protocol_from.empty();
  co_await answer(visit);
  account(visit);
  measure(visit);
}

void RequestHandler::refused(const http::RefusedRequest& request) { account_refused(site_, request); }

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
  if (request.target == "*" || is_last_hop(visit)) {
    co_await answer_options(visit);
    co_return;
  }
  if (is_shut_out(visit)) {
    visit.guard_answer = GuardAnswer::denied;
    co_await answer_with_error(visit, 403);
    co_return;
  }
  if (is_guards_own(request.path())) {
    co_await answer_guards_own(visit, request.path());
    co_return;
  }
  name_host(visit);
  if (find_route(visit) == Routing::refused) {
    co_await answer_with_error(visit, 400);
    co_return;
  }
  if (visit.wish == Visit::Wish::websocket) {
    co_await admit_and_upgrade(visit);
    co_return;
  }
  if (!may_use_cache(visit)) {
    co_await relay_past_cache(visit, Forward::bypass);
    co_return;
  }
  const auto key = site_.cache->key_of(request, visit.arena());
  if (!key) {
    co_await relay_past_cache(visit, Forward::method);
    co_return;
  }
  cache::Found found = site_.cache->lookup(*key, request, visit.now(), client_label(visit.client.address));
  if (auto* wait = std::get_if<cache::Wait>(&found)) {
    const TimePoint deadline = std::min(visit.now() + visit.policy->coalesce_wait, visit.answer_deadline());
    const cache::Stake stake = stake_of(visit);
    auto waited =
        site_.cache->wait(std::move(*wait), *key, request, site_.loop, deadline, visit.exchange.client_left(), stake);
    found = co_await std::move(waited);
  }
  co_await answer_found(visit, found);
}

}  // namespace tenfold::edge
