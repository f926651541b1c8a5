#include "guard/judge/shares.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace tenfold::guard::judging {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

TEST(WaterLevel, IsInfiniteWhileThereIsEnough) {
  EXPECT_EQ(water_level({}, 0, 0), infinite);
  EXPECT_EQ(water_level({40, 60}, 0, 100), infinite);
  EXPECT_EQ(water_level({40, 50}, 10, 100), infinite);
}

TEST(WaterLevel, IsWhatAllThatWantMoreGet) {
  EXPECT_EQ(water_level({40, 61}, 0, 100), 60);
  EXPECT_EQ(water_level({500, 500}, 0, 100), 50);
  EXPECT_EQ(water_level({10, 500, 20, 500}, 0, 100), 35);
  EXPECT_EQ(water_level({500}, 30, 100), 70);
}

TEST(WaterLevel, IsNothingWhereOthersTakeAll) { EXPECT_EQ(water_level({500}, 130, 100), 0); }

}  // namespace
}  // namespace tenfold::guard::judging
