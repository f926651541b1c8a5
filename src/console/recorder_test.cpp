#include "console/recorder.hpp"

#include <gtest/gtest.h>

namespace tenfold::console {
namespace {

using namespace std::chrono_literals;

TEST(Recorder, RatesAreDifferencesOverTime) {
  ManualClock clock;
  Recorder recorder;
  recorder.record({.requests_total = 1000, .server_errors_total = 5, .from_cache_total = 100}, clock.now());
  EXPECT_EQ(recorder.now().requests_per_s, 0);
  EXPECT_TRUE(recorder.points().empty());

  clock.advance(2s);
  recorder.record({.requests_total = 1200,
                   .client_errors_total = 4,
                   .server_errors_total = 15,
                   .guard_answers_total = 60,
                   .from_cache_total = 150},
                  clock.now());

  EXPECT_DOUBLE_EQ(recorder.now().requests_per_s, 100);
  EXPECT_DOUBLE_EQ(recorder.now().client_errors_per_s, 2);
  EXPECT_DOUBLE_EQ(recorder.now().server_errors_per_s, 5);
  EXPECT_DOUBLE_EQ(recorder.now().guard_answers_per_s, 30);
  EXPECT_DOUBLE_EQ(recorder.now().from_cache_share, 0.25);
  ASSERT_EQ(recorder.points().size(), 1u);
}

TEST(Recorder, ATotalThatFellStartsAnew) {
  ManualClock clock;
  Recorder recorder;
  recorder.record({.requests_total = 1000}, clock.now());
  clock.advance(1s);
  recorder.record({.requests_total = 10}, clock.now());
  EXPECT_EQ(recorder.now().requests_per_s, 0);
  clock.advance(1s);
  recorder.record({.requests_total = 30}, clock.now());
  EXPECT_DOUBLE_EQ(recorder.now().requests_per_s, 20);
}

TEST(Recorder, ASecondReadingAtTheSameTimeIsIgnored) {
  ManualClock clock;
  Recorder recorder;
  recorder.record({.requests_total = 1000}, clock.now());
  recorder.record({.requests_total = 2000}, clock.now());
  clock.advance(1s);
  recorder.record({.requests_total = 2500}, clock.now());
  EXPECT_DOUBLE_EQ(recorder.now().requests_per_s, 1500);
}

TEST(Recorder, KeepsFiveMinutes) {
  ManualClock clock;
  Recorder recorder;
  for (std::uint64_t second = 0; second <= 301; ++second) {
    recorder.record({.requests_total = second * second}, clock.now());
    clock.advance(1s);
  }
  ASSERT_EQ(recorder.points().size(), Recorder::most_points);
  EXPECT_DOUBLE_EQ(recorder.points().front().rates.requests_per_s, 3);
  EXPECT_DOUBLE_EQ(recorder.points().back().rates.requests_per_s, 601);
}

}  // namespace
}  // namespace tenfold::console
