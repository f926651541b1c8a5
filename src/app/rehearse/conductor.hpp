#pragma once

#include <string>

#include "app/rehearse/live_view.hpp"
#include "app/rehearse/options.hpp"
#include "rehearse/report/report.hpp"

namespace tenfold::app {

// Drives what a plan says and judges it, telling the terminal as it goes.
class Conductor {
 public:
  // The options and the plan must outlive it.
  Conductor(const RehearseOptions& options, const RehearsePlan& plan, const Terminal& err);

  // Errors: those of rehearse::drive().
  Result<rehearse::Rehearsal> verdict();
  Result<rehearse::Rehearsal> limit();

 private:
  Result<rehearse::RunRecord> drive(const rehearse::Load& load);
  rehearse::Rehearsal begun(rehearse::RunRecord record) const;
  Duration length_at(double load, rehearse::Step::Purpose purpose) const;
  void tell(const rehearse::Step& step) const;
  void describe_knee(rehearse::LimitResult& found) const;

  const RehearseOptions& options_;
  const RehearsePlan& plan_;
  const Terminal& err_;
  LiveView live_;
};

// How a step of the search came out, in a line: "borne, p99 41.2 ms", "too much: p99<800ms was not kept: ...", with
// what disturbed the machine meanwhile.
std::string step_text(const rehearse::Step& step);

}  // namespace tenfold::app
