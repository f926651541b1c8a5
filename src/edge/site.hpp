#pragma once

#include <memory>

#include "base/clock.hpp"
#include "cache/cache.hpp"
#include "edge/access_log/access_ring.hpp"
#include "edge/admit/burnt_watch.hpp"
#include "edge/admit/gatekeeper.hpp"
#include "edge/complaints.hpp"
#include "edge/guard_policy.hpp"
#include "edge/guard_rooms.hpp"
#include "edge/identify/rehearsals.hpp"
#include "edge/identify/standing.hpp"
#include "edge/metrics.hpp"
#include "edge/policy.hpp"
#include "edge/relay/answer_memory.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::edge {

// What all requests of one worker share. One thread only, but for the metrics, which any may read.
struct Site {
  net::Loop& loop;
  origin::Upstreams& upstreams;
  cache::Cache* cache = nullptr;     // null: nothing is cached
  AccessRing* access_log = nullptr;  // null: no request is logged
  WorkerMetrics& metrics;
  // The current ones; a request keeps those that it began with.
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const GuardPolicy> guard = std::make_shared<const GuardPolicy>();
  RehearsalGate rehearsals{};                   // knows the requests of our own
  Complaints complaints{};                      // about origins
  net::Scope background{};                      // refreshes of stale entries
  AnswerMemory answer_memory{};                 // for answers whose clients are slow
  Gatekeeper* gatekeeper = nullptr;             // null: nobody measures; then the guard is off
  std::unique_ptr<GuardMemory> guard_memory{};  // null likewise
  GuardRooms* guard_rooms = nullptr;            // null likewise
  std::unique_ptr<BurntWatch> burnt_watch{};    // null likewise
  unsigned worker = 0;                          // its number, for the access log
  std::size_t most_refreshes = 256;  // at once; past it a stale entry waits for the next request to refresh it
  std::size_t expecting = 0;         // requests whose "Expect: 100-continue" the origin was asked to answer
  std::size_t most_expecting = 16;   // past it the edge answers it
};

}  // namespace tenfold::edge
