#include "guard/judge/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/clock.hpp"

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace tenfold::guard::judging {
namespace {

class JudgeTest : public testing::Test {
 protected:
  static constexpr Duration window = 100ms;

  static Samples usual() {
    Samples samples;
    samples.window = window;
    samples.pools.push_back({.limit = 20, .most_active = 6, .served = 20});
    samples.totals.known = {.requests = 10, .asked = 10, .answered = 10, .origin_ms = 200};
    samples.totals.stranger = {.requests = 10, .asked = 10, .answered = 10, .origin_ms = 200};
    return samples;
  }
  static Samples flood() {
    Samples samples = usual();
    samples.pools[0].strangers_wait_median = 84'200us;
    samples.totals.stranger.asked = 1000;
    samples.totals.pages = 100;
    return samples;
  }
  Verdict see(const Samples& samples, int windows = 1) {
    Verdict verdict;
    for (int i = 0; i < windows; ++i) {
      clock_.advance(window);
      verdict = judge_.judge(samples, clock_.now());
    }
    return verdict;
  }

  ManualClock clock_;
  Judge judge_;
};

TEST_F(JudgeTest, CalmNeedsNoWords) {
  const Verdict verdict = see(usual(), 100);
  EXPECT_EQ(verdict.posture, Posture::calm);
  EXPECT_EQ(verdict.likeness, Likeness::none);
  EXPECT_TRUE(verdict.reasons.empty());
  EXPECT_FALSE(verdict.trouble_began);
}

TEST_F(JudgeTest, SaysWhyItIsASiege) {
  // given
  see(usual(), 100);
  const TimePoint before = clock_.now();
  // when
  Verdict verdict = see(flood(), 5);
  EXPECT_EQ(verdict.posture, Posture::besieged);
  EXPECT_EQ(verdict.likeness, Likeness::attack);
  EXPECT_EQ(verdict.trouble_began, before);
  verdict = see(flood(), 100);
  // then
  EXPECT_THAT(
      verdict.reasons,
      ElementsAre(testing::MatchesRegex("strangers ask for .* ms of origin time a second; 18000 are left for them"),
                  "strangers wait 85 ms for an origin"));
}

TEST_F(JudgeTest, WhatWasAnAttackIsOneAlsoOnceItsBotsAreHeldOff) {
  // given
  see(usual(), 100);
  EXPECT_EQ(see(flood(), 20).likeness, Likeness::attack);
  // when: the same demand, of which nothing tells whether they are people
  Samples held_off = flood();
  held_off.totals.challenges_ignored = 0;
  held_off.totals.pages = 0;
  const Verdict verdict = see(held_off, 100);
  // then
  EXPECT_EQ(verdict.posture, Posture::besieged);
  EXPECT_EQ(verdict.likeness, Likeness::attack);
}

TEST_F(JudgeTest, WhileManyIgnoreWhatTheyAreAskedItIsAnAttackThoughThereIsEnough) {
  // given
  see(usual(), 100);
  see(flood(), 20);
  // when: what is held off would not fill the shop
  Samples light = usual();
  light.totals.challenges_ignored = 20;
  const Verdict verdict = see(light, 60);
  // then
  EXPECT_EQ(verdict.posture, Posture::besieged);
  EXPECT_FALSE(verdict.signals.presses);
  EXPECT_EQ(verdict.likeness, Likeness::attack);
}

TEST_F(JudgeTest, SaysThatItIsAFaultOfOurOwn) {
  // given
  for (int i = 0; i < 300; ++i) see(usual());
  // when
  Samples slow = usual();
  slow.pools[0].relative_origin_time = 3.1;
  slow.pools[0].strangers_wait_median = 84ms;
  const Verdict verdict = see(slow, 50);
  // then
  EXPECT_EQ(verdict.posture, Posture::strained);
  EXPECT_EQ(verdict.likeness, Likeness::fault);
  EXPECT_THAT(verdict.reasons,
              ElementsAre("strangers wait 84 ms for an origin",
                          "origins take 3.1 times as long as usual, with no rise in demand: a fault of our own"));
}

TEST_F(JudgeTest, SaysWhatItRemembers) {
  // given
  see(usual(), 100);
  see(flood(), 5);
  // when: what was asked fades within seconds, then nobody presses for five
  Verdict verdict = see(usual(), 200);
  // then
  ASSERT_EQ(verdict.posture, Posture::strained);
  EXPECT_EQ(verdict.likeness, Likeness::none);
  ASSERT_EQ(verdict.reasons.size(), 1u);
  EXPECT_THAT(verdict.reasons[0], testing::MatchesRegex("besieged until 1. s ago; forgotten in 4. s"));
  // and
  verdict = see(usual(), 500);
  EXPECT_EQ(verdict.posture, Posture::calm);
  EXPECT_TRUE(verdict.reasons.empty());
}

TEST_F(JudgeTest, NeverSaysMoreThanSixThings) {
  Samples samples = flood();
  samples.pools[0].timeouts = 50;
  samples.totals.challenges_ignored = 100;
  const Verdict verdict = see(samples, 20);
  EXPECT_EQ(verdict.likeness, Likeness::attack);
  EXPECT_LE(verdict.reasons.size(), 6u);
  EXPECT_GE(verdict.reasons.size(), 4u);
}

}  // namespace
}  // namespace tenfold::guard::judging
