#pragma once

#include <cstdint>
#include <vector>

#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

// How many pages a session has: the distribution's, in whole numbers from 1, with its exact mean.
class SessionLength {
 public:
  explicit SessionLength(const Distribution& pages);

  // `u` chooses the quantile, `v` rounds; both uniform in [0,1).
  std::uint32_t draw(double u, double v) const;
  // Of sessions with at least so many pages: 1, from 1 on falling.
  const std::vector<double>& survival() const { return survival_; }
  double mean() const { return mean_; }

 private:
  double stretched(double u) const;
  const Distribution& pages_;
  double stretch_ = 1;  // table and linear interpolation miss the mean by a little
  double mean_ = 1;
  std::vector<double> survival_;  // [k]: at least k + 1 pages
};

// Expected views of each of these visits' pages (by position) in one session: entries, then a first-order walk for
// as long as sessions last.
std::vector<double> expected_views(const VisitKind& kind, const SessionLength& length);

}  // namespace tenfold::rehearse
