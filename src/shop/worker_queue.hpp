#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace tenfold::shop {

// When a request is worked on: what a worker of the shop does with it is wait until `ends`.
struct Turn {
  TimePoint starts;
  TimePoint ends;
};

// A fixed number of workers and one line in front of them, first come first served: a G/D/c queue, so that the
// capacity is known: workers / service time. Because nobody leaves the line early, a request's turn is known the
// moment it arrives; late timers delay an answer but never the turns behind it.
// Arrivals must be given in the order of their time. Not thread-safe.
class WorkerQueue {
 public:
  // At least one worker. Past `line_limit` waiting requests admit() refuses.
  WorkerQueue(std::size_t workers, std::size_t line_limit);

  // Takes the next turn; empty when the line is full.
  std::optional<Turn> admit(TimePoint now, Duration service_time);

  std::size_t workers() const { return free_at_.size(); }
  std::size_t busy(TimePoint now) const;
  std::size_t waiting(TimePoint now);

 private:
  std::vector<TimePoint> free_at_;  // a min-heap: when each worker has done all that it was given
  std::deque<TimePoint> starts_;    // of those waiting at the last call, in order; at most line_limit_
  std::size_t line_limit_;
};

}  // namespace tenfold::shop
