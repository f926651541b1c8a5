#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "watch/probe/check.hpp"

namespace tenfold::watch {

enum class State : std::uint8_t {
  unknown,  // not looked at yet, or not for three intervals
  up,
  slow,
  failing,  // failed, not long enough to be called down
  down,
};
std::string_view name(State state);

// What changed, for history and for on-call.
struct Change {
  std::string check;
  State from = State::unknown;
  State to = State::unknown;
  WallTime at{};
  std::string what;
};

// One check's state: an enum and one transition table (state diagram in the source), pure.
// Flaps are damped: more than six changes between up and down in an hour hold the state down until it has been good for
// 3 x good_after.
class CheckState {
 public:
  explicit CheckState(const Check& check);

  // What is to be done after a result: a second look by another path at once, before a failure counts.
  enum class Next : std::uint8_t { wait, look_again };
  struct Step {
    Next next = Next::wait;
    std::optional<Change> change;
  };
  Step take(const CheckResult& result);
  Step tick(WallTime now);  // silence makes it unknown; a heartbeat's silence makes it fail

  State state() const;
  WallTime since() const;
  const std::string& what() const;
  bool flapping() const;
};

// Whether failures of many are one failure of ours: no anchor answers. Pure.
struct UplinkVerdict {
  bool down = false;
  WallTime since{};
  std::string why;
};
UplinkVerdict judge_uplink(const std::vector<CheckResult>& anchors, const UplinkVerdict& before, WallTime now);

}  // namespace tenfold::watch
