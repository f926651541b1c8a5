#include "guard/limit/recent_times.hpp"

#include <cmath>
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
  const auto reading = baselines.read(both);
  const bool tells = reading && reading->source == Reading::Source::learned;
  return tells ? std::exp(reading->slowness.value) : 1;
}

}  // namespace tenfold::guard::limit
