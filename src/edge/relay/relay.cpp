#include "edge/relay/relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "edge/admit/remember.hpp"
#include "edge/complaints.hpp"
#include "edge/forward/forwarded_body.hpp"
#include "edge/forward/forwarding.hpp"
#include "edge/relay/ask.hpp"
#include "edge/relay/expectation.hpp"
#include "edge/relay/failed.hpp"
#include "edge/relay/fill.hpp"
#include "edge/relay/inherited.hpp"
#include "edge/relay/interim.hpp"
#include "edge/relay/pass_on.hpp"
#include "edge/relay/wanted.hpp"

namespace tenfold::edge {

using http::Field;

namespace {

void add_cache_status(Visit& visit, http::Headers& headers) {
  const std::string_view ours = cache::cache_status_value(visit.cache, visit.arena());
  const auto before = headers.find(Field::cache_status);
  headers.set(Field::cache_status, before ? visit.arena().join(*before, std::string_view(", "), ours) : ours);
}

// Not to what other caches may keep: they would send all their visitors to one server. Over TLS it comes with forms of
// other sites, too: a payment leads back by them, and the basket is in one server's memory.
void add_sticky_cookie(Visit& visit, const origin::Fetched& fetched, http::Headers& headers) {
  if (fetched.new_sticky().empty() || visit.cache.stored) return;
  const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(
      fetched.pool().settings.sticky ? fetched.pool().settings.sticky->lifetime : Duration(0));
  const std::string cookie =
      fmt::format("{}={}; Path=/; HttpOnly; SameSite={}{}", visit.route->sticky_cookie, fetched.new_sticky(),
                  visit.client.scheme == Scheme::https ? "None; Secure" : "Lax",
                  lifetime.count() > 0 ? fmt::format("; Max-Age={}", lifetime.count()) : std::string());
  headers.add(Field::set_cookie, visit.arena().copy(cookie));
}

enum class Asked : std::uint8_t { first, again };

// What becomes of an origin's answer.
enum class Use : std::uint8_t {
  pass_on,
  store,      // and pass on
  validates,  // what is stored
  none,       // something stale, or an error, goes out in its place
  ask_again,  // without conditions
};

Use use_for_cache(Visit& visit, origin::Fetched& fetched, cache::Fill& fill, const cache::FetchTimes& times,
                  Asked asked) {
  switch (fill.head(visit.request(), fetched.head(), fetched.body_length(), times)) {
    case cache::FillVerdict::store: return Use::store;
    case cache::FillVerdict::pass: return Use::pass_on;
    case cache::FillVerdict::not_modified: return Use::validates;
    case cache::FillVerdict::serve_stale: return Use::none;
    case cache::FillVerdict::refetch: return Use::ask_again;
    // Asked for anew it makes no sense; else it is the origin's word, and goes on as it would without a cache.
    case cache::FillVerdict::unusable: return asked == Asked::first ? Use::pass_on : Use::none;
  }
  return Use::pass_on;
}

Use use_of(Visit& visit, origin::Fetched& fetched, cache::Fill& fill, cache::FetchTimes times, Asked asked) {
  if (fetched.head().status == 101) {  // nobody asked for another protocol
    complain(visit, 502, "changed protocols unasked");
    return Use::none;
  }
  times.received = visit.now();
  times.received_wall = visit.site.loop.clock().wall_now();
  const Use use = fill ? use_for_cache(visit, fetched, fill, times, asked) : Use::pass_on;
  visit.cache.stored = use == Use::store;
  const bool goes_on = use == Use::store || use == Use::pass_on;
  if (goes_on && visit.site.cache != nullptr && !http::is_safe(visit.request().method)) {
    visit.site.cache->invalidate_after(visit.request(), fetched.head());
  }
  return use;
}

// `answer` is filled with the head that the client gets; it and the rest must stay until the task ends.
net::Task<void> answer_of(Visit& visit, Use use, origin::Fetched& fetched, http::ResponseHead& answer,
                          cache::Fill& fill, Wanted& wanted, ForwardInterim& interim) {
  if (use == Use::validates) return answer_validated(visit, fill.finish(), fetched);
  if (use == Use::none) return answer_bad_origin(visit, fetched, fill);
  make_client_head(fetched.head(), answer);
  add_cache_status(visit, answer.headers);
  add_sticky_cookie(visit, fetched, answer.headers);
  if (use == Use::pass_on) remember_visitor(visit, answer);
  if (use == Use::store) return answer_and_fill(visit, std::move(fetched), answer, fill, wanted, interim);
  return pass_on(visit, fetched, answer);
}

enum class Relayed : std::uint8_t { done, ask_again };

net::Task<Relayed> relay_once(Visit& visit, cache::Fill& fill, Wanted& wanted, ForwardInterim& interim, Asked asked) {
  std::optional<Inherited> inherited(std::in_place, visit, fill);
  http::RequestHead head;
  make_origin_head(visit.request(), visit.client, visit.exchange.client().address, visit.policy->via, head,
                   visit.arena());
  if (fill) fill.prepare(head);
  Expectation expectation(visit, head);
  ForwardedBody body(visit.exchange);
  cache::FetchTimes times;
  times.sent = visit.now();
  origin::FetchRequest request = fetch_request(visit, head, &body, &interim, wanted.token());
  request.inheritance = &inherited->inheritance();
  // With something stale to show nobody waits long for an origin that may hang: what it answers later is for the next.
  if (fill.stale()) request.deadline = std::min(request.deadline, visit.now() + visit.policy->stale_patience);
  auto fetching = visit.site.upstreams.fetch(std::move(request));
  auto fetched = co_await std::move(fetching);
  expectation.met();
  const std::uint8_t rank = inherited->rank();
  inherited.reset();  // it keeps what has landed
  if (!fetched) {
    co_await answer_failure(visit, fetched.error(), fill, rank);
    co_return Relayed::done;
  }
  note_origin(visit, *fetched);
  const Use use = use_of(visit, *fetched, fill, times, asked);
  if (use == Use::ask_again) co_return Relayed::ask_again;
  http::ResponseHead answer;
  if (use == Use::pass_on && interim.sending()) co_await interim.catch_up();
  auto answering = answer_of(visit, use, *fetched, answer, fill, wanted, interim);
  co_await std::move(answering);
  if (fetched->uploading()) co_await fetched->finish();
  co_return Relayed::done;
}

}  // namespace

net::Task<void> relay(Visit& visit, cache::Fill fill) {
  Wanted wanted(visit.site.loop, visit.exchange.client_left(), fill);
  ForwardInterim interim(visit);
  auto relayed = co_await relay_once(visit, fill, wanted, interim, Asked::first);
  // A 304 about something else than what is stored; without conditions it cannot come again.
  if (relayed == Relayed::ask_again) {
    relayed = co_await relay_once(visit, fill, wanted, interim, Asked::again);
  }
  co_await interim.sent();
}

}  // namespace tenfold::edge
