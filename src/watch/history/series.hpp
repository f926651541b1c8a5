#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "watch/state/check_state.hpp"

namespace tenfold::watch {

struct SeriesPoint {
  WallTime at{};  // a multiple of the step since 1970
  std::uint64_t good = 0;
  std::uint64_t failed = 0;
  std::uint64_t muted = 0;  // failed in maintenance, or while our uplink was down
  double up_share = -1;     // of good and failed; -1: neither
  double p50_ms = -1;       // of good answers; -1: none
  double p95_ms = -1;
};

struct Series {
  Duration step{};                  // as asked for, or longer: see read_series()
  std::vector<SeriesPoint> points;  // oldest first; where nothing is known there is none
  std::vector<Change> changes;      // oldest first; the newest most_changes in that time
  bool complete = true;             // false: more results lie in that time than are read; the oldest are missing
};

inline constexpr std::size_t most_points = 2'000;
inline constexpr std::size_t most_series_changes = 1'000;
inline constexpr std::int64_t most_read_results = 3'000'000;  // about a second of reading

// What is kept of one check between `from` and `until`. With a step below an hour from the single results, which go
// after a week; else from the hours, which become days after two years. The step is raised to a second, and to what
// gives most_points. Opens the store of its own; waits for the disk. Errors: those of store::Database; invalid (a time
// without length); not_found (no such check has ever been looked at).
Result<Series> read_series(const std::string& file, std::string_view check, WallTime from, WallTime until,
                           Duration step);

}  // namespace tenfold::watch
