#pragma once

#include <cstddef>
#include <cstdint>

namespace tenfold::cache {

// Where a request would stand among those who wait for the origin if it fetched for itself, in the terms of whoever
// orders them. The cache compares ranks, and passes all of it on to the one who fetches.
struct Stake {
  static constexpr std::size_t ranks = 6;
  static constexpr std::uint8_t lowest = ranks - 1;  // nobody orders them

  std::uint8_t rank = lowest;  // which comes first, the least before all others; below `ranks`
  std::uint8_t standing = 0;
  std::uint8_t weight = 1;
  std::uint64_t flow = 0;

  bool is_better_than(const Stake& other) const { return rank < other.rank; }
};

}  // namespace tenfold::cache
