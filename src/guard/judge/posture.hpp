#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "guard/judge/demand.hpp"
#include "guard/judge/policy.hpp"

namespace tenfold::guard::judging {

// How things stand for the shop as a whole.
enum class Posture : std::uint8_t {
  calm,      // there is enough for everyone
  strained,  // there is not, or there was not a short while ago
  besieged,  // strangers ask for more than there is, and it lasts
};
std::string_view name(Posture posture);

// Where the posture stands, with what is remembered. One state machine: its diagram and its table are in the source.
// Pure; one thread only.
class PostureState {
 public:
  explicit PostureState(const PosturePolicy& policy) : policy_(policy) {}

  enum class Phase : std::uint8_t {
    calm,
    strained,
    besieged,
    wary,  // a siege was lifted and is remembered: the next overload brings it back at once. Shown as strained
  };
  enum class Event : std::uint8_t { none, overload, siege, eased, forgotten, rush };
  static Phase next(Phase from, Event event);

  // To be told of each window, in order. `now` is the window's end.
  void take(const Signals& signals, Duration window, TimePoint now);

  Phase phase() const { return phase_; }
  Posture posture() const;
  TimePoint since() const { return since_; }  // of the phase
  // The beginning of the first overload of the trouble that lasts until calm. Empty: calm.
  std::optional<TimePoint> trouble_began() const { return trouble_began_; }
  TimePoint last_pressure() const { return last_pressure_; }
  // When strain or siege is forgotten if it stays quiet from now on.
  TimePoint forgotten_at() const;
  // Strangers were challenged, and were people: no siege for the same again.
  bool believes_rush(const Signals& signals, TimePoint now) const;
  std::uint8_t sieges_before() const { return sieges_before_; }  // within an hour, at most most_doublings

 private:
  void see_overload(const Signals& signals, Duration window, TimePoint now);
  Event weigh(const Signals& signals, TimePoint now) const;
  bool is_siege(const Signals& signals, TimePoint now) const;
  void enter(Phase to, const Signals& signals, TimePoint now);

  PosturePolicy policy_;
  Phase phase_ = Phase::calm;
  TimePoint since_{};
  std::optional<TimePoint> trouble_began_;
  std::uint32_t overloaded_windows_ = 0;     // a bit for each 100 ms, the newest is the lowest
  std::optional<TimePoint> overload_began_;  // of the one that lasts
  TimePoint last_overload_{};
  TimePoint last_pressure_{};
  std::optional<TimePoint> siege_ended_;
  std::uint8_t sieges_before_ = 0;
  std::optional<TimePoint> rush_believed_until_;
  double rush_asked_per_s_ = 0;
  std::uint8_t rushes_before_ = 0;
};

}  // namespace tenfold::guard::judging
