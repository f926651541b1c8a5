#include "watch/state/maintenance.hpp"

#include <gmock/gmock.h>

namespace tenfold::watch {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

WallTime utc(year_month_day day, Duration time) { return WallTime(sys_days(day)) + time; }

TEST(Maintenance, HoldsFromItsFirstMomentToItsLast) {
  const WallTime from = utc(2026y / 12 / 24, 18h);
  const std::vector<MaintenanceWindow> windows{{{"front", "api"}, from, from + 2h}};
  EXPECT_FALSE(in_maintenance(windows, "front", from - 1ns));
  EXPECT_TRUE(in_maintenance(windows, "front", from));
  EXPECT_TRUE(in_maintenance(windows, "api", from + 2h - 1ns));
  EXPECT_FALSE(in_maintenance(windows, "api", from + 2h));
  EXPECT_FALSE(in_maintenance(windows, "checkout", from + 1h));
}

TEST(Maintenance, WithoutNamesHoldsForAll) {
  const WallTime from = utc(2026y / 12 / 24, 18h);
  EXPECT_TRUE(in_maintenance({{{}, from, from + 1h}}, "anything", from));
}

struct Local {
  year_month_day day;
  minutes time;
  const char* zone;
  Ambiguous which;
  WallTime expected;
};
class LocalTimes : public testing::TestWithParam<Local> {};
TEST_P(LocalTimes, Resolve) {
  const auto& [day, time, zone, which, expected] = GetParam();
  const auto resolved = resolve_local({sys_days(day), time}, zone, which);
  ASSERT_TRUE(resolved) << resolved.error().text();
  EXPECT_EQ(*resolved, expected);
}
// Berlin: clocks go forward at 2026-03-29 01:00 UTC and back at 2026-10-25 01:00 UTC.
INSTANTIATE_TEST_SUITE_P(
    All, LocalTimes,
    testing::Values(
        Local{2026y / 12 / 24, 18h, "UTC", Ambiguous::earlier, utc(2026y / 12 / 24, 18h)},
        Local{2026y / 12 / 24, 18h, "Europe/Berlin", Ambiguous::earlier, utc(2026y / 12 / 24, 17h)},
        Local{2026y / 7 / 1, 18h, "Europe/Berlin", Ambiguous::earlier, utc(2026y / 7 / 1, 16h)},
        Local{2026y / 7 / 1, 24h, "Europe/Berlin", Ambiguous::earlier, utc(2026y / 7 / 1, 22h)},
        Local{2026y / 3 / 29, 2h + 30min, "Europe/Berlin", Ambiguous::earlier, utc(2026y / 3 / 29, 1h)},
        Local{2026y / 3 / 29, 2h + 30min, "Europe/Berlin", Ambiguous::later, utc(2026y / 3 / 29, 1h)},
        Local{2026y / 10 / 25, 2h + 30min, "Europe/Berlin", Ambiguous::earlier, utc(2026y / 10 / 25, 30min)},
        Local{2026y / 10 / 25, 2h + 30min, "Europe/Berlin", Ambiguous::later, utc(2026y / 10 / 25, 1h + 30min)},
        Local{2028y / 2 / 29, 12h, "America/New_York", Ambiguous::earlier, utc(2028y / 2 / 29, 17h)}));

TEST(Maintenance, AWindowInTheDoubledHourIsAsLongAsCanBe) {
  const auto window =
      maintenance_window({}, {sys_days(2026y / 10 / 25), 2h}, {sys_days(2026y / 10 / 25), 2h + 59min}, "Europe/Berlin");
  ASSERT_TRUE(window);
  EXPECT_EQ(window->until - window->from, 1h + 59min);
}

TEST(Maintenance, AnUnknownZoneIsNamed) {
  const auto resolved = resolve_local({sys_days(2026y / 1 / 1), 0h}, "Europe/Atlantis", Ambiguous::earlier);
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().code, Errc::not_found);
  EXPECT_THAT(resolved.error().detail, testing::HasSubstr("Europe/Atlantis"));
}

}  // namespace
}  // namespace tenfold::watch
