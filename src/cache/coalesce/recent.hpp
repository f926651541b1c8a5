#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"

namespace tenfold::cache {

// Remembers keys for a while, in fixed memory: a bucket of four for each key, in which the one that ends soonest makes
// room. Two keys with one hash are taken for one. Not thread-safe.
class RecentKeys {
 public:
  explicit RecentKeys(std::size_t buckets_log2) : mask_((std::size_t{1} << buckets_log2) - 1), buckets_(mask_ + 1) {}

  void remember(std::uint64_t hash, TimePoint until) {
    Bucket& bucket = buckets_[hash & mask_];
    Slot* place = &bucket[0];
    for (Slot& slot : bucket) {
      if (slot.hash == hash) {
        place = &slot;
        break;
      }
      if (slot.until < place->until) place = &slot;
    }
    *place = {hash, until};
  }
  bool remembers(std::uint64_t hash, TimePoint now) const {
    for (const Slot& slot : buckets_[hash & mask_]) {
      if (slot.hash == hash && now < slot.until) return true;
    }
    return false;
  }
  void forget(std::uint64_t hash) {
    for (Slot& slot : buckets_[hash & mask_]) {
      if (slot.hash == hash) slot = {};
    }
  }
  static std::size_t bytes(std::size_t buckets_log2) { return sizeof(Bucket) << buckets_log2; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    TimePoint until{};
  };
  using Bucket = std::array<Slot, 4>;
  std::size_t mask_;
  std::vector<Bucket> buckets_;
};

}  // namespace tenfold::cache
