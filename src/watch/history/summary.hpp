#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace tenfold::watch {

// How one round of looks counts. Muted: it failed in a maintenance window, or while our own uplink was down, and says
// nothing of the shop. None: a first look whose second look tells.
enum class Counts : std::uint8_t { none, good, failed, muted };

// What a stretch of time amounts to for one check: how often it was good, and how long good answers took, in buckets
// that are a fifth wide (19 %), from 1 ms to 55 s; shorter and longer ones count in the first and last.
class Summary {
 public:
  static constexpr int buckets = 64;

  // `took`: of a good answer; none: it says nothing of speed.
  void add(Counts counts, std::optional<Duration> took);
  void merge(const Summary& other);

  std::uint64_t good() const { return good_; }
  std::uint64_t failed() const { return failed_; }
  std::uint64_t muted() const { return muted_; }
  std::uint64_t timed() const;  // good answers whose time counts
  bool empty() const { return good_ + failed_ + muted_ == 0; }
  double up_share() const;                 // of the good and failed; -1: there are none
  double quantile_ms(double share) const;  // the upper bound of the bucket in which it lies; -1: nothing was timed

  // "12:118,13:2": bucket and count. At most buckets x 23 bytes; some 60 for a check that answers steadily.
  std::string times() const;
  // Numbers that are none, and buckets there are none of, are left out.
  static Summary of(std::uint64_t good, std::uint64_t failed, std::uint64_t muted, std::string_view times);

  static int bucket_of(Duration took);
  static double upper_bound_ms(int bucket);

  bool operator==(const Summary&) const = default;

 private:
  void count(int bucket, std::uint64_t times);

  std::uint64_t good_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t muted_ = 0;
  std::vector<std::pair<std::uint8_t, std::uint64_t>> times_;  // by bucket; those that count something
};

}  // namespace tenfold::watch
