#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <vector>

namespace tenfold::rehearse {

// When a log's lines are, by the hour, and what of them stands apart. Bounded: past 50,000 different hours (or whatever
// they have become) neighbours are counted together.
class TimeSurvey {
 public:
  void see(std::int64_t at_ms);

  // A few lines far from all others (a clock that was wrong, a test): they would stretch the log by years. Far is more
  // than a day and three times what the rest spans, and half a year in any case; a few is one in a thousand, or one.
  struct Kept {
    std::int64_t from_ms = INT64_MIN, to_ms = INT64_MAX;  // what is outside stands apart
    std::uint64_t lone = 0;                               // lines outside
    std::int64_t lone_at_ms = 0;                          // one of them
    std::int64_t first_ms = 0, last_ms = 0;               // of those inside
    std::int64_t pause_from_ms = 0, pause_to_ms = 0;      // the longest time without a line inside
  };
  Kept kept() const;

 private:
  struct Bin {
    std::uint64_t lines = 0;
    std::int64_t first_ms = 0, last_ms = 0;
  };
  static constexpr std::size_t most_bins = 50'000;
  void widen();

  std::int64_t bin_ms_ = 3'600'000;
  absl::flat_hash_map<std::int64_t, Bin> bins_;
  std::int64_t last_bin_ = INT64_MIN;
  Bin* last_ = nullptr;  // most lines are in the hour of the line before
};

}  // namespace tenfold::rehearse
