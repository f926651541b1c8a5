#include "origin/retry_budget.hpp"

#include <gtest/gtest.h>

namespace tenfold::origin {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{1h};

int take_all(RetryBudget& budget, const RetryPolicy& policy, std::uint32_t workers, TimePoint now) {
  int taken = 0;
  while (taken < 1'000'000 && budget.try_take(policy, workers, now)) ++taken;
  return taken;
}

TEST(RetryBudget, GivesTheShareOfTheRequestsAndTheMinimum) {
  RetryBudget budget;
  for (int i = 0; i < 1000; ++i) budget.count_request(start);
  // 20 % of 1000, and 10/s over the window of 10 s
  EXPECT_EQ(take_all(budget, {.budget_share = 0.2, .min_per_s = 10}, 1, start), 300);
}

TEST(RetryBudget, SplitsTheMinimumOverTheWorkers) {
  RetryBudget budget;
  EXPECT_EQ(take_all(budget, {.budget_share = 0.2, .min_per_s = 10}, 4, start), 25);
}

TEST(RetryBudget, NothingAllowedMeansNothing) {
  RetryBudget budget;
  for (int i = 0; i < 1000; ++i) budget.count_request(start);
  EXPECT_FALSE(budget.try_take({.budget_share = 0, .min_per_s = 0}, 1, start));
}

TEST(RetryBudget, RequestsCountForTenSeconds) {
  RetryBudget budget;
  const RetryPolicy policy{.budget_share = 0.2, .min_per_s = 0};
  for (int i = 0; i < 100; ++i) budget.count_request(start);
  EXPECT_TRUE(budget.try_take(policy, 1, start + 9s + 999ms));
  EXPECT_FALSE(budget.try_take(policy, 1, start + 10s));
}

TEST(RetryBudget, SpentRetriesComeBackAfterTenSeconds) {
  RetryBudget budget;
  const RetryPolicy policy{.budget_share = 0, .min_per_s = 1};
  EXPECT_EQ(take_all(budget, policy, 1, start), 10);
  EXPECT_EQ(take_all(budget, policy, 1, start + 9s), 0);
  EXPECT_EQ(take_all(budget, policy, 1, start + 10s), 10);
}

TEST(RetryBudget, ATotalOutageAddsAtMostItsShare) {
  // given an outage in which every request wants two retries, at 1,000 requests a second for a minute
  RetryBudget budget;
  const RetryPolicy policy;
  std::int64_t retries = 0;
  for (int second = 0; second < 60; ++second) {
    for (int i = 0; i < 1000; ++i) {
      const TimePoint now = start + std::chrono::seconds(second) + i * 1ms;
      budget.count_request(now);
      for (int wish = 0; wish < 2; ++wish) retries += budget.try_take(policy, 1, now) ? 1 : 0;
    }
  }
  // then the attempts stay under 1.2 × the requests and the minimum of 10/s
  EXPECT_LE(retries, 60'000 * 0.2 + 600);
  EXPECT_GE(retries, 60'000 * 0.19);
}

}  // namespace
}  // namespace tenfold::origin
