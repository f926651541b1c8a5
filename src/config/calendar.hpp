#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/units.hpp"

// Days and times as people agree on them: without a time zone, which the section names.
namespace tenfold::config {

// "2026-12-24 18:00", or "2026-12-24" for its first minute.
struct LocalTime {
  std::chrono::sys_days day{};   // the date, whatever the zone
  std::chrono::minutes time{0};  // since midnight on the clock on the wall
  auto operator<=>(const LocalTime&) const = default;
};

enum class Weekday : std::uint8_t { mon, tue, wed, thu, fri, sat, sun };

// Hours of the week. `until` not after `from` is on the next day.
struct Hours {
  std::vector<Weekday> days;  // on which they begin; none: every day
  std::chrono::minutes from{0};
  std::chrono::minutes until{24 * 60};

  bool operator==(const Hours&) const = default;
};

Parsed<std::chrono::sys_days> parse_date(std::string_view text);        // "2026-12-24"
Parsed<std::chrono::minutes> parse_time_of_day(std::string_view text);  // "09:00" to "24:00"
Parsed<LocalTime> parse_local_time(std::string_view text);
std::string date_text(std::chrono::sys_days day);
std::string time_of_day_text(std::chrono::minutes time);

inline constexpr int minutes_a_week = 7 * 24 * 60;

// The first minute of the week, from Monday 00:00, that none of these hours covers; minutes_a_week if all are.
int first_hole(const std::vector<Hours>& all);
// "Sat 18:00", of a minute of the week.
std::string week_minute_text(int minute);

}  // namespace tenfold::config
