#pragma once

#include <absl/container/flat_hash_map.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "cache/store/body.hpp"
#include "cache/store/ref.hpp"
#include "net/intrusive_list.hpp"

namespace tenfold::cache {

class Hold;

// The bodies that are being sent, and so kept from eviction for as long as their readers take. Bounded: slow readers of
// many pages could else keep all of the memory from whatever comes new. One client holds a quarter at most, or one
// body; where all is held, the slowest reader loses its hold to who comes new (docs/decisions/0018-sent-while-kept.md).
// Its own memory is some hundred bytes for each answer that is being sent, of which there are no more than connections.
// Thread-safe.
class Holds {
 public:
  explicit Holds(std::size_t limit_bytes) : limit_bytes_(limit_bytes), share_bytes_(limit_bytes / 4) {}
  Holds(const Holds&) = delete;
  Holds& operator=(const Holds&) = delete;

  // False past the client's share, and when as much is held as may be and nobody reads slowly. Else slow readers may
  // have lost theirs for it; what is lost and not yet given back is at most half of the limit at any time.
  bool take(Hold& hold, Ref<const Body> body, std::uint64_t client);
  std::size_t held_bytes() const { return held_bytes_.load(std::memory_order_relaxed); }

  // Who reads faster than this, or is not known to read slower, loses nothing to others.
  static constexpr std::uint64_t slow_bytes_per_s = 64 * 1024;

 private:
  friend class Hold;
  struct Client {
    std::size_t bytes = 0;                                     // each body once
    absl::flat_hash_map<std::uint64_t, std::uint32_t> bodies;  // by number: how many of its holds are of that body
  };

  void add(Hold& hold, Ref<const Body> body, std::uint64_t client);
  void subtract(Hold& hold);
  void give_back(Hold& hold);
  Hold* slowest();

  const std::size_t limit_bytes_;
  const std::size_t share_bytes_;
  std::mutex mutex_;  // of all below, and of Body::holds_
  std::atomic<std::size_t> held_bytes_{0};
  std::size_t lost_bytes_ = 0;  // of holds that are lost and not given back
  std::size_t count_ = 0;
  net::IntrusiveList<Hold> holds_;
  absl::flat_hash_map<std::uint64_t, std::unique_ptr<Client>> clients_;
};

// One reader's hold, in one place all its life. Must die before its Cache.
class Hold : public net::ListNode {
 public:
  Hold() = default;
  ~Hold() { give_back(); }

  // It was taken, and has not been lost to others: the body may be kept.
  bool good() const { return holds_ != nullptr && !lost(); }
  bool lost() const { return lost_.load(std::memory_order_relaxed); }
  // How fast it is read; by the reader's thread.
  void note_pace(std::uint64_t bytes_per_s) { pace_.store(bytes_per_s, std::memory_order_relaxed); }
  void give_back() {
    if (holds_ != nullptr) std::exchange(holds_, nullptr)->give_back(*this);
  }

 private:
  friend class Holds;
  Holds* holds_ = nullptr;
  Ref<const Body> body_;
  std::uint64_t client_ = 0;
  Holds::Client* of_client_ = nullptr;
  std::size_t lost_bytes_ = 0;  // that nobody else holds
  std::atomic<std::uint64_t> pace_{UINT64_MAX};
  std::atomic<bool> lost_{false};
};

}  // namespace tenfold::cache
