#pragma once

#include <chrono>
#include <string>

#include "oncall/people/plan.hpp"
#include "ready/readiness.hpp"
#include "watch/service/watch.hpp"

namespace tenfold::app {

// How far ahead holes in the plan are looked for.
inline constexpr Duration weeks_ahead = std::chrono::hours(28 * 24);

// What is known about readiness: proofs from the store (one that cannot be read has none), the plan's holes in the
// weeks ahead, and the checks. `checks` is null where none run. Reads the disk.
ready::Facts readiness_facts(const oncall::Plan& plan, const watch::View* checks, const std::string& store_file,
                             WallTime now);

}  // namespace tenfold::app
