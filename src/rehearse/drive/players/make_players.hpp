#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rehearse/drive/driver_thread.hpp"
#include "rehearse/drive/run.hpp"

// What differs between the kinds of load.
namespace tenfold::rehearse {

// For each of `threads` threads, what makes its player there. The load, the options and the plans must outlive them.
Result<std::vector<MakePlayer>> make_players(const Load& load, const DriveOptions& options, const PlanSource& plans,
                                             std::uint32_t threads);

std::vector<std::string> template_names(const Load& load, const DriveOptions& options);

// Requests planned between two moments, by arithmetic.
std::function<double(Duration from, Duration to)> expected_requests(const Load& load, const PlanSource& plans);

// What the log says of a template, for the record.
InLog in_log(const Template& of);

// Fills in what a record says of its load: mode, ramp, times, rate.
void describe(const Load& load, const PlanSource& plans, RunRecord& record);

}  // namespace tenfold::rehearse
