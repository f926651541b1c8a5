#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "edge/admit/guard_window.hpp"
#include "guard/judge/samples.hpp"
#include "guard/limit/times.hpp"

// The workers' windows, put together: what limiters and judge are told.
namespace tenfold::edge {

using Windows = std::vector<std::unique_ptr<GuardWindow>>;

// Of one pool, all workers together.
struct GatheredPool {
  std::shared_ptr<origin::PoolLoad> load;
  std::vector<guard::limit::RouteTimes> routes;
  std::uint64_t answered = 0;
  std::uint64_t shed = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t errors = 0;
  std::uint32_t most_waiting = 0;
  Duration waited{};  // of the worker where that was longest
  WaitCounts stranger_waits;
  Parties known;
  Parties others;
};

std::vector<GatheredPool> gather_pools(const Windows& windows);
guard::judging::Totals gather_totals(const Windows& windows);
// The heaviest of each level, `most` of each; spread of groups.
std::vector<guard::judging::HeavySubject> gather_heavy(const Windows& windows, std::size_t most);

}  // namespace tenfold::edge
