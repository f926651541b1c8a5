#pragma once

#include <absl/time/time.h>

#include <string>

#include "base/clock.hpp"
#include "oncall/people/plan.hpp"

// Times as people write and say them, in their language and the shop's time zone. Pure; any thread.
namespace tenfold::oncall {

// "25 November 2026, 03:12 (CET)"
std::string written_when(Language language, const absl::TimeZone& zone, WallTime at);
// "03:12", or with the day if that is another than today: "25.11. 03:12"
std::string short_when(const absl::TimeZone& zone, WallTime at, WallTime now);
// With its preposition, for a voice: "at 3 12 in the morning", "yesterday at ...", "on the 25th of November at ...".
std::string spoken_when(Language language, const absl::TimeZone& zone, WallTime at, WallTime now);
// "less than a minute", "one hour and 12 minutes", "3 days and 2 hours"
std::string duration_words(Language language, Duration duration);

}  // namespace tenfold::oncall
