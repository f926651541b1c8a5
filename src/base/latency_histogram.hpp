#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

#include "base/clock.hpp"
#include "base/metrics.hpp"

namespace tenfold {

// Counts durations in buckets that are at most 1/16 wide (6 %), from 1 µs to about 19 hours; shorter and longer ones
// count in the first and last. Fixed size: 4.5 KiB. Recorded by one thread, read by any.
class LatencyHistogram {
 public:
  static constexpr int sub_bits = 4;
  static constexpr int octaves = 36;
  static constexpr int buckets = octaves << sub_bits;
  using Counts = std::array<std::uint64_t, buckets>;

  void record(Duration duration) {
    counts_[bucket_of(duration)].add();
    sum_us_.add(microseconds(duration));
  }

  // Adds what was recorded to the counts.
  void add_to(Counts& counts) const {
    for (int i = 0; i < buckets; ++i) counts[i] += counts_[i].value();
  }
  std::uint64_t sum_us() const { return sum_us_.value(); }

  static int bucket_of(Duration duration) {
    const std::uint64_t us = microseconds(duration);
    constexpr std::uint64_t linear = std::uint64_t{1} << sub_bits;
    if (us < linear) return static_cast<int>(us);
    const int octave = 63 - std::countl_zero(us) - sub_bits;
    const int bucket = ((octave + 1) << sub_bits) + static_cast<int>((us >> octave) - linear);
    return bucket < buckets ? bucket : buckets - 1;
  }
  // The longest duration that counts in this bucket.
  static Duration upper_bound(int bucket) {
    constexpr int linear = 1 << sub_bits;
    if (bucket < linear) return std::chrono::microseconds(bucket + 1);
    const int octave = (bucket >> sub_bits) - 1;
    const std::uint64_t within = static_cast<std::uint64_t>(bucket & (linear - 1)) + linear;
    return std::chrono::microseconds((within + 1) << octave);
  }

 private:
  static std::uint64_t microseconds(Duration duration) {
    return duration.count() <= 0 ? 0 : static_cast<std::uint64_t>(duration.count()) / 1000;
  }
  std::array<Counter, buckets> counts_;
  Counter sum_us_;
};

// The duration that a share (0..1) of what is counted stays under; zero when nothing is.
Duration quantile(const LatencyHistogram::Counts& counts, double share);

}  // namespace tenfold
