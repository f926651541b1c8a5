#include "guard/judge/posture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

using namespace std::chrono_literals;

namespace tenfold::guard::judging {
namespace {

using Phase = PostureState::Phase;
using Event = PostureState::Event;
using enum PostureState::Phase;

class PostureTest : public testing::Test {
 protected:
  static constexpr Duration window = 100ms;

  static Signals quiet() { return {}; }
  static Signals overloaded() { return {.overloaded = true}; }
  static Signals flood() { return {.overloaded = true, .exceeds = true, .presses = true}; }
  static Signals held_flood() { return {.exceeds = true, .presses = true}; }
  static Signals rush() {
    Signals signals = flood();
    signals.rush_like = true;
    signals.strangers_asked_per_s = 100;
    return signals;
  }

  void see(const Signals& signals, int windows = 1) {
    for (int i = 0; i < windows; ++i) {
      clock_.advance(window);
      state_.take(signals, window, clock_.now());
    }
  }
  void see_for(const Signals& signals, Duration time) { see(signals, static_cast<int>(time / window)); }
  void bring_to(Phase phase) {
    if (phase == calm) see(quiet());
    if (phase == strained) see(overloaded(), 3);
    if (phase == besieged || phase == wary) see(flood(), 5);
    if (phase == wary) see(quiet(), 50);
    ASSERT_EQ(state_.phase(), phase);
  }

