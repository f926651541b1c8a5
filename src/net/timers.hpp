#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "net/intrusive_list.hpp"

namespace tenfold::net {

// One wait for a moment; part of what waits. Cancels itself when it dies.
class Timer : public ListNode {
 public:
  using Callback = void (*)(void* context);
  Timer(Callback callback, void* context) : callback_(callback), context_(context) {}

  bool armed() const { return linked(); }
  TimePoint deadline() const { return deadline_; }
  void cancel() { unlink(); }

 private:
  friend class Timers;
  Callback callback_;
  void* context_;
  TimePoint deadline_{};
};

// A hierarchical timer wheel (Varghese and Lauck, 1987): arming and cancelling take constant time.
// Resolution 1 ms; a timer fires at or after its deadline, at most one tick late, never early.
// Deadlines further than 2 years away never fire. One thread only.
class Timers {
 public:
  explicit Timers(TimePoint now);

  // Arms, or arms anew. A deadline in the past fires at the next advance().
  void arm(Timer& timer, TimePoint deadline);

  // Fires all that is due; callbacks may arm and cancel any timer. Returns how many fired.
  int advance(TimePoint now);

  // No timer fires before this; empty when nothing is armed. May be earlier than the first deadline.
  std::optional<TimePoint> next_wakeup() const;

 private:
  static constexpr int level_bits = 6;
  static constexpr int slots = 1 << level_bits;
  static constexpr int levels = 6;

  struct Visit {
    int level;
    int slot;
    std::uint64_t tick;
  };

  std::uint64_t tick_of(TimePoint deadline) const;
  void place(Timer& timer, std::uint64_t tick);
  std::optional<Visit> next_visit() const;  // the next slot that holds timers
  // Fires what is due in the slot and moves the rest to finer levels. Returns how many fired.
  int open_slot(int level, int slot);

  TimePoint start_;
  std::uint64_t current_ = 0;  // every tick up to and including this one has fired
  std::array<std::array<IntrusiveList<Timer>, slots>, levels> wheel_;
  // A bit for each slot that may hold timers: set on arming, cleared when a search finds the slot empty.
  mutable std::array<std::uint64_t, levels> occupied_{};
};

}  // namespace tenfold::net
