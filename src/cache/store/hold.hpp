#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

#include "cache/store/body.hpp"
#include "cache/store/ref.hpp"

namespace tenfold::cache {

// Counts the bytes of bodies that are being sent, and so kept from eviction for as long as their readers take. Bounded:
// slow readers of many pages could else keep all of the memory from whatever comes new. Thread-safe.
class Holds {
 public:
  explicit Holds(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}
  Holds(const Holds&) = delete;
  Holds& operator=(const Holds&) = delete;

  // False when as much is held as may be; another hold of the same body costs nothing.
  bool take(const Body& body) {
    const std::lock_guard lock(stripe(body));
    if (body.holds_ == 0) {
      const std::size_t bytes = body.charged_bytes();
      if (held_bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes > limit_bytes_) {
        held_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
        return false;
      }
    }
    ++body.holds_;
    return true;
  }
  void give_back(const Body& body) {
    const std::lock_guard lock(stripe(body));
    if (--body.holds_ == 0) held_bytes_.fetch_sub(body.charged_bytes(), std::memory_order_relaxed);
  }
  std::size_t held_bytes() const { return held_bytes_.load(std::memory_order_relaxed); }

 private:
  struct alignas(64) Stripe {
    std::mutex mutex;  // of Body::holds_ of the bodies that come here
  };
  std::mutex& stripe(const Body& body) { return stripes_[(body.number() * 0x9e3779b97f4a7c15u) >> 60].mutex; }

  const std::size_t limit_bytes_;
  std::atomic<std::size_t> held_bytes_{0};
  std::array<Stripe, 16> stripes_;
};

// One reader's hold. Move-only; must die before its Cache.
class Hold {
 public:
  Hold() = default;
  Hold(Holds& holds, Ref<const Body> body) : holds_(&holds), body_(std::move(body)) {}  // taken already
  Hold(Hold&& other) noexcept : holds_(std::exchange(other.holds_, nullptr)), body_(std::move(other.body_)) {}
  Hold& operator=(Hold&& other) noexcept {
    std::swap(holds_, other.holds_);
    std::swap(body_, other.body_);
    return *this;
  }
  ~Hold() {
    if (holds_ != nullptr) holds_->give_back(*body_);
  }
  explicit operator bool() const { return holds_ != nullptr; }

 private:
  Holds* holds_ = nullptr;
  Ref<const Body> body_;
};

}  // namespace tenfold::cache
