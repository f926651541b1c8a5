#pragma once

#include <chrono>
#include <cmath>

#include "base/clock.hpp"

// Sums and rates that forget: what is `memory` old counts for a 1/e-th.
namespace tenfold::guard::judging {

inline double in_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// What is left of a sum after that while.
inline double kept_after(Duration window, Duration memory) {
  return std::exp(-in_seconds(window) / in_seconds(memory));
}

// A sum of the last while.
class FadingSum {
 public:
  explicit FadingSum(Duration memory) : memory_(memory) {}
  void add(double amount, Duration window) { sum_ = sum_ * kept_after(window, memory_) + amount; }
  double value() const { return sum_; }

 private:
  Duration memory_;
  double sum_ = 0;
};

// A rate over the last while; right from the first window on, however short it has watched.
class FadingRate {
 public:
  explicit FadingRate(Duration memory) : memory_(memory) {}
  void add(double amount, Duration window) {
    const double keep = kept_after(window, memory_);
    sum_ = sum_ * keep + amount;
    seconds_ = seconds_ * keep + in_seconds(window);
  }
  double per_s() const { return seconds_ == 0 ? 0 : sum_ / seconds_; }

 private:
  Duration memory_;
  double sum_ = 0;
  double seconds_ = 0;
};

}  // namespace tenfold::guard::judging
