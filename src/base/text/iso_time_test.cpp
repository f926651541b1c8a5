#include "base/text/iso_time.hpp"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

using namespace std::chrono_literals;

TEST(IsoTime, ToTheSecondInUtc) {
  EXPECT_EQ(iso_time(WallTime(1'774'746'000s)), "2026-03-29T01:00:00Z");
  EXPECT_EQ(iso_time(WallTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)) + 3723s + 999ms),
            "2026-03-02T01:02:03Z");
  EXPECT_EQ(iso_time(WallTime(0s)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_time(WallTime(1'709'251'199s)), "2024-02-29T23:59:59Z");
}

TEST(IsoTime, IsRoundedDownOnEitherSideOf1970) {
  EXPECT_EQ(iso_time(WallTime(999'999'999ns)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_time(WallTime(-1ns)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(iso_date(WallTime(-1ns)), "1969-12-31");
}

TEST(IsoTime, AllThatAWallTimeCanHold) {
  EXPECT_EQ(iso_time(WallTime::max()), "2262-04-11T23:47:16Z");
  EXPECT_EQ(iso_time(WallTime::min()), "1677-09-21T00:12:43Z");
}

}  // namespace
}  // namespace tenfold
