#include "guard/judge/reasons.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace tenfold::guard::judging {
namespace {

class ReasonsTest : public testing::Test {
 protected:
  std::vector<std::string> reasons(const Signals& signals) const {
    return reasons_of(signals, Likeness::demand, policy_, state_, clock_.now());
  }
  // Passes windows that say the same until the phase is reached.
  void until(PostureState::Phase phase, const Signals& signals) {
    for (int i = 0; i < 1000 && state_.phase() != phase; ++i) {
      clock_.advance(100ms);
      state_.take(signals, 100ms, clock_.now());
    }
    ASSERT_EQ(state_.phase(), phase);
  }
  void pass(Duration length, const Signals& signals) {
    for (Duration passed{}; passed < length; passed += 100ms) {
      clock_.advance(100ms);
      state_.take(signals, 100ms, clock_.now());
    }
  }
  static Signals siege() {
    return {.overloaded = true,
            .exceeds = true,
            .presses = true,
            .strangers_wait = 84ms,
            .capacity_ms_per_s = 20'000,
            .left_ms_per_s = 18'000,
            .strangers_press_ms_per_s = 90'000};
  }
  static Signals quiet() { return {.capacity_ms_per_s = 20'000, .left_ms_per_s = 18'000}; }

  ManualClock clock_;
  DemandPolicy policy_;
  PostureState state_{PosturePolicy()};
};

TEST_F(ReasonsTest, WhatStrangersAskForIsMoreThanIsLeftOrItIsSaidWhy) {
  Signals signals{.exceeds = true, .capacity_ms_per_s = 20'000, .left_ms_per_s = 18'000};
  signals.strangers_press_ms_per_s = 18'001;
  EXPECT_THAT(reasons(signals),
              ElementsAre("strangers ask for 18001 ms of origin time a second; 18000 are left for them"));
  signals.strangers_press_ms_per_s = 18'000.2;
  EXPECT_THAT(reasons(signals), ElementsAre("strangers ask for 18000 ms of origin time a second, a little more than is "
                                            "left for them"));
  // many are sent away, whatever they ask for
  signals.strangers_press_ms_per_s = 100;
  EXPECT_THAT(reasons(signals), ElementsAre("many requests of strangers are sent away for want of a place"));
  // no limit is known
  signals.capacity_ms_per_s = signals.left_ms_per_s = 0;
  EXPECT_THAT(reasons(signals), ElementsAre("strangers ask for 100 ms of origin time a second, and wait for it"));
}

TEST_F(ReasonsTest, AnOverloadIsToldByWhatIsOverItsLimit) {
  Signals signals{.overloaded = true, .strangers_wait = 20'100us};
  EXPECT_THAT(reasons(signals), ElementsAre("strangers wait 21 ms for an origin"));
  signals.strangers_wait = 1ms;  // no overload by itself
  signals.strangers_wait_p90 = 120ms;
  EXPECT_THAT(reasons(signals), ElementsAre("one stranger in ten waits 120 ms for an origin, or longer"));
  signals.strangers_wait_p90 = 2ms;
  signals.sheds = true;
  EXPECT_THAT(reasons(signals), ElementsAre("requests are sent away for want of a place"));
  signals.sheds = false;
  EXPECT_THAT(reasons(signals), ElementsAre("more requests wait than the origins can work on"));
}

TEST_F(ReasonsTest, OriginsSufferFromWhatIsOverItsLimit) {
  until(PostureState::Phase::strained, siege());
  Signals signals{.suffering = true, .slowness = 1.5, .failing_share = 0.004};
  EXPECT_THAT(reasons(signals), ElementsAre("origins take 1.5 times as long as usual"));
  signals.failing_share = 0.05;
  EXPECT_THAT(reasons(signals), ElementsAre("5 % of the origins' answers fail"));
  signals = {.suffering = true, .slowness = 1.2};
  EXPECT_THAT(reasons(signals), ElementsAre("origins do less than usual"));
}

TEST_F(ReasonsTest, LessThanASecondIsAMoment) {
  until(PostureState::Phase::besieged, siege());
  EXPECT_THAT(reasons(quiet()), ElementsAre("nobody has pressed for a moment"));
  pass(2s, quiet());
  EXPECT_THAT(reasons(quiet()), ElementsAre("nobody has pressed for 2 s"));
  until(PostureState::Phase::wary, quiet());
  EXPECT_THAT(reasons(quiet()), ElementsAre(testing::MatchesRegex("besieged until a moment ago; forgotten in 5. s")));
  pass(2s, quiet());
  EXPECT_THAT(reasons(quiet()), ElementsAre(testing::MatchesRegex("besieged until 2 s ago; forgotten in 5. s")));
  pass(state_.forgotten_at() - clock_.now() - 200ms, quiet());
  EXPECT_THAT(reasons(quiet()), ElementsAre(testing::EndsWith("s ago; forgotten in a moment")));
}

TEST_F(ReasonsTest, WhileStrangersPressNobodySaysThatTheyDoNot) {
  until(PostureState::Phase::besieged, siege());
  Signals pressing = quiet();
  pressing.presses = true;
  pressing.strangers_press_ms_per_s = 14'000;
  EXPECT_THAT(reasons(pressing), ElementsAre("strangers still ask for 14000 ms of origin time a second, most of the "
                                             "18000 left for them"));
}

}  // namespace
}  // namespace tenfold::guard::judging
