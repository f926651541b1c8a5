#include "config/calendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>

namespace tenfold::config {
namespace {

std::optional<unsigned> digits(std::string_view text, std::size_t at, std::size_t length) {
  if (at + length > text.size()) return std::nullopt;
  const auto value = parse_count(text.substr(at, length));
  return value ? std::optional(static_cast<unsigned>(*value)) : std::nullopt;
}

void cover(std::bitset<minutes_a_week>& week, const Hours& hours) {
  const auto from = static_cast<int>(hours.from.count());
  auto length = static_cast<int>(hours.until.count()) - from;
  if (length <= 0) length += 24 * 60;
  for (int day = 0; day < 7; ++day) {
    const bool begins = hours.days.empty() ||
                        std::ranges::find(hours.days, std::chrono::Monday + std::chrono::days(day)) != hours.days.end();
    for (int i = 0; begins && i < length; ++i)
      week.set(static_cast<std::size_t>((day * 24 * 60 + from + i) % minutes_a_week));
  }
}

}  // namespace

Parsed<std::chrono::sys_days> parse_date(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !year || !month || !day) return mismatch();
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!date.ok()) return mismatch("which no calendar has");
  // The clock counts nanoseconds from 1970 and ends in 2262.
  if (*year < 1970 || *year > 2199) return mismatch("which is not from 1970 to 2199");
  return std::chrono::sys_days(date);
}

Parsed<std::chrono::minutes> parse_time_of_day(std::string_view text) {
  const auto hour = digits(text, 0, 2);
  const auto minute = digits(text, 3, 2);
  if (text.size() != 5 || text[2] != ':' || !hour || !minute || *minute > 59 || *hour * 60 + *minute > 24 * 60) {
    return mismatch();
  }
  return std::chrono::minutes(*hour * 60 + *minute);
}

Parsed<LocalTime> parse_local_time(std::string_view text) {
  const auto day = parse_date(text.substr(0, 10));
  if (!day) return std::unexpected(day.error());
  if (text.size() == 10) return LocalTime{*day};
  const auto time = parse_time_of_day(text.substr(std::min<std::size_t>(text.size(), 11)));
  if (!time || (text[10] != ' ' && text[10] != 'T')) return mismatch();
  return LocalTime{*day, *time};
}

std::string date_text(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string time_of_day_text(std::chrono::minutes time) {
  return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

int first_hole(const std::vector<Hours>& all) {
  std::bitset<minutes_a_week> week;
  for (const Hours& hours : all) cover(week, hours);
  int minute = 0;
  while (minute < minutes_a_week && week.test(static_cast<std::size_t>(minute))) ++minute;
  return minute;
}

std::string week_minute_text(int minute) {
  static constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  return fmt::format("{} {}", days[static_cast<std::size_t>(minute / (24 * 60))],
                     time_of_day_text(std::chrono::minutes(minute % (24 * 60))));
}

}  // namespace tenfold::config
