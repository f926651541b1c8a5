#include "guard/limit/recent_times.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace tenfold::guard::limit {
namespace {

using namespace std::chrono_literals;

class RecentTimesTest : public testing::Test {
 protected:
  // A tenth of a second in which ten requests of each kind are answered, `late` after what it usually takes.
  Sums window(Duration late) {
    std::vector<RouteTimes> routes;
    for (std::uint64_t route = 1; route <= 3; ++route) {
      RouteTimes& times = routes.emplace_back();
      times.route = route;
      for (int i = 0; i < 10; ++i) times.known.add_answer(route * 20ms + late);
    }
    Sums sums = baselines_.gather(routes, now_ += 100ms);
    sums.time = 100ms;
    return sums;
  }
  void learn() {
    for (int i = 0; i < 30; ++i) baselines_.learn(window({}));
  }
  void run(Duration length, Duration late) {
    for (Duration passed{0}; passed < length; passed += 100ms) recent_.add(window(late));
  }

  TimePoint now_{1h};
  Baselines baselines_;
  RecentTimes recent_;
};

TEST_F(RecentTimesTest, AllThatStandInOneQueueAreLateByAsMuch) {
  learn();
  run(3s, 700ms);
  EXPECT_GE(recent_.late_by(baselines_), 600ms);
  EXPECT_LE(recent_.late_by(baselines_), 710ms);
  run(3s, 0ms);
  EXPECT_LE(recent_.late_by(baselines_), 5ms) << "over again";
}

TEST_F(RecentTimesTest, AQueueThatGrowsIsReadOffTheNewestAnswers) {
  learn();
  run(1s, 100ms);
  run(500ms, 2s);
  EXPECT_GE(recent_.late_by(baselines_), 1900ms);
}

TEST_F(RecentTimesTest, OneDearKindMakesNoOtherLate) {
  learn();
  for (int i = 0; i < 20; ++i) {
    Sums sums = window({});
    for (int dear = 0; dear < 200; ++dear) sums.routes[3].known.add_answer(5s);
    recent_.add(sums);
  }
  EXPECT_LE(recent_.late_by(baselines_), 5ms);
}

TEST_F(RecentTimesTest, WhereNothingIsLearnedNobodyIsLate) {
  run(3s, 700ms);
  EXPECT_EQ(recent_.late_by(baselines_), Duration());
}

}  // namespace
}  // namespace tenfold::guard::limit
