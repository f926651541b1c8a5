#include "rehearse/drive/drive.hpp"

#include "rehearse/drive/run.hpp"

namespace tenfold::rehearse {

Result<RunRecord> drive(const Load& load, const DriveOptions& options, DriveObserver& observer) {
  const PlanSource plans{.planner = make_planner,
                         .requests_per_s = [](const TrafficModel& model, const PlanOptions& plan) {
                           return figures_of(model, plan).requests_per_s;
                         }};
  return run_load(load, options, observer, plans);
}

}  // namespace tenfold::rehearse
