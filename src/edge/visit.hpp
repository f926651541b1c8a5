#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "cache/cache_status.hpp"
#include "edge/guard_answer.hpp"
#include "edge/identify/client_address.hpp"
#include "edge/identify/standing.hpp"
#include "edge/policy.hpp"
#include "edge/site.hpp"
#include "guard/token/our_cookies.hpp"
#include "http/exchange.hpp"
#include "origin/route.hpp"

namespace tenfold::edge {

// One request on its walk through the edge: what has been found out about it so far.
struct Visit {
  Visit(Site& its_site, http::ServerExchange& its_exchange)
      : site(its_site),
        exchange(its_exchange),
        policy(its_site.policy),
        guard(its_site.guard),
        began(its_site.loop.now()) {}

  Site& site;
  http::ServerExchange& exchange;
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const GuardPolicy> guard;
  TimePoint began;
  ClientFacts client;
  std::size_t listener = 0;   // of the policy's, by which it came
  bool sends_itself = false;  // its packets come from client.address, not from a proxy's
  origin::RouteRef route;
  RouteCaching caching = RouteCaching::follow;
  enum class Wish : std::uint8_t { page, websocket } wish = Wish::page;

  // For the access log. All fetches of the visit together.
  Duration origin_time{};
  origin::RouteRef asked;                         // keeps origin_server alive
  const origin::Server* origin_server = nullptr;  // the last that was asked; null: none was
  std::string_view origin_error;                  // what that one did instead of answering; empty: nothing
  std::uint32_t attempts = 0;
  GuardAnswer guard_answer = GuardAnswer::none;
  std::string_view rehearsal_run;  // empty: not a rehearsal's request

  std::string_view path;           // normal; empty: the request did not get as far
  guard::OwnCookies own_cookies;   // taken out of the request; unread
  std::string_view named_by_peer;  // a line of X-Forwarded-For or Forwarded of one whom no trusted_proxies names
  GuardFacts guarded;              // filled where an origin is about to be asked, and the guard is not off

  cache::CacheStatus cache;  // what the cache has made of it so far; for Cache-Status and the access log

  const http::RequestHead& request() const { return exchange.request(); }
  Arena& arena() { return exchange.arena(); }
  TimePoint now() const { return site.loop.now(); }
  // For an origin's head, whatever is waited for on the way to it: a place, another's fetch, a second question.
  TimePoint answer_deadline() const { return began + policy->limits.answer_timeout; }
  // The exchange itself does not let a client take nothing for long (ServerLimits::write_timeout).
  TimePoint write_deadline() const { return no_deadline; }
};

}  // namespace tenfold::edge
