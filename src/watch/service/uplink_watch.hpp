#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "watch/probe/check.hpp"
#include "watch/state/uplink.hpp"

namespace tenfold::watch {

// Asks the anchors in sweeps, all of them at once, and judges. One that answers ends the sweep: the uplink is up. When
// none does, a second sweep at once must find the same before the uplink is called down. Pure; times are monotonic but
// where they are WallTime.
class UplinkWatch {
 public:
  static constexpr Duration every = std::chrono::seconds(10);
  static constexpr Duration every_while_down = std::chrono::seconds(3);
  static constexpr Duration timeout = std::chrono::seconds(2);  // of an anchor: a lost SYN is sent again after one
  static constexpr Duration give_up_after = std::chrono::seconds(5);  // a sweep that nobody answers says nothing

  struct Ask {
    std::uint64_t sweep = 0;
    std::size_t anchor = 0;
  };

  explicit UplinkWatch(TimePoint now) : due_at_(now) {}

  // What a run before has found; before replace().
  void restore(UplinkVerdict verdict) { verdict_ = std::move(verdict); }
  // The verdict stays until the next sweep; without anchors it is up. Returns the verdict if that changes it.
  std::optional<UplinkVerdict> replace(std::size_t anchors, TimePoint now, WallTime wall);
  // Looks at the anchors as soon as it can, whatever is under way: something has just failed.
  void hasten(TimePoint now);
  std::vector<Ask> due(TimePoint now);
  std::optional<TimePoint> next() const;  // when due() may have something; none: there are no anchors
  // The verdict, if it has changed.
  std::optional<UplinkVerdict> take(Ask ask, const CheckResult& result, TimePoint now, WallTime wall);

  // No anchor has answered, and another sweep is to confirm it.
  bool in_doubt() const { return confirming_; }
  const UplinkVerdict& verdict() const { return verdict_; }
  // Whether the verdict rests on looks that began at that time or later; always without anchors.
  bool judged_since(TimePoint time) const { return anchors_ == 0 || judged_ >= time; }

 private:
  void end_sweep(TimePoint now);
  std::optional<UplinkVerdict> judge(const std::vector<CheckResult>& results, WallTime wall);

  std::size_t anchors_ = 0;
  UplinkVerdict verdict_;
  TimePoint due_at_;
  bool under_way_ = false;
  bool wanted_ = false;      // another sweep, as soon as the one under way is over
  bool confirming_ = false;  // the last sweep found no anchor, and the verdict is still up
  std::uint64_t sweep_ = 0;
  TimePoint begun_{};
  std::vector<CheckResult> failures_;    // of the sweep
  TimePoint judged_ = TimePoint::min();  // when the sweep began on which the verdict rests
};

}  // namespace tenfold::watch
