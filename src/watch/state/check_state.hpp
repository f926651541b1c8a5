#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "watch/probe/check.hpp"

namespace tenfold::watch {

enum class State : std::uint8_t {
  unknown,  // not looked at yet, or not for three intervals and the time two looks may take
  up,
  slow,
  failing,  // failed, not long enough to be called down
  down,
};
std::string_view name(State state);

std::string rough_words(Duration duration);  // "90 s", "70 min", "26 h", "3 days": rounded down

// What changed, for history and for on-call.
struct Change {
  std::string check;
  State from = State::unknown;
  State to = State::unknown;
  WallTime at{};
  std::string what;
};

// What outlives a restart.
struct SavedState {
  State state = State::unknown;
  WallTime since{};
  WallTime last_result{};
  std::string what;
};

// One check's state: an enum and one transition table (its diagram is in the source), pure.
//
// A failure counts when the second look, by another path, has failed as well. A failure that the second look does not
// see counts neither for nor against; but when the first look fails in five of ten rounds, that is a failure too.
// Flaps are damped: while there were more than six changes between up and down within an hour, it takes 3 x good_after
// good results to end a down. Heartbeats know no second look, and their silence is a failure at once.
class CheckState {
 public:
  explicit CheckState(const Check& check);

  static constexpr Duration flap_window = std::chrono::hours(1);
  static constexpr std::size_t flap_changes = 6;
  static constexpr unsigned unsteady_rounds = 10;
  static constexpr unsigned unsteady_failures = 5;

  // What is to be done after a result: a second look by another path at once, before a failure counts.
  enum class Next : std::uint8_t { wait, look_again };
  struct Step {
    Next next = Next::wait;
    std::optional<Change> change;
  };
  // A result with Path::other is taken as the second look of the failure before it.
  Step take(const CheckResult& result);
  Step tick(WallTime now);  // silence makes it unknown; a heartbeat's silence makes it down
  // The wall clock leapt, or the machine slept: nobody was silent for that long.
  void clock_moved(Duration by);

  // The same check with other settings: its state stays, its counts begin anew.
  void replace(const Check& check);
  void restore(const SavedState& saved);
  SavedState save() const { return {state_, since_, last_result_, what_}; }

  State state() const { return state_; }
  WallTime since() const { return since_; }  // of the state; the epoch: never had one
  const std::string& what() const { return what_; }
  bool flapping(WallTime now) const;

 private:
  enum class Event : std::uint8_t { good, quick, slow, failed, failed_enough, silent };
  static State next(State from, Event event);

  Event count_good(const CheckResult& result);
  Event count_failure();
  std::string both_failed(const CheckResult& second) const;
  void count_round(bool first_look_failed);
  std::optional<Change> apply(Event event, WallTime at, const std::string& what);
  Duration patience() const;

  std::string name_;
  std::optional<HeartbeatProbe> heartbeat_;
  Duration every_;
  Duration looks_take_;
  Duration slow_after_;
  unsigned failing_after_;
  unsigned good_after_;

  State state_ = State::unknown;
  WallTime since_{};
  WallTime last_result_{};  // the epoch: none, nor a first tick
  std::string what_;
  std::string first_failure_;  // of the round under way, in words
  std::string first_address_;  // that it came from

  unsigned failures_in_a_row_ = 0;
  unsigned good_in_a_row_ = 0;
  unsigned slow_in_a_row_ = 0;
  unsigned quick_in_a_row_ = 0;
  std::uint16_t rounds_ = 0;    // one bit each, the newest is the lowest; set: its first look failed
  std::deque<WallTime> turns_;  // between up and down; the last flap_changes + 1
};

}  // namespace tenfold::watch
