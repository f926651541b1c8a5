#include "watch/state/job_runs.hpp"

#include <algorithm>

namespace tenfold::watch {

void JobRuns::begin(const std::string& run, WallTime at) {
  std::erase_if(runs_, [&](const Run& one) { return one.name == run; });
  if (runs_.size() >= most) runs_.erase(runs_.begin());
  runs_.push_back({run, at});
}

std::optional<Duration> JobRuns::end(const std::string& run, WallTime at) {
  const auto found = std::ranges::find(runs_, run, &Run::name);
  if (found == runs_.end()) return std::nullopt;
  const Duration took = std::max<Duration>(at - found->began, Duration::zero());
  runs_.erase(found);
  return took;
}

std::optional<Duration> JobRuns::give_up_overdue(WallTime now, Duration longest) {
  const auto found = std::ranges::find_if(runs_, [&](const Run& one) { return now - one.began > longest; });
  if (found == runs_.end()) return std::nullopt;
  const Duration since = now - found->began;
  runs_.erase(found);
  return since;
}

void JobRuns::clock_moved(Duration by) {
  for (Run& run : runs_) run.began += by;
}

}  // namespace tenfold::watch
