// Crowding told in two ways, on readings made by arithmetic.
#include "guard/limit/sample.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace tenfold::guard::limit {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t page = 1, search = 2, basket = 3;

// Three routes of 20, 40 and 30 ms, each learned in calm from a hundred answers.
class SampleTest : public testing::Test {
 protected:
  SampleTest() {
    Sums calm = sums_of(20ms, 40ms, 30ms, 100);
    calm.time = 10s;
    baselines.learn(calm);
  }
  Sums sums_of(Duration page_takes, Duration search_takes, Duration basket_takes, int count) {
    std::array<RouteTimes, 3> routes{RouteTimes{.route = page}, RouteTimes{.route = search},
                                     RouteTimes{.route = basket}};
    for (int i = 0; i < count; ++i) {
      routes[0].others.add_answer(page_takes);
      routes[1].others.add_answer(search_takes);
      routes[2].others.add_answer(basket_takes);
    }
    Sums sums = baselines.gather(routes, TimePoint(1h));
    sums.time = sums.waited = 1s;
    return sums;
  }
  Sample sample(const Sums& sums) const { return sample_of(*baselines.read(sums), sums, 0); }

  Baselines baselines;
};

TEST_F(SampleTest, NoQueueIsNoCrowding) {
  const Sample calm = sample(sums_of(20ms, 40ms, 30ms, 50));
  EXPECT_NEAR(std::exp(calm.shared.value), 1, 0.02);
  EXPECT_NEAR(std::exp(calm.queued.value), 1, 0.02);
  EXPECT_TRUE(tells_work(calm));
}

TEST_F(SampleTest, BothWaysAgreeOnTwiceTheTimes) {
  const Sample crowded = sample(sums_of(40ms, 80ms, 60ms, 50));
  EXPECT_NEAR(std::exp(crowded.shared.value), 2, 0.05);
  EXPECT_NEAR(std::exp(crowded.queued.value), 2, 0.05);
  EXPECT_NEAR(crowded.raw_least().value, crowded.raw_most().value, 0.1);
}

// All wait 30 ms, and searches cost 640 ms now: most of the servers' time is work, little is waiting.
TEST_F(SampleTest, DearRequestsLeadOneWayAstrayAndNotTheOther) {
  const Sample dear = sample(sums_of(50ms, 670ms, 60ms, 50));
  EXPECT_GT(std::exp(dear.shared.value), 1.8);
  EXPECT_LT(std::exp(dear.queued.value), 1.3);
  EXPECT_EQ(dear.raw_least().value, dear.queued.value);
  EXPECT_FALSE(tells_work(dear));
}

TEST_F(SampleTest, RequestsThatTakeLittleMayQueueForLong) {
  Baselines quick;
  std::array<RouteTimes, 1> routes{RouteTimes{.route = page}};
  for (int i = 0; i < 100; ++i) routes[0].others.add_answer(500us);
  Sums sums = quick.gather(routes, TimePoint(1h));
  sums.time = sums.waited = 1s;
  quick.learn(sums);
  routes[0].others = {};
  for (int i = 0; i < 100; ++i) routes[0].others.add_answer(3ms);
  sums = quick.gather(routes, TimePoint(1h));
  sums.time = sums.waited = 1s;
  const Sample sample = sample_of(*quick.read(sums), sums, 0);
  EXPECT_NEAR(std::exp(sample.raw_most().value), 6, 0.2);
  EXPECT_LT(std::exp(sample.most().value), 1.2);
  EXPECT_NEAR(sample.raw(sample.eased({1.5, 0}).value), 1.5, 1e-9);
}

TEST_F(SampleTest, AreAlikeUnlessCostsHaveChangedWhicheverWayOneCounts) {
  const Sample before = sample(sums_of(20ms, 40ms, 30ms, 500));
  EXPECT_TRUE(are_alike(before, sample(sums_of(40ms, 80ms, 60ms, 500)), 2));  // crowded, not dearer
  EXPECT_FALSE(are_alike(before, sample(sums_of(20ms, 400ms, 30ms, 500)), 2));
  EXPECT_FALSE(are_alike(before, Sample{}, 2));
}

TEST_F(SampleTest, TimesThatMovedAlongWithTheLimitTellAQueue) {
  const Sample before = sample(sums_of(40ms, 80ms, 60ms, 500));
  const Sample after = sample(sums_of(60ms, 120ms, 90ms, 500));
  EXPECT_NEAR(moved(before, after, std::log(1.5), 0.01).share().value, 1, 0.15);
  EXPECT_TRUE(moved(before, after, std::log(1.5), 0.01).is_sure(0.5));
  EXPECT_LT(moved(before, before, std::log(1.5), 0.01).shared.value, 0.7);
}

TEST_F(SampleTest, WorkOfRoutesWhoseCostHasChangedIsTheirTime) {
  Sums sums = sums_of(20ms, 1ms, 30ms, 100);  // searches are asked that cost nothing
  const Reading reading = *baselines.read(sums);
  EXPECT_NEAR(std::chrono::duration<double>(reading.work).count(), 100 * (0.020 + 0.001 + 0.030), 0.1);
}

TEST_F(SampleTest, WhatWasAssumedIsCorrectedAndWhatWasLearnedIsNot) {
  baselines.correct_assumed(std::log(0.5));
  EXPECT_EQ(baselines.mean_of(page), Duration(20ms));
  Baselines made_up;
  std::array<RouteTimes, 1> routes{RouteTimes{.route = page}};
  for (int i = 0; i < 20; ++i) routes[0].others.add_answer(100ms);
  made_up.assume(made_up.gather(routes, TimePoint(1h)), 0);
  made_up.correct_assumed(std::log(0.25));
  ASSERT_TRUE(made_up.mean_of(page).has_value());
  EXPECT_NEAR(std::chrono::duration<double>(*made_up.mean_of(page)).count(), 0.025, 1e-6);
}

TEST_F(SampleTest, LearningTellsWhatShareIsNew) {
  Sums none;
  none.time = 1s;
  EXPECT_EQ(baselines.learn(none), 0);
  Sums more = sums_of(20ms, 40ms, 30ms, 100);
  EXPECT_NEAR(baselines.learn(more), 0.5, 0.03);
}

}  // namespace
}  // namespace tenfold::guard::limit
