#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tenfold::cache {

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

// When the fetch of a key began. Whoever lists its response asks under the store's lock: a purge leaves its mark before
// it takes that lock to remove what is listed, so that one of the two sees the other.
struct FetchBegan {
  const PurgeMarks* marks = nullptr;  // null: nothing is ever purged
  std::uint64_t key_hash = 0;
  std::uint64_t moment = 0;  // PurgeMarks::now() then
  bool purged_since() const { return marks != nullptr && marks->purged_since(key_hash, moment); }
};

}  // namespace tenfold::cache
