// The limiter before a pool by arithmetic: so many workers, fixed service times, and as many requests as it lets in.
#include "guard/limit/limiter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <vector>

namespace tenfold::guard::limit {
namespace {

using namespace std::chrono_literals;

class LimiterTest : public testing::Test {
 protected:
  struct Kind {
    std::uint64_t route;
    double cost_ms;
    double share;  // of requests
  };
  // A tenth of a second in which `wanted` requests would be at the servers at once, were they let in.
  void step(double wanted) {
    const double active = std::min({wanted, most_active_, static_cast<double>(limiter_.limit())});
    double mean_ms = 0;
    for (const Kind& kind : kinds_) mean_ms += kind.share * kind.cost_ms;
    const double slowed = std::max(1.0, active / workers_);
    const double answered = 100.0 * std::min(active, workers_) / mean_ms + carried_;
    carried_ = answered - std::floor(answered);
    std::vector<RouteTimes> routes;
    for (const Kind& kind : kinds_) {
      RouteTimes& route = routes.emplace_back();
      route.route = kind.route;
      const int count = static_cast<int>(std::lround(std::floor(answered) * kind.share));
      for (int i = 0; i < count; ++i) {
        route.others.add_answer(std::chrono::duration_cast<Duration>(
            std::chrono::duration<double, std::milli>(kind.cost_ms * slowed * (0.95 + 0.1 * i / std::max(count, 1)))));
      }
    }
    now_ += 100ms;
    limiter_.step({.routes = routes,
                   .active_most = static_cast<std::uint32_t>(std::ceil(active)),
                   .waited = wanted > active ? Duration(100ms) : Duration(0)},
                  now_);
  }
  void run(Duration length, double wanted) {
    for (Duration passed{0}; passed < length; passed += 100ms) step(wanted);
  }

  TimePoint now_{1h};
  double workers_ = 20;
  double most_active_ = 1e9;  // the servers' own connections
  double carried_ = 0;
  std::vector<Kind> kinds_{{1, 20, 0.6}, {2, 80, 0.2}, {3, 40, 0.2}};
  Limiter limiter_{{.initial = 32, .floor = 4, .ceiling = 1024}};
};

TEST_F(LimiterTest, FindsAboutAsManyAsThePoolWorksOn) {
  run(30s, 5);  // calm: what requests usually take is learned
  run(30s, 500);
  EXPECT_GE(limiter_.limit(), 20u);
  EXPECT_LE(limiter_.limit(), 40u);
}

TEST_F(LimiterTest, FollowsACapacityThatHalvesAndDoubles) {
  run(30s, 5);
  run(30s, 500);
  workers_ = 10;
  run(10s, 500);
  EXPECT_GE(limiter_.limit(), 10u);
  EXPECT_LE(limiter_.limit(), 24u);
  workers_ = 40;
  run(20s, 500);
  EXPECT_GE(limiter_.limit(), 36u);
}

TEST_F(LimiterTest, StandsStillWhileNobodyWaits) {
  run(60s, 5);
  const std::uint32_t before = limiter_.limit();
  run(10min, 5);
  EXPECT_EQ(limiter_.limit(), before);
}

TEST_F(LimiterTest, AFloodOfCostlyRequestsMovesNothing) {
  run(30s, 5);
  run(30s, 500);
  const std::uint32_t before = limiter_.limit();
  kinds_ = {{1, 20, 0.05}, {2, 80, 0.9}, {3, 40, 0.05}};
  for (int i = 0; i < 300; ++i) {
    step(500);
    EXPECT_GE(limiter_.limit(), 19u);
  }
  EXPECT_LE(limiter_.limit(), before * 2);
}

TEST_F(LimiterTest, HalfLoadTeachesWhatRequestsTake) {
  run(20s, 10);
  for (const Kind& kind : kinds_) {
    const auto mean = limiter_.baselines().mean_of(kind.route);
    ASSERT_TRUE(mean.has_value()) << kind.route;
    EXPECT_NEAR(std::chrono::duration<double>(*mean).count() * 1000, kind.cost_ms, 0.05 * kind.cost_ms);
  }
}

// At night nearly every window with an answer in it is busier than the mean of all.
TEST_F(LimiterTest, AlsoFewRequestsTeachWhatTheyTake) {
  run(60s, 0.5);
  EXPECT_NEAR(limiter_.over_usual(), 1, 0.1);
  for (Kind& kind : kinds_) kind.cost_ms *= 12;
  run(3s, 6);
  EXPECT_NEAR(limiter_.over_usual(), 12, 1);
}

TEST_F(LimiterTest, ANewDearKindMakesNothingLookSlow) {
  run(60s, 5);
  kinds_ = {{1, 20, 0.5}, {4, 2000, 0.5}};
  run(3s, 10);
  EXPECT_NEAR(limiter_.over_usual(), 1, 0.1);
}

TEST_F(LimiterTest, WhoWaitsForAServersOwnConnectionsIsNoSign) {
  run(30s, 5);
  const std::uint32_t before = limiter_.limit();
  most_active_ = 16;
  run(2min, 500);
  EXPECT_EQ(limiter_.limit(), before);
  EXPECT_EQ(limiter_.explain().borne, 0u);
}

TEST_F(LimiterTest, WhatIsBorneIsKnownOnceItWasFound) {
  run(30s, 5);
  EXPECT_EQ(limiter_.explain().limit, 32u);
  EXPECT_EQ(limiter_.explain().borne, 0u);
  run(30s, 500);
  EXPECT_GE(limiter_.explain().borne, 20u);
  EXPECT_LE(limiter_.explain().borne, 40u);
  run(10min, 5);
  EXPECT_GE(limiter_.explain().borne, 20u);
}

TEST_F(LimiterTest, ASmallShopIsFoundOutWithoutAnyCalm) {
  workers_ = 4;
  run(30s, 500);
  EXPECT_LE(limiter_.limit(), 8u);
  EXPECT_EQ(limiter_.explain().borne, limiter_.limit());
}

TEST_F(LimiterTest, SilenceIsNoEvidence) {
  run(30s, 5);
  run(10s, 500);
  for (Kind& kind : kinds_) kind.cost_ms *= 2;
  run(20s, 500);
  const double slower = limiter_.explain().slowness;
  EXPECT_NEAR(slower, 2, 0.5);
  run(1h, 0);
  EXPECT_EQ(limiter_.explain().slowness, slower);
  run(3min, 5);  // what is learned anew takes its place
  EXPECT_NEAR(limiter_.explain().slowness, 1, 0.1);
}

TEST_F(LimiterTest, NeverBelowTheFloorNorOverTheCeiling) {
  workers_ = 1;
  run(60s, 500);
  EXPECT_GE(limiter_.limit(), 4u);
  workers_ = 1e9;
  run(2min, 1e9);
  EXPECT_LE(limiter_.limit(), 1024u);
}

}  // namespace
}  // namespace tenfold::guard::limit
