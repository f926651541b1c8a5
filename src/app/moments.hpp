#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::app {

// A time in ISO 8601 with its zone, as the API has it ("2026-12-24T17:00:00Z", "2026-12-24T18:00+01:00"), or without
// one, which is then in `zone` of the tz database. Seconds count where they are given.
std::optional<WallTime> moment_of_iso(std::string_view text, const std::string& zone = "UTC");
// One of the API, as people read it: in the plan's zone, which is named; what is no time stays as it is.
std::string shown_moment(const oncall::Plan& plan, const std::string& text);

}  // namespace tenfold::app
