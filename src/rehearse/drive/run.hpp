#pragma once

#include <functional>
#include <memory>

#include "rehearse/drive/drive.hpp"

namespace tenfold::rehearse {

// What drive() takes from plan/, so that a test can play a plan of its own.
struct PlanSource {
  std::function<std::unique_ptr<Planner>(const TrafficModel&, const PlanOptions&)> planner;
  std::function<double(const TrafficModel&, const PlanOptions&)> requests_per_s;  // once stationary
};

// As drive(), with the plan from there.
Result<RunRecord> run_load(const Load& load, const DriveOptions& options, DriveObserver& observer,
                           const PlanSource& plans);

}  // namespace tenfold::rehearse
