#include "origin/ejection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold::origin {
namespace {

using Act = EjectionDecision::Act;
using Cause = EjectionDecision::Cause;

constexpr TimePoint instant{1h};

std::vector<EjectionSample> healthy_pool(std::size_t servers) {
  return std::vector<EjectionSample>(servers, {.answers = 1000, .server_errors = 0});
}

TEST(Ejection, AHealthyPoolStaysWhole) { EXPECT_TRUE(judge(healthy_pool(4), {}, instant).empty()); }

TEST(Ejection, FailuresInARowJustUnderAndAtTheThreshold) {
  const EjectionPolicy policy{.consecutive_failures = 5};
  auto pool = healthy_pool(4);
  pool[2].failures_in_row = 4;
  EXPECT_TRUE(judge(pool, policy, instant).empty());
  pool[2].failures_in_row = 5;
  const auto decisions = judge(pool, policy, instant);
  ASSERT_EQ(decisions.size(), 1u);
  EXPECT_EQ(decisions[0].act, Act::eject);
  EXPECT_EQ(decisions[0].cause, Cause::failures);
  EXPECT_EQ(decisions[0].server, 2u);
  EXPECT_EQ(decisions[0].record.until, instant + policy.base_ejection);
}

TEST(Ejection, ZeroSwitchesACauseOff) {
  auto pool = healthy_pool(4);
  pool[0].failures_in_row = 1'000'000;
  pool[1].server_errors_in_row = 1'000'000;
  pool[1].server_errors = 100;
  EXPECT_TRUE(judge(pool, {.consecutive_failures = 0, .consecutive_5xx = 0}, instant).empty());
}

TEST(Ejection, ServerErrorsInARowJustUnderAndAtTheThreshold) {
  const EjectionPolicy policy{.consecutive_5xx = 5};
  auto pool = healthy_pool(2);
  pool[1] = {.server_errors_in_row = 4, .answers = 100, .server_errors = 4};
  EXPECT_TRUE(judge(pool, policy, instant).empty());
  pool[1] = {.server_errors_in_row = 5, .answers = 100, .server_errors = 5};
  ASSERT_EQ(judge(pool, policy, instant).size(), 1u);
  EXPECT_EQ(judge(pool, policy, instant)[0].cause, Cause::server_errors_in_row);
}

TEST(Ejection, ErrorShareNeedsVolumeAndShare) {
  const EjectionPolicy policy{.error_share = 0.5, .error_volume = 20};
  struct {
    std::uint64_t answers;
    std::uint64_t errors;
    bool ejected;
  } const rows[] = {{19, 19, false}, {20, 9, false}, {20, 10, true}, {1000, 499, false}, {1000, 500, true}};
  for (const auto& row : rows) {
    auto pool = healthy_pool(3);
    pool[0] = {.answers = row.answers, .server_errors = row.errors};
    EXPECT_EQ(judge(pool, policy, instant).size(), row.ejected ? 1u : 0u) << row.answers << " " << row.errors;
  }
}

TEST(Ejection, AFaultThatAllServersHaveEjectsNone) {
  auto pool = healthy_pool(4);
  for (auto& sample : pool) sample = {.server_errors_in_row = 50, .answers = 1000, .server_errors = 900};
  EXPECT_TRUE(judge(pool, {}, instant).empty());
}

TEST(Ejection, AtMostTheShareIsOutTheWorstFirst) {
  struct {
    std::size_t servers;
    std::size_t ejected;
  } const rows[] = {{1, 0}, {2, 1}, {3, 1}, {4, 2}, {5, 2}, {10, 5}};
  for (const auto& row : rows) {
    auto pool = healthy_pool(row.servers);
    for (std::size_t i = 0; i < pool.size(); ++i) pool[i].failures_in_row = 5 + static_cast<std::uint32_t>(i);
    const auto decisions = judge(pool, {.max_ejected_share = 0.5}, instant);
    ASSERT_EQ(decisions.size(), row.ejected) << row.servers;
    if (decisions.empty()) continue;
    EXPECT_EQ(decisions[0].server, row.servers - 1);
  }
}

TEST(Ejection, ThoseAlreadyOutCountAgainstTheShare) {
  auto pool = healthy_pool(4);
  pool[0].record = {.in_row = 1, .ejected = true, .until = instant + 1s};
  pool[1].record = {.in_row = 1, .ejected = true, .until = instant + 1s};
  pool[2].failures_in_row = 100;
  EXPECT_TRUE(judge(pool, {.max_ejected_share = 0.5}, instant).empty());
}

TEST(Ejection, TheLastServerThatIsNotDownStays) {
  auto pool = healthy_pool(4);
  pool[0].down = pool[1].down = pool[2].down = true;
  pool[3].failures_in_row = 100;
  EXPECT_TRUE(judge(pool, {.max_ejected_share = 1}, instant).empty());
  // and even if all may be ejected, one of several stays
  auto all_bad = healthy_pool(3);
  for (auto& sample : all_bad) sample.failures_in_row = 100;
  EXPECT_EQ(judge(all_bad, {.max_ejected_share = 1}, instant).size(), 2u);
}

TEST(Ejection, ComesBackAtItsTimeAndNotBefore) {
  auto pool = healthy_pool(2);
  pool[0].record = {.in_row = 1, .ejected = true, .until = instant};
  EXPECT_TRUE(judge(pool, {}, instant - 1ms).empty());
  const auto decisions = judge(pool, {}, instant);
  ASSERT_EQ(decisions.size(), 1u);
  EXPECT_EQ(decisions[0].act, Act::bring_back);
  EXPECT_FALSE(decisions[0].record.ejected);
  EXPECT_EQ(decisions[0].record.returned, instant);
}

TEST(Ejection, RepeatedEjectionsLastLongerUpToTheMost) {
  const EjectionPolicy policy{.base_ejection = 10s, .max_ejection = 35s};
  auto pool = healthy_pool(2);
  pool[0].failures_in_row = 5;
  TimePoint at = instant;
  for (const Duration expected : {10s, 20s, 30s, 35s, 35s}) {
    const auto out = judge(pool, policy, at);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].record.until - at, expected);
    pool[0].record = out[0].record;
    at = out[0].record.until;
    const auto back = judge(pool, policy, at);
    ASSERT_EQ(back.size(), 1u);
    pool[0].record = back[0].record;
  }
}

TEST(Ejection, GoodConductForgetsEarlierEjections) {
  const EjectionPolicy policy{.base_ejection = 10s, .max_ejection = 5min};
  auto pool = healthy_pool(2);
  pool[0].failures_in_row = 5;
  pool[0].record = {.in_row = 4, .ejected = false, .returned = instant - 5min + 1ms};
  EXPECT_EQ(judge(pool, policy, instant)[0].record.in_row, 5u);
  pool[0].record.returned = instant - 5min;
  EXPECT_EQ(judge(pool, policy, instant)[0].record.in_row, 1u);
}

TEST(OutcomeWindow, CountsWhatHappenedWithinItsLength) {
  OutcomeWindow window(10s);
  EXPECT_EQ(window.advance({.answers = 100}, instant).answers, 0u);
  EXPECT_EQ(window.advance({.answers = 150}, instant + 5s).answers, 50u);
  EXPECT_EQ(window.advance({.answers = 150}, instant + 9s).answers, 50u);
  // the step at 5 s is the first within the window of 15 s
  EXPECT_EQ(window.advance({.answers = 170}, instant + 15s).answers, 20u);
  EXPECT_EQ(window.advance({.answers = 170}, instant + 60s).answers, 0u);
}

}  // namespace
}  // namespace tenfold::origin
