#include "guard/token/budget.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

constexpr SipKey budget_key{3, 4};
constexpr TimePoint spending_start{1h};

TEST(Budget, ABurstThenATenthOfASecondEachSecond) {
  Budget budget({}, budget_key);
  TimePoint now = spending_start;
  EXPECT_TRUE(budget.has(1, now));
  // Given a burst that is spent but for the last nanosecond
  EXPECT_TRUE(budget.spend(1, 3s - 1ns, now));
  EXPECT_TRUE(budget.has(1, now));
  EXPECT_TRUE(budget.spend(1, 1ns, now));
  // Then nothing is left, until some has leaked out.
  EXPECT_FALSE(budget.has(1, now));
  EXPECT_FALSE(budget.spend(1, 1ms, now));
  now += 9ms;
  EXPECT_FALSE(budget.has(1, now));
  now += 2ms;
  EXPECT_TRUE(budget.has(1, now));
}

TEST(Budget, InTheLongRunTheRateIsWhatIsHad) {
  Budget budget({}, budget_key);
  Duration had{};
  for (TimePoint now = spending_start; now < spending_start + 1000s; now += 5ms) {
    if (!budget.has(1, now)) continue;
    budget.spend(1, 20ms, now);
    had += 20ms;
  }
  EXPECT_NEAR(std::chrono::duration<double>(had).count(), 3 + 100, 0.1);
}

TEST(Budget, OneCostlyAnswerShutsNobodyOutForLong) {
  Budget budget({}, budget_key);
  budget.spend(1, 24h * 365, spending_start);
  EXPECT_FALSE(budget.has(1, spending_start + 29'999ms));
  EXPECT_TRUE(budget.has(1, spending_start + 30'001ms));
}

TEST(Budget, WhatManyAtOnceWillCostIsReserved) {
  Budget budget({}, budget_key);
  int begun = 0;
  for (; begun < 1000 && budget.has(1, spending_start); ++begun) budget.reserve(1, 20ms, spending_start);
  EXPECT_EQ(begun, 150);
  // Half of them cost nothing, and the others as much as was thought.
  for (int i = 0; i < begun; ++i) budget.settle(1, 20ms, i % 2 == 0 ? 0ms : 20ms, spending_start);
  EXPECT_TRUE(budget.has(1, spending_start));
  EXPECT_TRUE(budget.spend(1, 1500ms - 1ns, spending_start));
  EXPECT_TRUE(budget.has(1, spending_start));
  budget.spend(1, 2ns, spending_start);
  EXPECT_FALSE(budget.has(1, spending_start));
}

// Else who keeps much reserved for long would be given what leaked out meanwhile once more.
TEST(Budget, WhatIsReservedDoesNotLeakOut) {
  Budget budget({}, budget_key);
  budget.reserve(1, 3s, spending_start);
  EXPECT_FALSE(budget.has(1, spending_start + 1h));
  budget.settle(1, 3s, 3s, spending_start + 1h);
  EXPECT_FALSE(budget.has(1, spending_start + 1h));
}

TEST(Budget, WhatWasForgottenIsSettledAllTheSame) {
  Budget budget({.entries = 8}, budget_key);
  budget.reserve(1, 1s, spending_start);
  for (std::uint64_t id = 2; id < 5000; ++id) budget.spend(id, 5s, spending_start);
  budget.settle(1, 1s, 3s, spending_start);
  EXPECT_FALSE(budget.has(1, spending_start));
  // And nothing but its own is given back.
  budget.reserve(2, 3s, spending_start);
  budget.settle(2, 6s, 0s, spending_start);
  budget.settle(2, 6s, 0s, spending_start);
  budget.spend(2, 3s, spending_start);
  EXPECT_FALSE(budget.has(2, spending_start));
}

TEST(Budget, EachIdHasItsOwn) {
  Budget budget({}, budget_key);
  budget.spend(1, 3s, spending_start);
  EXPECT_FALSE(budget.has(1, spending_start));
  EXPECT_TRUE(budget.has(2, spending_start));
}

TEST(Budget, WhoHasSpentMostIsRememberedLongest) {
  // Given a table of one set, and one id that has spent all
  Budget budget({.entries = 8}, budget_key);
  budget.spend(1, 6s, spending_start);
  // When thousands spend a little
  for (std::uint64_t id = 2; id < 5000; ++id) budget.spend(id, 10ms, spending_start);
  // Then it is not forgotten, and memory is what it was.
  EXPECT_FALSE(budget.has(1, spending_start));
  EXPECT_EQ(budget.memory_bytes(), Budget({.entries = 8}, budget_key).memory_bytes());
}

}  // namespace
}  // namespace tenfold::guard
