#pragma once

#include <chrono>

namespace tenfold {

using Duration = std::chrono::nanoseconds;
// Monotonic time: for deadlines and measurements. Never shown to people.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;
// Time of day, for people, files and protocols (UTC).
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// A deadline that never comes. Only for waits that something else is sure to end.
inline constexpr TimePoint no_deadline = TimePoint::max();

// Where the time comes from; passed in by constructor. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  virtual WallTime wall_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall_now() const override { return std::chrono::system_clock::now(); }
};

// Moved by hand, for tests and simulations. Not thread-safe. Starts at one hour of monotonic time
// and at 2026-01-01 00:00 UTC, so that "an hour ago" is a valid time in a test.
class ManualClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  WallTime wall_now() const override { return wall_; }
  void advance(Duration by) { now_ += by, wall_ += by; }
  void set_wall(WallTime to) { wall_ = to; }

 private:
  TimePoint now_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
};

}  // namespace tenfold
