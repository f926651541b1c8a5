#include "watch/service/uplink_watch.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;

class UplinkWatchTest : public testing::Test {
 protected:
  UplinkWatchTest() { watch_.replace(2, now_, wall_); }
  std::optional<UplinkVerdict> answer(UplinkWatch::Ask ask, CheckResult::Outcome outcome) {
    CheckResult result;
    result.outcome = outcome;
    result.what = "no answer";
    return watch_.take(ask, result, now_, wall_);
  }
  void advance(Duration by) { now_ += by, wall_ += by; }
  // A whole sweep, begun when it is due.
  std::optional<UplinkVerdict> sweep(CheckResult::Outcome first, CheckResult::Outcome second) {
    advance(std::max<Duration>(*watch_.next() - now_, 0s));
    const auto asks = watch_.due(now_);
    EXPECT_EQ(asks.size(), 2u);
    auto verdict = answer(asks[0], first);
    const auto later = answer(asks[1], second);
    return verdict ? verdict : later;
  }

  static constexpr auto good = CheckResult::Outcome::good;
  static constexpr auto failed = CheckResult::Outcome::failed;
  TimePoint now_{1h};
  WallTime wall_{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};
  UplinkWatch watch_{now_};
};

TEST_F(UplinkWatchTest, OneSweepWithoutAnAnswerIsNotEnoughAndTwoAre) {
  EXPECT_FALSE(sweep(failed, failed));
  EXPECT_EQ(watch_.next(), now_) << "the second comes at once";
  const auto verdict = sweep(failed, failed);
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->down);
  EXPECT_EQ(*watch_.next(), now_ + UplinkWatch::every_while_down);
}

TEST_F(UplinkWatchTest, AnAnswerInBetweenBeginsAnew) {
  EXPECT_FALSE(sweep(failed, failed));
  EXPECT_FALSE(sweep(failed, good));
  EXPECT_EQ(*watch_.next(), now_ + UplinkWatch::every);
  EXPECT_FALSE(sweep(failed, failed));
}

TEST_F(UplinkWatchTest, OneAnswerEndsIt) {
  sweep(failed, failed), sweep(failed, failed);
  const auto verdict = sweep(failed, good);
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->down);
}

TEST_F(UplinkWatchTest, StillDownIsNoNews) {
  sweep(failed, failed), sweep(failed, failed);
  EXPECT_FALSE(sweep(failed, failed));
  EXPECT_TRUE(watch_.judged_since(now_));
}

TEST_F(UplinkWatchTest, AnAnswerJudgesFromWhenItsSweepBegan) {
  const TimePoint begun = now_;
  const auto asks = watch_.due(now_);
  advance(1s);
  EXPECT_FALSE(watch_.judged_since(begun));
  answer(asks[1], good);
  EXPECT_TRUE(watch_.judged_since(begun));
  EXPECT_FALSE(watch_.judged_since(begun + 1ns));
}

TEST_F(UplinkWatchTest, HastenedWhileASweepIsUnderWayAnotherFollowsAtOnce) {
  const auto asks = watch_.due(now_);
  watch_.hasten(now_);
  EXPECT_TRUE(watch_.due(now_).empty());
  answer(asks[0], good);
  EXPECT_EQ(watch_.due(now_).size(), 2u);
}

TEST_F(UplinkWatchTest, HastenedBetweenSweepsItBeginsAtOnce) {
  sweep(good, good);
  EXPECT_TRUE(watch_.due(now_).empty());
  watch_.hasten(now_);
  EXPECT_EQ(watch_.due(now_).size(), 2u);
}

TEST_F(UplinkWatchTest, ASweepThatNobodyAnswersIsGivenUp) {
  ASSERT_EQ(watch_.due(now_).size(), 2u);
  advance(UplinkWatch::give_up_after);
  EXPECT_TRUE(watch_.due(now_).empty());
  advance(1ns);
  watch_.due(now_);
  EXPECT_EQ(*watch_.next(), now_ + UplinkWatch::every);
  EXPECT_FALSE(watch_.verdict().down);
}

TEST_F(UplinkWatchTest, AnswersOfAnEarlierSweepSayNothing) {
  const auto old = watch_.due(now_);
  answer(old[0], good);
  sweep(failed, failed);
  EXPECT_FALSE(answer(old[1], failed));
  EXPECT_FALSE(watch_.verdict().down);
}

TEST_F(UplinkWatchTest, WithoutAnchorsItIsUp) {
  sweep(failed, failed), sweep(failed, failed);
  const auto verdict = watch_.replace(0, now_, wall_);
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->down);
  EXPECT_FALSE(watch_.next());
  EXPECT_TRUE(watch_.due(now_).empty());
  EXPECT_TRUE(watch_.judged_since(now_));
}

}  // namespace
}  // namespace tenfold::watch
