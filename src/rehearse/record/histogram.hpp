#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <limits>

#include "base/clock.hpp"

namespace tenfold::rehearse {

// Counts durations with a relative error of at most 1 / 2^Bits, from 1 µs to an hour (longer ones count as an hour):
// the layout of an HDR histogram, of fixed size, added to another in one pass. Recorded by one thread.
template <int Bits>
class Histogram {
 public:
  static constexpr std::uint64_t most_us = 3'600'000'000;
  static constexpr int linear = 1 << Bits;   // below this many µs each has its own
  static constexpr int octaves = 32 - Bits;  // 2^32 µs > an hour
  static constexpr int buckets = linear * (octaves + 1);

  void record(Duration duration, std::uint64_t times = 1) {
    const std::uint64_t us = microseconds(duration);
    counts_[bucket_of(us)] += static_cast<std::uint32_t>(times);
    count_ += times;
    sum_us_ += us * times;
    if (us > most_) most_ = us;
    if (us < least_) least_ = us;
  }
  void add(const Histogram& other) {
    if (other.count_ == 0) return;
    for (int i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_us_ += other.sum_us_;
    if (other.most_ > most_) most_ = other.most_;
    if (other.least_ < least_) least_ = other.least_;
  }
  void clear() { *this = Histogram(); }

  std::uint64_t count() const { return count_; }
  Duration mean() const { return std::chrono::microseconds(count_ == 0 ? 0 : sum_us_ / count_); }
  Duration most() const { return std::chrono::microseconds(most_); }
  Duration least() const { return std::chrono::microseconds(count_ == 0 ? 0 : least_); }

  // The duration that a share (0..1) of what is counted does not exceed: the middle of its bucket. Zero when nothing is
  // counted.
  Duration quantile(double share) const {
    if (count_ == 0) return Duration::zero();
    auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_) + 0.999999);
    if (wanted < 1) wanted = 1;
    std::uint64_t seen = 0;
    for (int i = 0; i < buckets; ++i) {
      seen += counts_[i];
      if (seen >= wanted) return std::chrono::microseconds(middle_us(i) < most_ ? middle_us(i) : most_);
    }
    return most();
  }
  // How many are longer than this.
  std::uint64_t over(Duration duration) const {
    std::uint64_t sum = 0;
    for (int i = bucket_of(microseconds(duration)) + 1; i < buckets; ++i) sum += counts_[i];
    return sum;
  }

  static int bucket_of(std::uint64_t us) {
    if (us < static_cast<std::uint64_t>(linear)) return static_cast<int>(us);
    const int shift = 63 - std::countl_zero(us) - Bits;
    return ((shift + 1) << Bits) + static_cast<int>((us >> shift) - linear);
  }
  static std::uint64_t middle_us(int bucket) {
    if (bucket < linear) return static_cast<std::uint64_t>(bucket);
    const int shift = (bucket >> Bits) - 1;
    const std::uint64_t low = (static_cast<std::uint64_t>(bucket & (linear - 1)) + linear) << shift;
    return low + ((std::uint64_t{1} << shift) >> 1);
  }

 private:
  static std::uint64_t microseconds(Duration duration) {
    if (duration.count() <= 0) return 0;
    const auto us = static_cast<std::uint64_t>(duration.count()) / 1000;
    return us < most_us ? us : most_us;
  }

  std::array<std::uint32_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_us_ = 0;
  std::uint64_t most_ = 0;
  std::uint64_t least_ = std::numeric_limits<std::uint64_t>::max();
};

using FineHistogram = Histogram<10>;   // three digits; 90 KiB
using CoarseHistogram = Histogram<6>;  // 1.6 %; 7 KiB: one for each template and window

}  // namespace tenfold::rehearse
