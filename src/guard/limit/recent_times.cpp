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
  const Baselines::Price before = baselines.price_of(previous_), now = baselines.price_of(current_);
  const double usual_ns = before.usual_ns + now.usual_ns;
  return usual_ns > 0 ? (before.took_ns + now.took_ns) / usual_ns : 1;
}

}  // namespace tenfold::guard::limit
