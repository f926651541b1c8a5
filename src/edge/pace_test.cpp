#include "edge/pace.hpp"

#include <gtest/gtest.h>

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;

TEST(Pace, IsKnownAfterAWindowAndForgetsWhatLiesTwoWindowsBack) {
  const TimePoint start{};
  Pace pace(start, 500);
  EXPECT_FALSE(pace.look(start + 9'999ms, 100'500).has_value());
  EXPECT_EQ(pace.look(start + 10s, 100'500), 10'000u);
  EXPECT_EQ(pace.look(start + 15s, 100'500), 6'666u);
  EXPECT_EQ(pace.look(start + 20s, 100'500), 0u);
  EXPECT_EQ(pace.look(start + 29s, 119'500), 1'000u);
}

TEST(Pace, BeginsAnewWhereTheTotalFalls) {
  const TimePoint start{};
  Pace pace(start, 500);
  EXPECT_FALSE(pace.look(start + 10s, 10).has_value());
  EXPECT_EQ(pace.look(start + 20s, 1'010), 100u);
}

}  // namespace
}  // namespace tenfold::edge
