#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "rehearse/model/traffic_model.hpp"
#include "rehearse/plan/planner.hpp"

namespace tenfold::rehearse {

// When the sessions of one population begin, in order. Each minute has as many as it should have; within it they come
// in seconds of Gamma-distributed weight, so that counts per second have the model's index of dispersion at any
// multiple.
class ArrivalStream {
 public:
  // Seconds after the run's beginning; from `from_s` (which may be before it) on.
  ArrivalStream(const Arrivals& arrivals, const PlanOptions& options, double from_s, std::uint64_t seed);
  std::optional<double> next();
  // Sessions per second at that moment.
  double rate_at(double second) const;

 private:
  bool make_minute();

  const Arrivals& arrivals_;
  const PlanOptions options_;
  const double length_s_;
  FastRandom random_;
  double from_s_;  // of the minute to be made next
  double carry_;   // sessions that were due and not whole
  std::vector<double> minute_;
  std::size_t at_ = 0;
};

}  // namespace tenfold::rehearse
