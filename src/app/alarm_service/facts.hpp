#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "oncall/people/plan.hpp"
#include "ready/readiness.hpp"
#include "watch/service/watch.hpp"
#include "watch/state/maintenance.hpp"

namespace tenfold::app {

// How far ahead holes in the plan are looked for.
inline constexpr Duration weeks_ahead = std::chrono::hours(28 * 24);
// Of a maintenance window: past it somebody has forgotten it.
inline constexpr Duration longest_maintenance = std::chrono::hours(7 * 24);

// Of the configuration: what readiness rests on besides the checks' states. Plain values; made anew with each reload.
struct Planned {
  oncall::Plan plan;
  std::vector<watch::MaintenanceWindow> maintenance;
  std::string watch_time_zone = "UTC";
  std::vector<std::string> unworkable;  // settings under oncall.channels that cannot work as they are
};
Planned planned(const config::Replaceable& live);

// What is known about readiness: proofs from the store (one that cannot be read has none), the plan's holes in the
// weeks ahead, and the checks. `checks` is null where none run. Reads the disk.
ready::Facts readiness_facts(const Planned& planned, const watch::View* checks, const std::string& store_file,
                             WallTime now);

}  // namespace tenfold::app
