#include "guard/limit/recent_times.hpp"

#include <utility>

namespace tenfold::guard::limit {

void RecentTimes::add(const Sums& window) {
  if (current_.time >= spell) {
    previous_ = std::exchange(current_, {});
  }
  current_ += window;
}

double RecentTimes::over_usual(const Baselines& baselines) const {
  Sums both = previous_;
  both += current_;
  return baselines.over_usual(both);
}

}  // namespace tenfold::guard::limit
