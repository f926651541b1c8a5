#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace tenfold::edge {

class Place;

// Places for clients' connections: one count for all workers. The kernel spreads connections by chance, so that shares
// of a limit would turn clients away at one worker while another has room. Touched once when a connection opens and
// once when it closes; any thread.
class Places {
 public:
  Places() = default;
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  // A place, if fewer than `limit` are taken; else an empty one.
  Place take(std::uint32_t limit);
  std::uint32_t taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  friend class Place;
  std::atomic<std::uint32_t> taken_{0};
};

// One taken place, given back at its end. Move-only; must die before its Places.
class Place {
 public:
  Place() = default;
  Place(Place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
  Place& operator=(Place&& other) noexcept {
    Place(std::move(other)).swap(*this);
    return *this;
  }
  ~Place() {
    if (owner_ != nullptr) owner_->taken_.fetch_sub(1, std::memory_order_relaxed);
  }

  explicit operator bool() const { return owner_ != nullptr; }

 private:
  friend class Places;
  explicit Place(Places& owner) : owner_(&owner) {}
  void swap(Place& other) noexcept { std::swap(owner_, other.owner_); }

  Places* owner_ = nullptr;
};

inline Place Places::take(std::uint32_t limit) {
  std::uint32_t taken = taken_.load(std::memory_order_relaxed);
  while (taken < limit) {
    if (taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed)) return Place(*this);
  }
  return {};
}

}  // namespace tenfold::edge
