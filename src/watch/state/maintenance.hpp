#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tenfold::watch {

// A time in which failures are recorded and nobody is told. Pure.
struct MaintenanceWindow {
  std::vector<std::string> checks;  // names; none: all
  WallTime from{};
  WallTime until{};  // not included
};

bool in_maintenance(const std::vector<MaintenanceWindow>& windows, std::string_view check, WallTime now);

// A time on the clock on the wall, in a zone of the system's tz database.
struct LocalMinute {
  std::chrono::sys_days day{};
  std::chrono::minutes time{0};  // since midnight by the clock; 24:00 is the next day's midnight
};

// Where clocks go back, an hour is there twice: `earlier` and `later` say which is meant. Where they go forward, an
// hour is not there at all: the moment of the leap is taken. Errors: not_found, naming the zone.
enum class Ambiguous : std::uint8_t { earlier, later };
Result<WallTime> resolve_local(LocalMinute local, const std::string& zone, Ambiguous which);

// From the first `from` to the last `until` there is, and never shorter than it was written: where clocks go forward
// within it, it ends as much later as they skip, since whoever works in it needs the time. Errors: those of
// resolve_local.
Result<MaintenanceWindow> maintenance_window(std::vector<std::string> checks, LocalMinute from, LocalMinute until,
                                             const std::string& zone);

}  // namespace tenfold::watch
