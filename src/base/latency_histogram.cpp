#include "base/latency_histogram.hpp"

#include <cmath>

namespace tenfold {

Duration quantile(const LatencyHistogram::Counts& counts, double share) {
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts) total += count;
  if (total == 0) return Duration(0);
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total)));
  std::uint64_t seen = 0;
  for (int bucket = 0; bucket < LatencyHistogram::buckets; ++bucket) {
    seen += counts[bucket];
    if (seen >= wanted && seen > 0) return LatencyHistogram::upper_bound(bucket);
  }
  return LatencyHistogram::upper_bound(LatencyHistogram::buckets - 1);
}

}  // namespace tenfold
