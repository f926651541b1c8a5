#include "guard/limit/estimate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tenfold::guard::limit {

void Average::add(Estimate estimate) {
  const double weight = 1 / (estimate.error * estimate.error);
  ++count_;
  weights_ += weight;
  const double distance = estimate.value - mean_;
  mean_ += distance * weight / weights_;
  scatter_ += weight * distance * (estimate.value - mean_);
}

Estimate Average::estimate() const {
  if (count_ == 0) return {.value = 0, .error = std::numeric_limits<double>::infinity()};
  const double excess = count_ < 2 ? 1 : std::max(1.0, scatter_ / static_cast<double>(count_ - 1));
  return {.value = mean_, .error = std::sqrt(excess / weights_)};
}

void Shift::add(Estimate estimate) {
  const double middle = (usual_ + moved_) / 2;
  const double likelier = (moved_ - usual_) * (estimate.value - middle) / (estimate.error * estimate.error);
  evidence_ = std::max(0.0, evidence_ + std::clamp(likelier, -enough / 3, enough / 3));
}

double weighted_median(std::span<Vote> votes) {
  std::sort(votes.begin(), votes.end(), [](const Vote& a, const Vote& b) { return a.value < b.value; });
  double half = 0;
  for (const Vote& vote : votes) half += vote.weight / 2;
  for (const Vote& vote : votes) {
    half -= vote.weight;
    if (half <= 0) return vote.value;
  }
  return votes.empty() ? 0 : votes.back().value;
}

}  // namespace tenfold::guard::limit
