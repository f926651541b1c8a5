#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

// How alike numbers of one group are, beside those of others: the intraclass correlation (one-way analysis of variance,
// groups of unequal size).
class Likeness {
 public:
  // A group of so many numbers, with their sum and that of their squares.
  void add(double count, double sum, double squares);
  void add(const Likeness& other);
  // 0: no more than any two; 1: all of a group are equal. 0 where there is nothing to compare.
  double value() const;

 private:
  double groups_ = 0, count_ = 0, counts_squared_ = 0, sum_ = 0;
  double of_groups_ = 0;  // each group's sum, squared, by its count
  double squares_ = 0;
};

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
