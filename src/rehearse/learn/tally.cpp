#include "rehearse/learn/tally.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tenfold::rehearse {
namespace {

constexpr std::size_t most_slopes = 64;  // two points each: within Distribution's 129
constexpr int mantissa_bits = 5;

std::uint32_t key_of(double value) {
  if (!(value > 1e-6)) return 0;
  return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(value) >> (52 - mantissa_bits));
}

struct Slope {
  double from = 0, to = 0;  // shares
  double low = 0, high = 0;
};

// How much is lost by one slope over both: their share times how far their values are apart, relatively.
double loss(const Slope& a, const Slope& b) { return (b.to - a.from) * std::log((b.high + 0.01) / (a.low + 0.01)); }

void join_least(std::vector<Slope>& slopes) {
  std::size_t best = 0;
  double least = INFINITY;
  for (std::size_t i = 0; i + 1 < slopes.size(); ++i) {
    const double lost = loss(slopes[i], slopes[i + 1]);
    if (lost < least) {
      least = lost;
      best = i;
    }
  }
  slopes[best].to = slopes[best + 1].to;
  slopes[best].high = slopes[best + 1].high;
  slopes.erase(slopes.begin() + static_cast<std::ptrdiff_t>(best) + 1);
}

}  // namespace

void Tally::add(double value) {
  if (!(value > 0)) value = 0;
  const std::uint32_t key = key_of(value);
  auto at = std::lower_bound(buckets_.begin(), buckets_.end(), key, [](const Bucket& b, auto k) { return b.key < k; });
  if (at == buckets_.end() || at->key != key) at = buckets_.insert(at, Bucket{key, 0, 0});
  ++at->count;
  at->sum += value;
  count_ += 1;
  sum_ += value;
}

void Tally::add(const Tally& other) {
  std::vector<Bucket> merged;
  merged.reserve(buckets_.size() + other.buckets_.size());
  auto a = buckets_.begin();
  for (const auto& b : other.buckets_) {
    while (a != buckets_.end() && a->key < b.key) merged.push_back(*a++);
    merged.push_back(b);
    if (a != buckets_.end() && a->key == b.key) {
      merged.back().count += a->count;
      merged.back().sum += a->sum;
      ++a;
    }
  }
  merged.insert(merged.end(), a, buckets_.end());
  buckets_ = std::move(merged);
  count_ += other.count_;
  sum_ += other.sum_;
}

Tally::Part Tally::above(double value, double window) const {
  constexpr double most = 4;
  Part part;
  for (auto bucket = buckets_.rbegin(); bucket != buckets_.rend(); ++bucket) {
    const double length = bucket->sum / bucket->count;
    if (length <= value) break;
    const double weight = std::min(most, window / std::max(1e-9, window - length));
    part.count += bucket->count * weight;
    part.sum += bucket->sum * weight;
  }
  return part;
}

Distribution Tally::distribution() const {
  Distribution result;
  if (count_ == 0) return result;
  result.mean = sum_ / count_;
  std::vector<Slope> slopes;
  double share = 0;
  for (const auto& bucket : buckets_) {
    const double value = bucket.sum / bucket.count;
    const double to = share + bucket.count / count_;
    slopes.push_back({share, to, value, value});
    share = to;
  }
  while (slopes.size() > most_slopes) join_least(slopes);
  for (auto& slope : slopes) {
    // Just before the next slope: shares ascend strictly.
    const bool last = &slope == &slopes.back();
    result.points.push_back({slope.from, slope.low});
    result.points.push_back({last ? 1.0 : slope.to - (slope.to - slope.from) * 1e-6, slope.high});
  }
  return result;
}

}  // namespace tenfold::rehearse
