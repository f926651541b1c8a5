#include "oncall/people/local_time.hpp"

#include <absl/time/civil_time.h>
#include <fmt/format.h>

#include <algorithm>

namespace tenfold::oncall {
namespace {

WallTime from_absl(absl::Time time) { return WallTime(Duration(absl::ToUnixNanos(time))); }
absl::Time to_absl(WallTime time) { return absl::FromUnixNanos(time.time_since_epoch().count()); }

}  // namespace

absl::TimeZone zone_of(const std::string& name) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (!name.empty() && !absl::LoadTimeZone(name, &zone)) return absl::UTCTimeZone();
  return zone;
}

WallTime moment_of(const absl::TimeZone& zone, const LocalTime& local) {
  const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + local.day.time_since_epoch().count();
  const absl::CivilSecond second = absl::CivilSecond(absl::CivilMinute(day) + local.time.count());
  const auto found = zone.At(second);
  return from_absl(found.kind == absl::TimeZone::TimeInfo::SKIPPED ? found.trans : found.pre);
}

Shown shown_at(const absl::TimeZone& zone, WallTime at) {
  const absl::CivilSecond second = zone.At(to_absl(at)).cs;
  const auto days = absl::CivilDay(second) - absl::CivilDay(1970, 1, 1);
  return {std::chrono::sys_days(std::chrono::days(days)), second.hour(), second.minute()};
}

std::string shown_text(const absl::TimeZone& zone, WallTime at) {
  return absl::FormatTime("%Y-%m-%d %H:%M %Z", to_absl(at), zone);
}

std::optional<Stretch> stretch_of(const absl::TimeZone& zone, const Hours& hours, std::chrono::sys_days day) {
  const bool begins =
      hours.days.empty() || std::ranges::find(hours.days, std::chrono::weekday(day)) != hours.days.end();
  if (!begins) return std::nullopt;
  const auto last_day = hours.until > hours.from ? day : day + std::chrono::days(1);
  return Stretch(moment_of(zone, {day, hours.from}), moment_of(zone, {last_day, hours.until}));
}

bool within(const absl::TimeZone& zone, const Hours& hours, WallTime at) {
  // A stretch lasts two days at most, and a clock that jumps back over midnight shows a day twice.
  const auto today = shown_at(zone, at).day;
  for (int back = -1; back <= 2; ++back) {
    const auto stretch = stretch_of(zone, hours, today - std::chrono::days(back));
    if (stretch && stretch->first <= at && at < stretch->second) return true;
  }
  return false;
}

}  // namespace tenfold::oncall
