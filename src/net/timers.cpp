#include "net/timers.hpp"

#include <algorithm>
#include <bit>

#include "base/result.hpp"

namespace tenfold::net {

namespace {

constexpr Duration tick_length = std::chrono::milliseconds(1);

}  // namespace

Timers::Timers(TimePoint now) : start_(now) {}

std::uint64_t Timers::tick_of(TimePoint deadline) const {
  if (deadline <= start_) return 0;
  return static_cast<std::uint64_t>((deadline - start_ + tick_length - Duration(1)) / tick_length);
}

void Timers::arm(Timer& timer, TimePoint deadline) {
  timer.unlink();
  timer.deadline_ = deadline;
  if (deadline == no_deadline) return;
  place(timer, std::max(tick_of(deadline), current_ + 1));
}

// A timer lies at the level of the highest digit (base 64) in which its tick differs from the current one, so that in
// each level only slots ahead of the current digit are in use.
void Timers::place(Timer& timer, std::uint64_t tick) {
  const int level = (63 - std::countl_zero(tick ^ current_)) / level_bits;
  if (level >= levels) return;  // more than two years away: documented never to fire
  const auto slot = static_cast<std::size_t>((tick >> (level * level_bits)) & (slots - 1));
  wheel_[level][slot].push_back(timer);
  occupied_[level] |= std::uint64_t{1} << slot;
}

std::optional<Timers::Visit> Timers::next_visit() const {
  for (int level = 0; level < levels; ++level) {
    const int shift = level * level_bits;
    const auto digit = static_cast<unsigned>((current_ >> shift) & (slots - 1));
    const std::uint64_t ahead = digit == slots - 1 ? 0 : ~std::uint64_t{0} << (digit + 1);
    while (const std::uint64_t candidates = occupied_[level] & ahead) {
      const int slot = std::countr_zero(candidates);
      if (wheel_[level][slot].empty()) {
        occupied_[level] &= ~(std::uint64_t{1} << slot);
        continue;
      }
      const std::uint64_t above =
          shift + level_bits >= 64 ? 0 : (current_ >> (shift + level_bits)) << (shift + level_bits);
      return Visit{level, slot, above | (static_cast<std::uint64_t>(slot) << shift)};
    }
  }
  return std::nullopt;
}

int Timers::advance(TimePoint now) {
  if (now < start_) return 0;
  const auto target = static_cast<std::uint64_t>((now - start_) / tick_length);
  int fired = 0;
  while (current_ < target) {
    const auto visit = next_visit();
    if (!visit || visit->tick > target) {
      current_ = target;
      break;
    }
    current_ = visit->tick;
    fired += open_slot(visit->level, visit->slot);
  }
  return fired;
}

int Timers::open_slot(int level, int slot) {
  IntrusiveList<Timer>& list = wheel_[level][slot];
  IntrusiveList<Timer> due;
  list.for_each([&](Timer& timer) {
    const std::uint64_t tick = tick_of(timer.deadline_);
    if (tick <= current_) {
      due.push_back(timer);
    } else {
      place(timer, tick);
    }
  });
  occupied_[level] &= ~(std::uint64_t{1} << slot);
  int fired = 0;
  while (!due.empty()) {
    Timer& timer = due.front();
    timer.unlink();
    ++fired;
    timer.callback_(timer.context_);  // may destroy this timer and cancel or arm others
  }
  return fired;
}

std::optional<TimePoint> Timers::next_wakeup() const {
  const auto visit = next_visit();
  if (!visit) return std::nullopt;
  return start_ + static_cast<std::int64_t>(visit->tick) * tick_length;
}

}  // namespace tenfold::net
