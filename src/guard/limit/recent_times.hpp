#pragma once

#include <chrono>

#include "base/clock.hpp"
#include "guard/limit/baselines.hpp"
#include "guard/limit/times.hpp"

namespace tenfold::guard::limit {

// How much longer than their kinds usually do requests took lately, whatever the cause: servers that are slower, or a
// queue at them. The limiter's own readings say which of the two it is, but only while somebody waits here, and after
// trials. One thread only.
class RecentTimes {
 public:
  static constexpr Duration spell = std::chrono::seconds(1);  // between one and two of them are looked back on

  void add(const Sums& window);
  // By Baselines::price_of(). 1: as usual, or nothing is known.
  double over_usual(const Baselines& baselines) const;
  // How much longer than usual a request of the median kind takes, as far as that is sure: by so much all are late that
  // stand in one queue at the servers, be what they ask for cheap or dear. Zero where nothing is learned.
  Duration late_by(const Baselines& baselines) const;

 private:
  Sums current_;
  Sums previous_;
};

}  // namespace tenfold::guard::limit
