#include "oncall/people/local_time.hpp"

#include <gtest/gtest.h>

#include "oncall/people/people_test.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

struct MomentCase {
  const char* zone;
  LocalTime local;
  WallTime moment;
};

// Berlin jumps at 01:00 UTC, New York at 02:00 of its own time, Lord Howe by half an hour.
TEST(LocalTime, TheNightsOfTheClockChanges) {
  const MomentCase cases[] = {
      {"Europe/Berlin", {on(2026, 3, 29), at(1, 59)}, utc(2026, 3, 29, 0, 59)},
      {"Europe/Berlin", {on(2026, 3, 29), at(2, 0)}, utc(2026, 3, 29, 1, 0)},   // skipped: when the clock jumps
      {"Europe/Berlin", {on(2026, 3, 29), at(2, 30)}, utc(2026, 3, 29, 1, 0)},  // skipped
      {"Europe/Berlin", {on(2026, 3, 29), at(2, 59)}, utc(2026, 3, 29, 1, 0)},  // skipped
      {"Europe/Berlin", {on(2026, 3, 29), at(3, 0)}, utc(2026, 3, 29, 1, 0)},
      {"Europe/Berlin", {on(2026, 3, 29), at(3, 1)}, utc(2026, 3, 29, 1, 1)},
      {"Europe/Berlin", {on(2026, 10, 25), at(1, 59)}, utc(2026, 10, 24, 23, 59)},
      {"Europe/Berlin", {on(2026, 10, 25), at(2, 0)}, utc(2026, 10, 25, 0, 0)},    // twice: the first
      {"Europe/Berlin", {on(2026, 10, 25), at(2, 30)}, utc(2026, 10, 25, 0, 30)},  // twice
      {"Europe/Berlin", {on(2026, 10, 25), at(2, 59)}, utc(2026, 10, 25, 0, 59)},  // twice
      {"Europe/Berlin", {on(2026, 10, 25), at(3, 0)}, utc(2026, 10, 25, 2, 0)},
      {"America/New_York", {on(2026, 3, 8), at(1, 59)}, utc(2026, 3, 8, 6, 59)},
      {"America/New_York", {on(2026, 3, 8), at(2, 30)}, utc(2026, 3, 8, 7, 0)},
      {"America/New_York", {on(2026, 3, 8), at(3, 0)}, utc(2026, 3, 8, 7, 0)},
      {"America/New_York", {on(2026, 11, 1), at(1, 30)}, utc(2026, 11, 1, 5, 30)},
      {"America/New_York", {on(2026, 11, 1), at(2, 0)}, utc(2026, 11, 1, 7, 0)},
      {"Australia/Lord_Howe", {on(2026, 10, 4), at(1, 59)}, utc(2026, 10, 3, 15, 29)},
      {"Australia/Lord_Howe", {on(2026, 10, 4), at(2, 15)}, utc(2026, 10, 3, 15, 30)},
      {"Australia/Lord_Howe", {on(2026, 10, 4), at(2, 30)}, utc(2026, 10, 3, 15, 30)},
      {"Australia/Lord_Howe", {on(2026, 4, 5), at(1, 29)}, utc(2026, 4, 4, 14, 29)},
      {"Australia/Lord_Howe", {on(2026, 4, 5), at(1, 45)}, utc(2026, 4, 4, 14, 45)},  // twice: the first
      {"Australia/Lord_Howe", {on(2026, 4, 5), at(2, 0)}, utc(2026, 4, 4, 15, 30)},
      {"UTC", {on(2028, 2, 29), at(24, 0)}, utc(2028, 3, 1)},
      {"", {on(2026, 1, 1), at(9)}, utc(2026, 1, 1, 9)},
      {"No/Such_Zone", {on(2026, 1, 1), at(9)}, utc(2026, 1, 1, 9)},
  };
  for (const auto& each : cases) {
    const auto zone = zone_of(each.zone);
    EXPECT_EQ(moment_of(zone, each.local), each.moment)
        << each.zone << ": " << shown_text(zone, moment_of(zone, each.local));
  }
}