  ManualClock clock_;
  PostureState state_{PosturePolicy()};
};

struct PostureTransition {
  Phase from;
  Event event;
  Phase to;
};
class PostureTable : public testing::TestWithParam<PostureTransition> {};

TEST_P(PostureTable, GoesWhereTheTableSays) {
  EXPECT_EQ(PostureState::next(GetParam().from, GetParam().event), GetParam().to);
}

INSTANTIATE_TEST_SUITE_P(
    All, PostureTable,
    testing::Values(
        PostureTransition{calm, Event::none, calm}, PostureTransition{calm, Event::overload, strained},
        PostureTransition{calm, Event::siege, besieged}, PostureTransition{calm, Event::eased, calm},
        PostureTransition{calm, Event::forgotten, calm}, PostureTransition{calm, Event::rush, calm},
        PostureTransition{strained, Event::none, strained}, PostureTransition{strained, Event::overload, strained},
        PostureTransition{strained, Event::siege, besieged}, PostureTransition{strained, Event::eased, strained},
        PostureTransition{strained, Event::forgotten, calm}, PostureTransition{strained, Event::rush, strained},
        PostureTransition{besieged, Event::none, besieged}, PostureTransition{besieged, Event::overload, besieged},
        PostureTransition{besieged, Event::siege, besieged}, PostureTransition{besieged, Event::eased, wary},
        PostureTransition{besieged, Event::forgotten, besieged}, PostureTransition{besieged, Event::rush, strained},
        PostureTransition{wary, Event::none, wary}, PostureTransition{wary, Event::overload, wary},
        PostureTransition{wary, Event::siege, besieged}, PostureTransition{wary, Event::eased, wary},
        PostureTransition{wary, Event::forgotten, calm}, PostureTransition{wary, Event::rush, wary}));

TEST_F(PostureTest, ThreeWindowsOfFiveAreAStrain) {
  // given
  see(overloaded()), see(quiet(), 2), see(overloaded());
  EXPECT_EQ(state_.phase(), calm);
  // when: the first falls out of the five
  see(quiet(), 2), see(overloaded());
  EXPECT_EQ(state_.phase(), calm);
  see(overloaded());
  // then
  EXPECT_EQ(state_.phase(), strained);
  EXPECT_EQ(state_.posture(), Posture::strained);
}

TEST_F(PostureTest, TheTroubleBeganWithItsFirstOverload) {
  // given
  see(quiet(), 7);
  const TimePoint before = clock_.now();
  // when
  see(overloaded()), see(quiet()), see(overloaded(), 2);
  // then
  EXPECT_EQ(state_.trouble_began(), before);
}

TEST_F(PostureTest, ALateWindowCountsAsSeveral) {
  // given
  const TimePoint before = clock_.now();
  // when
  clock_.advance(300ms);
  state_.take(overloaded(), 300ms, clock_.now());
  // then
  EXPECT_EQ(state_.phase(), strained);
  EXPECT_EQ(state_.trouble_began(), before);
}

TEST_F(PostureTest, AnOverloadThatLastsHalfASecondIsASiege) {
  // given
  see(flood(), 4);
  EXPECT_EQ(state_.phase(), strained);
  // when
  see(flood());
  // then
  EXPECT_EQ(state_.phase(), besieged);
}

TEST_F(PostureTest, AnOverloadByCustomersIsNoSiege) {
  // when
  see_for(overloaded(), 10s);
  // then
  EXPECT_EQ(state_.phase(), strained);
}

TEST_F(PostureTest, ASiegeComesAtOnceWhereManyIgnoreChallenges) {
  // given
  Signals signals = flood();
  signals.many_ignore = true;
  // when
  see(signals, 2);
  EXPECT_EQ(state_.phase(), calm);
  see(signals);
  // then
  EXPECT_EQ(state_.phase(), besieged);
}

TEST_F(PostureTest, ASiegeIsLiftedOnceNobodyPresses) {
  // given
  bring_to(besieged);
  see_for(held_flood(), 1min);
  EXPECT_EQ(state_.phase(), besieged);
  // when
  see_for(quiet(), 4900ms);
  EXPECT_EQ(state_.phase(), besieged);
  see(quiet());
  // then
  EXPECT_EQ(state_.phase(), wary);
  EXPECT_EQ(state_.posture(), Posture::strained);
  EXPECT_TRUE(state_.trouble_began());
}

TEST_F(PostureTest, AFaultOfOurOwnDoesNotHoldASiege) {
  // given
  bring_to(besieged);
  // when
  see_for({.overloaded = true, .impaired = true, .fault = true}, 5s);
  // then
  EXPECT_EQ(state_.phase(), wary);
}

TEST_F(PostureTest, AStrainIsForgottenAfterHalfAMinute) {
  // given
  bring_to(strained);
  // when
  see_for(quiet(), 29'900ms);
  EXPECT_EQ(state_.phase(), strained);
  see(quiet());
  // then
  EXPECT_EQ(state_.phase(), calm);
  EXPECT_FALSE(state_.trouble_began());
}

TEST_F(PostureTest, ASiegeIsForgottenAfterAMinute) {
  // given: 5 s of it have passed
  bring_to(wary);
  // when
  see_for(quiet(), 54'900ms);
  EXPECT_EQ(state_.phase(), wary);
  see(quiet());
  // then
  EXPECT_EQ(state_.phase(), calm);
}

TEST_F(PostureTest, TheNextPulseOfASiegeThatIsRememberedIsOneAtOnce) {
  // given
  bring_to(wary);
  const auto began = state_.trouble_began();
  see_for(quiet(), 30s);
  // when
  see(overloaded());
  EXPECT_EQ(state_.phase(), wary);
  see(flood());
  // then
  EXPECT_EQ(state_.phase(), besieged);
  EXPECT_EQ(state_.trouble_began(), began);
}

TEST_F(PostureTest, EachPulseIsRememberedTwiceAsLongToABound) {
  // given
  Duration remembered = 1min;
  for (int pulse = 0; pulse < 8; ++pulse) {
    // when
    see(flood(), pulse == 0 ? 5 : 1);
    see_for(quiet(), 5s);
    ASSERT_EQ(state_.phase(), wary);
    // then
    EXPECT_EQ(state_.forgotten_at() - state_.last_pressure(), remembered);
    remembered = std::min<Duration>(2 * remembered, 32min);
  }
}

TEST_F(PostureTest, SiegesAreCountedAcrossACalmOfLessThanAnHour) {
  // given
  bring_to(wary);
  see_for(quiet(), 59min);
  ASSERT_EQ(state_.phase(), calm);
  // when
  bring_to(wary);
  // then
  EXPECT_EQ(state_.sieges_before(), 1);
  // and: after an hour they are forgotten
  see_for(quiet(), 61min);
  bring_to(wary);
  EXPECT_EQ(state_.sieges_before(), 0);
}

TEST_F(PostureTest, WhatLooksLikeARushIsASiegeAfterTwoSeconds) {
  // when
  see_for(rush(), 1900ms);
  EXPECT_EQ(state_.phase(), strained);
  see(rush());
  // then
  EXPECT_EQ(state_.phase(), besieged);
}

class RushTest : public PostureTest {
 protected:
  static Signals solved_rush() {
    Signals signals = rush();
    signals.people_solve = true;
    return signals;
  }
  void believe() {
    see_for(rush(), 2s);
    see_for(solved_rush(), 3s);
    ASSERT_EQ(state_.phase(), strained);
  }
};

TEST_F(RushTest, PeopleWhoSolveLiftTheSiege) {
  // given
  see_for(rush(), 2s);
  // when
  see_for(solved_rush(), 2900ms);
  EXPECT_EQ(state_.phase(), besieged);
  see(solved_rush());
  // then: the rush is believed for a minute
  EXPECT_EQ(state_.phase(), strained);
  see_for(rush(), 59'900ms);
  EXPECT_EQ(state_.phase(), strained);
  see(rush());
  EXPECT_EQ(state_.phase(), besieged);
  // and: the next time for two
  see_for(solved_rush(), 3s);
  see_for(rush(), 119'900ms);
  EXPECT_EQ(state_.phase(), strained);
  see(rush());
  EXPECT_EQ(state_.phase(), besieged);
}

TEST_F(RushTest, ARushThatGrowsIsAskedAgain) {
  // given
  believe();
  // when
  Signals grown = rush();
  grown.strangers_asked_per_s = 200;
  see(grown);
  EXPECT_EQ(state_.phase(), strained);
  grown.strangers_asked_per_s = 201;
  see(grown);
  // then
  EXPECT_EQ(state_.phase(), besieged);
}

TEST_F(RushTest, ARushInWhichManyIgnoreChallengesIsNotBelieved) {
  // given
  believe();
  // when
  Signals ignoring = rush();
  ignoring.many_ignore = true;
  see(ignoring);
  // then
  EXPECT_EQ(state_.phase(), besieged);
}

TEST_F(RushTest, WhatNoLongerLooksLikeARushIsNotBelieved) {
  // given
  believe();
  // when
  see(flood());
  // then
  EXPECT_EQ(state_.phase(), besieged);
}

}  // namespace
}  // namespace tenfold::guard::judging
