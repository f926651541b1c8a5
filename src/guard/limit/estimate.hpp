#pragma once

#include <cstddef>
#include <span>

// The little statistics that the limiter rests on. Pure.
namespace tenfold::guard::limit {

// A number and its standard error.
struct Estimate {
  double value = 0;
  double error = 0;
};

// The mean of estimates of one thing, each weighing as much as it is sure. Where they scatter more than their errors
// allow, the mean's error grows by as much.
class Average {
 public:
  void add(Estimate estimate);
  std::size_t count() const { return count_; }
  Estimate estimate() const;  // the error is infinite where nothing was added

 private:
  std::size_t count_ = 0;
  double weights_ = 0;
  double mean_ = 0;
  double scatter_ = 0;  // weighted squares of distances from the mean
};

// Tells when a number has moved, from `usual` to `moved` or beyond, as soon as the estimates since then suffice
// (CUSUM; Page 1954). No estimate counts for more than a third of what it takes, so that a pause of the server does not
// pass for a change.
class Shift {
 public:
  Shift(double usual, double moved) : usual_(usual), moved_(moved) {}

  void add(Estimate estimate);
  bool seems() const { return evidence_ > 0; }
  bool seen() const { return evidence_ >= enough; }
  void forget() { evidence_ = 0; }

 private:
  // Logarithm of how much likelier it has moved than not: false alarms are e⁹ estimates apart, a quarter of an hour.
  static constexpr double enough = 9;
  double usual_;
  double moved_;
  double evidence_ = 0;
};

struct Vote {
  double value = 0;
  double weight = 0;
};

// The lowest value that the votes up to it, in order, have half of the weight. Sorts the votes; 0 if there are none.
double weighted_median(std::span<Vote> votes);

}  // namespace tenfold::guard::limit
