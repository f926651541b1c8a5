#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.hpp"
#include "console/model.hpp"

namespace tenfold::console {

// What happened in the time before one reading, per second.
struct Rates {
  double requests_per_s = 0;
  double client_errors_per_s = 0;
  double server_errors_per_s = 0;
  double guard_answers_per_s = 0;
  double from_cache_share = 0;  // of requests; 0 when there were none
};

struct Point {
  TimePoint at;
  Rates rates;
  std::optional<Status::Latency> latency;
};

// Turns readings of growing totals into rates, and keeps those of the last five minutes for the page's curves.
// Pure: the time is passed in. Not thread-safe.
class Recorder {
 public:
  static constexpr std::size_t most_points = 300;  // one a second; the oldest is forgotten

  // Readings must come in the order of their time. A total that fell (a restart of what counts) starts anew.
  void record(const Status& status, TimePoint now);

  // Of the last second or so; zeros until there are two readings.
  const Rates& now() const { return rates_; }
  const std::deque<Point>& points() const { return points_; }

 private:
  struct Reading {
    TimePoint at;
    std::uint64_t requests = 0;
    std::uint64_t client_errors = 0;
    std::uint64_t server_errors = 0;
    std::uint64_t guard_answers = 0;
    std::uint64_t from_cache = 0;
  };
  std::optional<Reading> last_;
  Rates rates_;
  std::deque<Point> points_;
};

}  // namespace tenfold::console