TEST(LocalTime, TheWallShowsAnHourTwiceAndSaysWhich) {
  const auto berlin = zone_of("Europe/Berlin");
  EXPECT_EQ(shown_text(berlin, utc(2026, 10, 25, 0, 30)), "2026-10-25 02:30 CEST");
  EXPECT_EQ(shown_text(berlin, utc(2026, 10, 25, 1, 30)), "2026-10-25 02:30 CET");
  const Shown shown = shown_at(berlin, utc(2026, 12, 31, 23, 5));
  EXPECT_EQ(shown.day, on(2027, 1, 1));
  EXPECT_EQ(shown.hour, 0);
  EXPECT_EQ(shown.minute, 5);
}

struct WithinCase {
  const char* what;
  const char* zone;
  Hours hours;
  WallTime from;   // the first moment inside
  WallTime until;  // the first one after it
};

TEST(LocalTime, HoursBeginAndEndToTheNanosecond) {
  const std::vector<std::chrono::weekday> working{std::chrono::Monday, std::chrono::Tuesday, std::chrono::Wednesday,
                                                  std::chrono::Thursday, std::chrono::Friday};
  const WithinCase cases[] = {
      {"an office day", "Europe/Berlin", {working, at(8), at(18)}, utc(2026, 6, 1, 6), utc(2026, 6, 1, 16)},
      {"a night over midnight",
       "Europe/Berlin",
       {{std::chrono::Saturday}, at(22), at(6)},
       utc(2026, 6, 6, 20),
       utc(2026, 6, 7, 4)},
      {"a short night",
       "Europe/Berlin",
       {{std::chrono::Saturday}, at(22), at(6)},
       utc(2026, 3, 28, 21),
       utc(2026, 3, 29, 4)},
      {"a long night",
       "Europe/Berlin",
       {{std::chrono::Saturday}, at(22), at(6)},
       utc(2026, 10, 24, 20),
       utc(2026, 10, 25, 5)},
      {"from a skipped hour",
       "Europe/Berlin",
       {{std::chrono::Sunday}, at(2, 30), at(4)},
       utc(2026, 3, 29, 1),
       utc(2026, 3, 29, 2)},
      {"until a skipped hour",
       "Europe/Berlin",
       {{std::chrono::Sunday}, at(1), at(2, 30)},
       utc(2026, 3, 29, 0),
       utc(2026, 3, 29, 1)},
      {"from a doubled hour",
       "Europe/Berlin",
       {{std::chrono::Sunday}, at(2, 30), at(4)},
       utc(2026, 10, 25, 0, 30),
       utc(2026, 10, 25, 3)},
      {"until a doubled hour",
       "Europe/Berlin",
       {{std::chrono::Sunday}, at(1), at(2, 30)},
       utc(2026, 10, 24, 23),
       utc(2026, 10, 25, 0, 30)},
      {"all of a day",
       "Europe/Berlin",
       {{std::chrono::Monday}, at(0), at(24)},
       utc(2026, 5, 31, 22),
       utc(2026, 6, 1, 22)},
      {"from a time to itself", "UTC", {{std::chrono::Monday}, at(9), at(9)}, utc(2026, 6, 1, 9), utc(2026, 6, 2, 9)},
      {"half an hour's change",
       "Australia/Lord_Howe",
       {{std::chrono::Sunday}, at(1), at(3)},
       utc(2026, 4, 4, 14),
       utc(2026, 4, 4, 16, 30)},
  };
  for (const auto& each : cases) {
    const auto zone = zone_of(each.zone);
    EXPECT_FALSE(within(zone, each.hours, each.from - 1ns)) << each.what;
    EXPECT_TRUE(within(zone, each.hours, each.from)) << each.what;
    EXPECT_TRUE(within(zone, each.hours, each.until - 1ns)) << each.what;
    EXPECT_FALSE(within(zone, each.hours, each.until)) << each.what;
  }
}

TEST(LocalTime, HoursInsideASkippedHourAreEmpty) {
  const Hours hours{{}, at(2, 15), at(2, 45)};
  const auto berlin = zone_of("Europe/Berlin");
  for (int minute = 0; minute < 180; ++minute) {
    EXPECT_FALSE(within(berlin, hours, utc(2026, 3, 29) + std::chrono::minutes(minute))) << minute;
  }
  EXPECT_TRUE(within(berlin, hours, utc(2026, 3, 30, 0, 15)));
}

}  // namespace
}  // namespace tenfold::oncall
