#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace tenfold::watch {

// The runs of one job that say when they begin, and have not ended. They may overlap: each has the name that it brought
// along, which may be empty. Pure. Bounds: the newest `most`; one that goes for another is no longer waited for.
class JobRuns {
 public:
  static constexpr std::size_t most = 100;

  void begin(const std::string& run, WallTime at);  // again under a name: the run begins anew
  // How long it took; nothing: it has not said that it began.
  std::optional<Duration> end(const std::string& run, WallTime at);
  // For how long one has run that has begun longer ago than `longest`, and is given up with that; nothing: none.
  std::optional<Duration> give_up_overdue(WallTime now, Duration longest);
  void clock_moved(Duration by);

 private:
  struct Run {
    std::string name;
    WallTime began{};
  };
  std::vector<Run> runs_;  // the oldest first
};

}  // namespace tenfold::watch
