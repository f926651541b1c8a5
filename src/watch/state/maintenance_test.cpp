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

struct Written {
  year_month_day from_day;
  minutes from;
  year_month_day until_day;
  minutes until;
  const char* zone;
  WallTime begins;
  Duration lasts;
};
class WrittenWindows : public testing::TestWithParam<Written> {};
TEST_P(WrittenWindows, AreNeverShorterThanWritten) {
  const Written& given = GetParam();
  const auto window = maintenance_window({}, {sys_days(given.from_day), given.from},
                                         {sys_days(given.until_day), given.until}, given.zone);
  ASSERT_TRUE(window) << window.error().text();
  EXPECT_EQ(window->from, given.begins);
  EXPECT_EQ(window->until - window->from, given.lasts);
}
constexpr year_month_day spring = 2026y / 3 / 29;
constexpr year_month_day autumn = 2026y / 10 / 25;
// Lord Howe changes by half an hour: forward on 2026-10-03 15:30 UTC (02:00), back on 2026-04-04 15:00 UTC (02:00).
constexpr year_month_day lord_howe_spring = 2026y / 10 / 4;
constexpr year_month_day lord_howe_autumn = 2026y / 4 / 5;
INSTANTIATE_TEST_SUITE_P(
    ForwardAndBack, WrittenWindows,
    testing::Values(
        // All of it is in the hour that is skipped, part of it is, it is around it, it ends in it, it begins in it.
        Written{spring, 2h, spring, 3h, "Europe/Berlin", utc(spring, 1h), 1h},
        Written{spring, 2h + 15min, spring, 2h + 45min, "Europe/Berlin", utc(spring, 1h), 30min},
        Written{spring, 1h, spring, 3h, "Europe/Berlin", utc(spring, 0h), 2h},
        Written{spring, 1h, spring, 2h + 30min, "Europe/Berlin", utc(spring, 0h), 90min},
        Written{spring, 2h + 30min, spring, 4h, "Europe/Berlin", utc(spring, 1h), 90min},
        Written{2026y / 3 / 28, 23h, spring, 5h, "Europe/Berlin", utc(2026y / 3 / 28, 22h), 6h},
        Written{2026y / 3 / 28, 22h, spring, 24h, "Europe/Berlin", utc(2026y / 3 / 28, 21h), 26h},
        // In the hour that comes twice: from its first beginning to its last end.
        Written{autumn, 2h, autumn, 3h, "Europe/Berlin", utc(autumn, 0h), 2h},
        Written{2026y / 10 / 24, 23h, autumn, 2h + 30min, "Europe/Berlin", utc(2026y / 10 / 24, 21h), 4h + 30min},
        // Half an hour, and where the whole of it is half an hour.
        Written{lord_howe_spring, 2h, lord_howe_spring, 2h + 30min, "Australia/Lord_Howe",
                utc(2026y / 10 / 3, 15h + 30min), 30min},
        Written{lord_howe_spring, 1h + 45min, lord_howe_spring, 2h + 45min, "Australia/Lord_Howe",
                utc(2026y / 10 / 3, 15h + 15min), 1h},
        Written{lord_howe_autumn, 1h + 30min, lord_howe_autumn, 1h + 45min, "Australia/Lord_Howe",
                utc(2026y / 4 / 4, 14h + 30min), 45min},
        // At midnight: Beirut skips the first hour of the day, Samoa skipped a whole day.
        Written{spring, 0h, spring, 1h, "Asia/Beirut", utc(2026y / 3 / 28, 22h), 1h},
        Written{2011y / 12 / 30, 0h, 2011y / 12 / 30, 24h, "Pacific/Apia", utc(2011y / 12 / 30, 10h), 24h},
        // Days that are like any other.
        Written{2028y / 2 / 28, 23h, 2028y / 3 / 1, 1h, "Europe/Berlin", utc(2028y / 2 / 28, 22h), 26h},
        Written{2028y / 2 / 29, 0h, 2028y / 2 / 29, 24h, "UTC", utc(2028y / 2 / 29, 0h), 24h}));

TEST(Maintenance, AnUnknownZoneIsNamed) {
  const auto resolved = resolve_local({sys_days(2026y / 1 / 1), 0h}, "Europe/Atlantis", Ambiguous::earlier);
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().code, Errc::not_found);
  EXPECT_THAT(resolved.error().detail, testing::HasSubstr("Europe/Atlantis"));
}

}  // namespace
}  // namespace tenfold::watch
