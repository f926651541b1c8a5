#include "guard/limit/recent_times.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
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

namespace {

Duration late_by(const Sums& sums, const Baselines& baselines) {
  constexpr double errors = 2;  // standard errors
  const std::optional<Reading> reading = baselines.read(sums);
  if (!reading || reading->source != Reading::Source::learned) return {};
  const double slowness = reading->slowness.value - errors * reading->slowness.error;
  if (slowness <= 0) return {};
  const auto typical_ns = static_cast<double>(reading->typical_mean.count());
  return Duration(static_cast<std::int64_t>(typical_ns * (1 - std::exp(-slowness))));
}

}  // namespace

// While a queue grows, the newest answers tell it best; where these are few, those of the spell before are asked, too.
Duration RecentTimes::late_by(const Baselines& baselines) const {
  Sums both = previous_;
  both += current_;
  return std::max(limit::late_by(current_, baselines), limit::late_by(both, baselines));
}

}  // namespace tenfold::guard::limit
