#include "edge/pace.hpp"

#include <gtest/gtest.h>

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;

std::optional<std::uint64_t> look(Pace& pace, TimePoint now, std::uint64_t total) {
  pace.look(now, total);
  return pace.bytes_per_s();
}

TEST(Pace, IsKnownAfterAWindowAndForgetsWhatLiesTwoWindowsBack) {
  const TimePoint start{};
  Pace pace(start, 500);
  EXPECT_FALSE(look(pace, start + 9'999ms, 100'500).has_value());
  EXPECT_EQ(look(pace, start + 10s, 100'500), 10'000u);
  EXPECT_EQ(look(pace, start + 15s, 100'500), 6'666u);
  EXPECT_EQ(look(pace, start + 20s, 100'500), 0u);
  EXPECT_EQ(look(pace, start + 29s, 119'500), 1'000u);
}

TEST(Pace, BeginsAnewWhereTheTotalFalls) {
  const TimePoint start{};
  Pace pace(start, 500);
  EXPECT_FALSE(look(pace, start + 10s, 10).has_value());
  EXPECT_EQ(look(pace, start + 20s, 1'010), 100u);
}

TEST(Pace, IsTakenForWhatItIsSoFarAfterTwoSeconds) {
  const TimePoint start{};
  Pace pace(start);
  pace.look(start + 1s, 100'000);
  EXPECT_FALSE(pace.so_far().has_value());
  pace.look(start + 2s, 100'000);
  EXPECT_EQ(pace.so_far(), 50'000u);
  EXPECT_FALSE(pace.bytes_per_s().has_value());
}

}  // namespace
}  // namespace tenfold::edge
