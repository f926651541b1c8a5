#pragma once

#include <array>
#include <cstdint>

#include "base/clock.hpp"
#include "origin/settings.hpp"

namespace tenfold::origin {

// How many retries a worker may make: a share of its requests of the last ten seconds, and a few in any case. While
// all origins fail, attempts so stay under (1 + budget_share) × requests + the minimum. One thread only.
class RetryBudget {
 public:
  // A request came (its retries not counted).
  void count_request(TimePoint now) { ++slot(now).requests; }

  // Takes one retry out of the budget; false if it is spent. `workers`: how many share the minimum.
  bool try_take(const RetryPolicy& policy, std::uint32_t workers, TimePoint now);

 private:
  static constexpr std::int64_t window_s = 10;
  struct Slot {
    std::int64_t second = -1;
    std::uint64_t requests = 0;
    std::uint64_t retries = 0;
  };
  Slot& slot(TimePoint now);

  std::array<Slot, window_s> slots_{};
};

}  // namespace tenfold::origin
