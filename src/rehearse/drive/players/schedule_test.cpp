#include "rehearse/drive/players/schedule.hpp"

#include <gtest/gtest.h>

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;

TEST(ScheduleTest, ConstantRateIsEvenlySpacedAndDoesNotDrift) {
  const ConstantSchedule schedule(3000, 1h, 0s);
  EXPECT_EQ(schedule.count(), 3000u * 3600);
  EXPECT_EQ(schedule.moment(0), 0s);
  EXPECT_EQ(schedule.moment(3000), 1s);
  EXPECT_EQ(schedule.moment(3000ull * 3599), 3599s);
  EXPECT_NEAR(static_cast<double>(schedule.moment(1).count()), 1e9 / 3000, 1);
  EXPECT_DOUBLE_EQ(schedule.expected(10s, 11s), 3000);
}

TEST(ScheduleTest, LastRequestIsBeforeTheEnd) {
  const ConstantSchedule schedule(10, 1s, 0s);
  EXPECT_EQ(schedule.count(), 10u);
  EXPECT_EQ(schedule.moment(9), 900ms);
  EXPECT_EQ(ConstantSchedule(0.1, 30s, 0s).count(), 3u);
  EXPECT_EQ(ConstantSchedule(0.1, 30001ms, 0s).count(), 4u);
  EXPECT_EQ(ConstantSchedule(0.1, 1s, 0s).count(), 1u);
}

TEST(ScheduleTest, RampGrowsLinearly) {
  const ConstantSchedule schedule(100, 20s, 10s);
  EXPECT_EQ(schedule.count(), 500u + 1000u);
  EXPECT_NEAR(schedule.expected(0s, 1s), 5, 1e-9);
  EXPECT_NEAR(schedule.expected(9s, 10s), 95, 1e-9);
  EXPECT_NEAR(schedule.expected(10s, 11s), 100, 1e-9);
  EXPECT_NEAR(schedule.expected(19s, 30s), 100, 1e-9);  // nothing after the end
  EXPECT_EQ(schedule.moment(500), 10s);
  for (std::uint64_t i = 1; i < schedule.count(); ++i) {
    ASSERT_GT(schedule.moment(i), schedule.moment(i - 1)) << i;
    ASSERT_NEAR(schedule.expected(0s, schedule.moment(i)), static_cast<double>(i), 0.001);
  }
}

}  // namespace
}  // namespace tenfold::rehearse
