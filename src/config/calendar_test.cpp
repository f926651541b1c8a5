#include "config/calendar.hpp"

#include <gtest/gtest.h>

namespace tenfold::config {
namespace {

using namespace std::chrono_literals;

const std::vector working_days{std::chrono::Monday, std::chrono::Tuesday, std::chrono::Wednesday, std::chrono::Thursday,
                               std::chrono::Friday};

TEST(Calendar, ReadsDaysAndTimes) {
  EXPECT_EQ(date_text(parse_date("2026-12-24").value()), "2026-12-24");
  EXPECT_TRUE(parse_date("2028-02-29").has_value());
  EXPECT_TRUE(parse_date("2199-12-31").has_value());
  for (const auto* text : {"", "2026-02-29", "2026-13-01", "26-12-24", "2026-12-24 ", "2026/12/24", "2026-1-1",
                           "1969-01-01", "2200-01-01"}) {
    EXPECT_FALSE(parse_date(text).has_value()) << text;
  }
  EXPECT_EQ(parse_time_of_day("24:00").value(), 24h);
  for (const auto* text : {"", "9:00", "24:01", "12:60", "12-00", "1200", "+1:00"}) {
    EXPECT_FALSE(parse_time_of_day(text).has_value()) << text;
  }
  EXPECT_EQ(parse_local_time("2026-12-24 18:30").value().time, 18h + 30min);
  EXPECT_EQ(parse_local_time("2026-12-24").value().time, 0min);
  EXPECT_FALSE(parse_local_time("2026-12-24x18:30").has_value());
  EXPECT_FALSE(parse_local_time("2026-12-24 ").has_value());
}

TEST(Calendar, FindsTheFirstHoleOfTheWeek) {
  EXPECT_EQ(first_hole({Hours{}}), minutes_a_week);
  EXPECT_EQ(first_hole({}), 0);
  // Given office hours, when nobody has the night, then the hole begins on Monday at midnight.
  const Hours office{working_days, 9h, 17h};
  EXPECT_EQ(week_minute_text(first_hole({office})), "Mon 00:00");
  // Given nights that wrap around midnight as well, then only the weekend is left: Saturday's day.
  const Hours night{{}, 17h, 9h};
  EXPECT_EQ(week_minute_text(first_hole({office, night})), "Sat 09:00");
  EXPECT_EQ(first_hole({office, night, Hours{{std::chrono::Saturday, std::chrono::Sunday}, 9h, 17h}}), minutes_a_week);
  EXPECT_EQ(week_minute_text(
                first_hole({office, night, Hours{{std::chrono::Saturday, std::chrono::Sunday}, 9h, 16h + 59min}})),
            "Sat 16:59");
}

}  // namespace
}  // namespace tenfold::config
