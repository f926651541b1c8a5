#pragma once

#include <absl/container/flat_hash_set.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace tenfold::rehearse {

// About how many different hashes were seen: HyperLogLog with 2^Bits registers of a byte; standard error 1.04/sqrt of
// that.
template <int Bits>
class DistinctSketch {
 public:
  void add(std::uint64_t hash) {
    const std::uint64_t index = hash >> (64 - Bits);
    const auto rank =
        static_cast<std::uint8_t>(std::countl_zero((hash << Bits) | (std::uint64_t{1} << (Bits - 1))) + 1);
    if (registers_[index] < rank) registers_[index] = rank;
  }
  void add(const DistinctSketch& other) {
    for (std::size_t i = 0; i < registers_.size(); ++i)
      if (registers_[i] < other.registers_[i]) registers_[i] = other.registers_[i];
  }
  double estimate() const {
    constexpr double m = 1 << Bits;
    double sum = 0;
    int empty = 0;
    for (const auto rank : registers_) {
      sum += std::ldexp(1.0, -rank);
      empty += rank == 0;
    }
    const double raw = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    return raw <= 2.5 * m && empty > 0 ? m * std::log(m / empty) : raw;
  }

 private:
  std::array<std::uint8_t, std::size_t{1} << Bits> registers_{};
};

// Exact up to 100,000, then a sketch (1.6 %).
class DistinctCount {
 public:
  void add(std::uint64_t hash) {
    sketch_.add(hash);
    if (exact_.size() < most_exact) exact_.insert(hash);
  }
  double count() const {
    return exact_.size() < most_exact ? static_cast<double>(exact_.size()) : std::round(sketch_.estimate());
  }

 private:
  static constexpr std::size_t most_exact = 100'000;
  absl::flat_hash_set<std::uint64_t> exact_;
  DistinctSketch<12> sketch_;
};

// Up to Most different ones, remembered by 32 bits: who asked for something, as far as it matters.
template <int Most>
class FewVisitors {
 public:
  void add(std::uint32_t visitor) {
    if (count_ == Most) return;
    for (int i = 0; i < count_; ++i)
      if (seen_[i] == visitor) return;
    seen_[count_++] = visitor;
  }
  void add(const FewVisitors& other) {
    for (int i = 0; i < other.count_; ++i) add(other.seen_[i]);
  }
  bool enough() const { return count_ == Most; }

 private:
  std::array<std::uint32_t, Most> seen_{};
  std::uint8_t count_ = 0;
};

}  // namespace tenfold::rehearse
