#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace tenfold::edge {

// For how long the calling thread has had a core, or stood in line for one, since some moment. Of one thread: the one
// that calls it first. Costs a system call.
std::function<Duration()> core_time_of_thread();

// For how long the calling thread has had a core. Some 200 ns.
Duration cpu_time_of_thread();

// Whether a worker has as much of a core as it wants. Looked at now and then; one thread only.
class CoreTime {
 public:
  // Its share of a core must lie over this for a window, and it is short of one until it has not for a while.
  static constexpr double busy_from = 0.8;
  static constexpr Duration window = std::chrono::milliseconds(100);
  static constexpr Duration remembered_for = std::chrono::seconds(2);

  explicit CoreTime(std::function<Duration()> wanted) : wanted_(std::move(wanted)) {}
  bool is_short(TimePoint now);

 private:
  std::function<Duration()> wanted_;
  std::optional<TimePoint> looked_at_;
  Duration wanted_then_{};
  TimePoint short_until_{};
};

}  // namespace tenfold::edge
