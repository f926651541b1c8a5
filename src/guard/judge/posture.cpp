#include "guard/judge/posture.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>

namespace tenfold::guard::judging {

namespace {

constexpr Duration slot = std::chrono::milliseconds(100);
constexpr int most_slots = 5;  // that an overload is looked for in

Duration doubled(Duration base, std::uint8_t times) { return base * (1 << times); }

}  // namespace

//                  overload               siege
//        calm --------------> strained ----------> besieged
//         ^                     |  ^                | ^  |
//         |      forgotten      |  |      rush      | |  | eased
//         +---------------------+  +----------------+ |  v
//         |                                     siege | wary
//         +-------------------------------------------+--+
//                             forgotten
PostureState::Phase PostureState::next(Phase from, Event event) {
  using enum Phase;
  struct Row {
    Phase overload, siege, eased, forgotten, rush;
  };
  static constexpr std::array<Row, 4> table{{
      //            overload  siege     eased     forgotten rush
      /*calm*/ {strained, besieged, calm, calm, calm},
      /*strained*/ {strained, besieged, strained, calm, strained},
      /*besieged*/ {besieged, besieged, wary, besieged, strained},
      /*wary*/ {wary, besieged, wary, calm, wary},
  }};
  const Row& row = table[static_cast<std::size_t>(from)];
  switch (event) {
    case Event::none: return from;
    case Event::overload: return row.overload;
    case Event::siege: return row.siege;
    case Event::eased: return row.eased;
    case Event::forgotten: return row.forgotten;
    case Event::rush: return row.rush;
  }
  return from;
}

std::string_view name(Posture posture) {
  static constexpr std::array<std::string_view, 3> names{"calm", "strained", "besieged"};
  return names[static_cast<std::size_t>(posture)];
}

Posture PostureState::posture() const {
  static constexpr std::array<Posture, 4> postures{Posture::calm, Posture::strained, Posture::besieged,
                                                   Posture::strained};
  return postures[static_cast<std::size_t>(phase_)];
}

void PostureState::take(const Signals& signals, Duration window, TimePoint now) {
  if (window <= Duration::zero()) return;
  see_overload(signals, window, now);
  const Phase to = next(phase_, weigh(signals, now));
  if (to != phase_) enter(to, signals, now);
}

// A window of several slots is as many alike.
void PostureState::see_overload(const Signals& signals, Duration window, TimePoint now) {
  const auto slots = std::clamp<int>(static_cast<int>((window + slot / 2) / slot), 1, most_slots);
  for (int i = 0; i < slots; ++i) overloaded_windows_ = (overloaded_windows_ << 1) | (signals.overloaded ? 1 : 0);
  overloaded_windows_ &= (1u << most_slots) - 1;
  if (std::popcount(overloaded_windows_) < policy_.strained_windows) {
    overload_began_.reset();
  } else if (!overload_began_) {
    overload_began_ = now - slot * (std::bit_width(overloaded_windows_) - slots) - window;
  }
  if (signals.overloaded) last_overload_ = now;
  if ((signals.overloaded && !signals.fault) || signals.presses) last_pressure_ = now;
}

PostureState::Event PostureState::weigh(const Signals& signals, TimePoint now) const {
  if (phase_ == Phase::besieged) {
    const bool asked = now - since_ >= policy_.rush_asked_for;
    if (asked && signals.rush_like && signals.people_solve) return Event::rush;
    return now - last_pressure_ >= policy_.eased_after ? Event::eased : Event::siege;
  }
  if (is_siege(signals, now)) return Event::siege;
  if (overload_began_) return Event::overload;
  return phase_ != Phase::calm && now >= forgotten_at() ? Event::forgotten : Event::none;
}

bool PostureState::is_siege(const Signals& signals, TimePoint now) const {
  if (!signals.exceeds || !signals.overloaded || believes_rush(signals, now)) return false;
  if (phase_ == Phase::wary) return true;
  if (!overload_began_) return false;
  if (signals.many_ignore) return true;
  return now - *overload_began_ >= (signals.rush_like ? policy_.besieged_after_in_rush : policy_.besieged_after);
}

bool PostureState::believes_rush(const Signals& signals, TimePoint now) const {
  return rush_believed_until_ && now < *rush_believed_until_ && signals.rush_like && !signals.many_ignore &&
         signals.strangers_asked_per_s <= policy_.rush_grows * rush_asked_per_s_;
}

TimePoint PostureState::forgotten_at() const {
  if (phase_ != Phase::wary) return last_overload_ + policy_.strain_forgotten;
  return std::max(last_overload_, last_pressure_) + doubled(policy_.siege_forgotten, sieges_before_);
}

void PostureState::enter(Phase to, const Signals& signals, TimePoint now) {
  if (phase_ == Phase::calm) trouble_began_ = overload_began_.value_or(now);
  if (to == Phase::calm) trouble_began_.reset();
  if (to == Phase::besieged) {
    const bool again = siege_ended_ && now - *siege_ended_ < policy_.repeats_forgotten;
    sieges_before_ = again ? static_cast<std::uint8_t>(std::min(sieges_before_ + 1, int{policy_.most_doublings})) : 0;
    last_pressure_ = now;
  }
  if (phase_ == Phase::besieged) siege_ended_ = now;
  if (phase_ == Phase::besieged && to == Phase::strained) {
    const bool again = rush_believed_until_ && now - *rush_believed_until_ < policy_.repeats_forgotten;
    rushes_before_ = again ? static_cast<std::uint8_t>(std::min(rushes_before_ + 1, int{policy_.most_doublings})) : 0;
    rush_believed_until_ = now + doubled(policy_.rush_believed, rushes_before_);
    rush_asked_per_s_ = signals.strangers_asked_per_s;
    siege_ended_.reset();
  }
  phase_ = to;
  since_ = now;
}

}  // namespace tenfold::guard::judging
