#pragma once

#include <cstdint>
#include <span>
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
  // Adds this one's numbers to equal parts of `all`'s, of which they are: into the tenth that a number is in among all,
  // if there are ten parts. Equal numbers are spread over the parts that they fill.
  void add_ranks(const Tally& all, std::span<double> parts) const;
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
