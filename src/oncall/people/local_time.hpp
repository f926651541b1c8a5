#pragma once

#include <absl/time/time.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "oncall/people/plan.hpp"

// Between the clock on the wall and moments in time. Pure but for the tz database, which is read once a zone; any
// thread.
namespace tenfold::oncall {

// Of the tz database; UTC where the name is empty or the machine does not have it (`tenfold check` says so).
absl::TimeZone zone_of(const std::string& name);

// The moment of a time on the wall. One that the clocks skip is the moment they jump; one that comes twice is the
// first.
WallTime moment_of(const absl::TimeZone& zone, const LocalTime& local);

// What the wall shows.
struct Shown {
  std::chrono::sys_days day{};
  int hour = 0;
  int minute = 0;
};
Shown shown_at(const absl::TimeZone& zone, WallTime at);

// "2026-10-25 02:30 CEST": with the zone, since an hour may come twice.
std::string shown_text(const absl::TimeZone& zone, WallTime at);

// The stretch of those hours that begins on that day, if they begin on it. May be empty: in an hour that is skipped.
using Stretch = std::pair<WallTime, WallTime>;
std::optional<Stretch> stretch_of(const absl::TimeZone& zone, const Hours& hours, std::chrono::sys_days day);
bool within(const absl::TimeZone& zone, const Hours& hours, WallTime at);

}  // namespace tenfold::oncall
