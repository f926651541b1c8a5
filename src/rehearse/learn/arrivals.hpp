#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

// When sessions of each population began, by the second. Past 2^21 seconds (24 days) bins are merged in pairs, and so
// on: memory is bounded however long the log.
class ArrivalBins {
 public:
  static constexpr std::size_t populations = 3;

  void add(std::size_t population, double seconds_from_beginning);
  // A visitor who was there before the log began: its beginning is not known, and counts evenly over the log.
  void add_already_inside(std::size_t population) { ++inside_[population]; }

  double sessions(std::size_t population) const;
  // `seconds`: that the log covers, above 0.
  Arrivals arrivals(std::size_t population, double seconds) const;
  // Of all populations, over the busiest 60 s (the whole log, where it is shorter).
  double peak_per_s(double seconds) const;

 private:
  static constexpr std::size_t most_bins = 1 << 21;
  void widen();
  struct Peak {
    std::size_t first = 0, bins = 1;
  };
  Peak busiest(double seconds) const;
  double rate(std::size_t population, Peak peak, double seconds) const;
  double dispersion(std::size_t population, double seconds) const;

  std::vector<std::array<std::uint32_t, populations>> bins_;
  double bin_s_ = 1;
  std::array<double, populations> begun_{};
  std::array<double, populations> inside_{};
};

}  // namespace tenfold::rehearse
