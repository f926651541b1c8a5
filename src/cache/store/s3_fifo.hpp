#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/intrusive_list.hpp"

namespace tenfold::cache {

// What S3Fifo keeps of each item; a base class of the item.
class S3Node : public net::ListNode {
 public:
  // Called on each use, by any thread, without a lock: a two-bit counter that stays at 3.
  void touch() const {
    const std::uint8_t uses = uses_.load(std::memory_order_relaxed);
    if (uses < 3) uses_.store(static_cast<std::uint8_t>(uses + 1), std::memory_order_relaxed);
  }
  bool is_used() const { return uses_.load(std::memory_order_relaxed) > 0; }
  // Takes one use off, if there is one.
  void forget_use() const {
    const std::uint8_t uses = uses_.load(std::memory_order_relaxed);
    if (uses > 0) uses_.store(static_cast<std::uint8_t>(uses - 1), std::memory_order_relaxed);
  }

 protected:
  ~S3Node() = default;

 private:
  friend class S3Fifo;
  enum class Queue : std::uint8_t { none, small, main };
  mutable std::atomic<std::uint8_t> uses_{0};
  Queue queue_ = Queue::none;
  std::size_t bytes_ = 0;
  std::uint64_t hash_ = 0;
};

// Decides what to evict: S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023).
// New items pass through a small queue; what was used there at least twice moves to the main queue, what was not leaves
// and is remembered as a ghost; who comes back while its ghost is remembered goes to the main queue directly.
// The main queue gives an item another round for each use counted. A scan thus passes through the small queue and
// never touches the main one. Owns nothing. Not thread-safe but for S3Node::touch().
class S3Fifo {
 public:
  // ghosts: how many of those that left are remembered at most, rounded up to a power of two.
  S3Fifo(std::size_t capacity_bytes, std::size_t ghosts);

  void insert(S3Node& node, std::uint64_t hash, std::size_t bytes);
  void remove(S3Node& node);  // does nothing for a node that is not in
  // The successor of `old` (a validated head, say) takes its place, age and count; old is out.
  void replace(S3Node& old, S3Node& with, std::size_t bytes);

  enum class Wish : std::uint8_t {
    by_use,  // decide by the queues' rules
    spare,   // not now: another round (it is being sent, and evicting it would free nothing)
    drop,    // of no use any more, however often it was used
  };
  // Takes the next victim out and returns it; null when there is none to be had in a bounded number of visits.
  // wish(node) gives a Wish. After many that stayed by their use, the next goes whatever its use.
  template <class F>
  S3Node* evict(F&& wish);

  std::size_t small_bytes() const { return small_bytes_; }
  std::size_t main_bytes() const { return main_bytes_; }
  std::size_t size() const { return small_count_ + main_count_; }
  static std::size_t ghost_bytes(std::size_t ghosts);

 private:
  static constexpr int patience = 64;          // rounds in the main queue, for one eviction
  static constexpr int most_promotions = 512;  // from the small queue, for one eviction
  static constexpr int ghost_ways = 4;

  void push(S3Node& node, S3Node::Queue queue);
  void remember(std::uint64_t hash);
  bool forget(std::uint64_t hash);  // true: it was a ghost

  struct Ghost {
    std::uint32_t fingerprint = 0;
    std::uint32_t left_at = 0;  // the count of those that had left; 0: free
  };

  const std::size_t small_target_bytes_;
  net::IntrusiveList<S3Node> small_;
  net::IntrusiveList<S3Node> main_;
  std::size_t small_bytes_ = 0;
  std::size_t main_bytes_ = 0;
  std::size_t small_count_ = 0;
  std::size_t main_count_ = 0;
  std::vector<Ghost> ghosts_;  // buckets of ghost_ways
  std::uint32_t left_ = 0;
};

template <class F>
S3Node* S3Fifo::evict(F&& wish) {
  // A bound on the time under the queues' lock, even when everything is being sent.
  std::size_t visits_left = std::min<std::size_t>(size() * 2, 1024) + patience + most_promotions;
  bool other_queue = false;  // after an item that had to be spared: all of its queue may be in use
  int promotions = 0;
  for (int rounds = 0; visits_left > 0 && size() > 0; --visits_left) {
    const bool small_is_due = (small_bytes_ >= small_target_bytes_) != other_queue;
    const bool from_small = main_count_ == 0 || (small_count_ > 0 && small_is_due);
    S3Node& node = from_small ? small_.front() : main_.front();
    const S3Node::Queue queue = node.queue_;
    const Wish wanted = wish(node);
    remove(node);
    if (wanted == Wish::drop) return &node;
    if (wanted == Wish::spare) {
      other_queue = !other_queue;
      push(node, queue);
      continue;
    }
    const std::uint8_t uses = node.uses_.load(std::memory_order_relaxed);
    const bool stays = from_small ? uses > 1 && promotions < most_promotions : uses > 0 && rounds < patience;
    if (stays) {
      ++(from_small ? promotions : rounds);
      node.uses_.store(from_small ? std::uint8_t{0} : static_cast<std::uint8_t>(uses - 1), std::memory_order_relaxed);
      push(node, S3Node::Queue::main);
      continue;
    }
    if (from_small) remember(node.hash_);
    return &node;
  }
  return nullptr;
}

}  // namespace tenfold::cache
