#pragma once

#include <array>
#include <atomic>
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

// Tells whether a key was purged since a fetch for it began, so that the fetch does not bring back what was to be
// forgotten. Fixed memory: keys share marks, which at worst keeps a response from being stored. Thread-safe.
class PurgeMarks {
 public:
  // Taken when a fetch begins.
  std::uint64_t now() const { return count_.load(std::memory_order_acquire); }
  void purged(std::uint64_t hash) { mark(hash).store(next(), std::memory_order_release); }
  void purged_many() { many_.store(next(), std::memory_order_release); }
  bool purged_since(std::uint64_t hash, std::uint64_t began) const {
    return mark(hash).load(std::memory_order_acquire) > began || many_.load(std::memory_order_acquire) > began;
  }

 private:
  static constexpr std::size_t marks = 4096;
  std::uint64_t next() { return count_.fetch_add(1, std::memory_order_acq_rel) + 1; }
  std::atomic<std::uint64_t>& mark(std::uint64_t hash) { return marks_[hash % marks]; }
  const std::atomic<std::uint64_t>& mark(std::uint64_t hash) const { return marks_[hash % marks]; }

  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> many_{0};
  std::array<std::atomic<std::uint64_t>, marks> marks_{};
};

}  // namespace tenfold::cache
