#include "rehearse/plan/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tenfold::rehearse {

Shares::Shares(std::span<const double> weights) : share_(weights.begin(), weights.end()), behind_(weights.size(), 0.0) {
  double sum = 0;
  for (const double weight : share_) sum += weight;
  if (sum <= 0) {
    share_.clear();
    return;
  }
  for (double& share : share_) share /= sum;
}

std::size_t Shares::next(Random& random) {
  double positive = 0;
  for (std::size_t i = 0; i < share_.size(); ++i) {
    behind_[i] += share_[i];
    if (behind_[i] > 0) positive += behind_[i];
  }
  double mark = random.unit() * positive;
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < share_.size(); ++i) {
    if (behind_[i] <= 0) continue;
    chosen = i;
    mark -= behind_[i];
    if (mark < 0) break;
  }
  behind_[chosen] -= 1;
  return chosen;
}

Values::Values(const Distribution& values, Exact exact) : values_(&values), empty_(values.mean <= 0) {
  if (empty_ || values.points.empty() || exact == Exact::quantiles) return;
  double mean = values.points.front().share * values.points.front().value;
  for (std::size_t i = 1; i < values.points.size(); ++i) {
    const auto& low = values.points[i - 1];
    const auto& high = values.points[i];
    mean += (high.share - low.share) * (low.value + high.value) / 2;
  }
  mean += (1 - values.points.back().share) * values.points.back().value;
  if (mean > 0) stretch_ = values.mean / mean;
}

double gamma(double shape, Random& random) {
  if (shape < 1) {
    const double power = std::pow(1 - random.unit(), 1 / shape);
    return gamma(shape + 1, random) * power;
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
    const double normal = radius * std::cos(2 * std::numbers::pi * random.unit());
    const double v = std::pow(1 + c * normal, 3);
    if (v <= 0) continue;
    if (std::log(1 - random.unit()) < normal * normal / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

}  // namespace tenfold::rehearse
