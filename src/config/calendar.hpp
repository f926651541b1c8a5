#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "config/units.hpp"
#include "oncall/people/plan.hpp"

// Days and times as people agree on them: without a time zone, which the section names.
namespace tenfold::config {

using oncall::Hours;
using oncall::LocalTime;

Parsed<std::chrono::sys_days> parse_date(std::string_view text);        // "2026-12-24"
Parsed<std::chrono::minutes> parse_time_of_day(std::string_view text);  // "09:00" to "24:00"
Parsed<LocalTime> parse_local_time(std::string_view text);  // "2026-12-24 18:00"; a day alone is its first minute
std::string date_text(std::chrono::sys_days day);
std::string time_of_day_text(std::chrono::minutes time);

inline constexpr int minutes_a_week = 7 * 24 * 60;

// The first minute of the week, from Monday 00:00, that none of these hours covers; minutes_a_week if all are.
int first_hole(const std::vector<Hours>& all);
// "Sat 18:00", of a minute of the week.
std::string week_minute_text(int minute);

}  // namespace tenfold::config
