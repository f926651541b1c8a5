#pragma once

#include <cstdint>
#include <vector>

#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

// Counts numbers (not negative) in buckets 3 % wide, whole numbers below 64 apart; sums are kept per bucket, so that
// means are exact. At most about 2,000 buckets of 16 bytes, few in practice.
class Tally {
 public:
  void add(double value);
  void add(const Tally& other);
  double count() const { return count_; }
  double sum() const { return sum_; }
  // How many are greater and how much they are, to a bucket's width.
  struct Part {
    double count = 0, sum = 0;
  };
  // The numbers being lengths, of which a window shows only those that lie in it whole: as many as there must be for it
  // to show these. Those longer than three quarters of it count four times at most.
  Part above(double value, double window) const;
  // The quantile function: a step for each bucket; where those are more than 64, neighbours that differ least are
  // joined by slopes.
  Distribution distribution() const;

 private:
  struct Bucket {
    std::uint32_t key = 0;
    std::uint32_t count = 0;
    double sum = 0;
  };
  std::vector<Bucket> buckets_;  // by key
  double count_ = 0;
  double sum_ = 0;
};

}  // namespace tenfold::rehearse
