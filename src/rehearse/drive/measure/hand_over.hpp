#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <semaphore>

#include "rehearse/drive/measure/second_tally.hpp"

namespace tenfold::rehearse {

// Two tallies between a driver thread, which fills one, and the collector, which reads and clears the other: no locks,
// and no waiting on the driver's side.
class HandOver {
 public:
  // The semaphore is shared by all threads' and told of each tally handed over.
  HandOver(std::size_t templates, std::counting_semaphore<>& handed)
      : tallies_{SecondTally(templates), SecondTally(templates)}, handed_(handed) {}

  // ---- The driver's side ----
  SecondTally& filling() { return tallies_[filled_ % 2]; }
  // Hands over the one being filled and goes on with the other. False while the collector still has that; then the
  // driver goes on filling the same and tries again.
  bool hand_over() {
    if (taken_.load(std::memory_order_acquire) != filled_) return false;
    ++filled_;
    given_.store(filled_, std::memory_order_release);
    handed_.release();
    return true;
  }

  // ---- The collector's side ----
  // The tally that waits to be taken; null when there is none.
  SecondTally* waiting() {
    const auto taken = taken_.load(std::memory_order_relaxed);
    return given_.load(std::memory_order_acquire) == taken ? nullptr : &tallies_[taken % 2];
  }
  // Clears it and gives it back.
  void take() {
    const auto taken = taken_.load(std::memory_order_relaxed);
    tallies_[taken % 2].clear();
    taken_.store(taken + 1, std::memory_order_release);
  }

 private:
  std::array<SecondTally, 2> tallies_;
  std::counting_semaphore<>& handed_;
  std::uint64_t filled_ = 0;  // the driver's own count
  alignas(64) std::atomic<std::uint64_t> given_ = 0;
  alignas(64) std::atomic<std::uint64_t> taken_ = 0;
};

}  // namespace tenfold::rehearse
