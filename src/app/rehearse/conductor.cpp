#include "app/rehearse/conductor.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "rehearse/report/numbers.hpp"
#include "rehearse/verdict/judge.hpp"
#include "rehearse/verdict/limit.hpp"
#include "rehearse/verdict/words.hpp"

namespace tenfold::app {

using rehearse::Knee;
using rehearse::LimitResult;
using rehearse::Rehearsal;
using rehearse::RunRecord;
using rehearse::Step;
using rehearse::Verdict;

namespace {

std::string words_of(rehearse::PlanOptions::Profile profile) {
  switch (profile) {
    case rehearse::PlanOptions::Profile::peak: return "the log's busiest minute";
    case rehearse::PlanOptions::Profile::mean: return "the log's mean";
    case rehearse::PlanOptions::Profile::log: return "the log's own course";
  }
  return "";
}

// The step that speaks for the whole search: the one by which the knee is known, else the last.
const Step& speaker(const LimitResult& found) {
  const Step* best = &found.steps.back();
  for (const Step& step : found.steps) {
    if (step.sustained && step.load == found.knee.load) best = &step;
  }
  return *best;
}

}  // namespace

std::string step_text(const Step& step) {
  const rehearse::Judgement& judgement = step.judgement;
  std::string text;
  if (step.sustained) {
    text = fmt::format("borne, p99 {}",
                       rehearse::time_text(rehearse::in_seconds(rehearse::judged_times(step.record).p99)));
  } else {
    const std::string why =
        judgement.reasons.empty() ? "more was asked than answered, all the time" : judgement.reasons.front();
    text = (judgement.verdict == Verdict::invalid ? "says nothing: " : "too much: ") + why;
  }
  const std::string noise = rehearse::noise_of(step.record);
  return noise.empty() ? text : fmt::format("{} (this machine: {})", text, noise);
}

Conductor::Conductor(const RehearseOptions& options, const RehearsePlan& plan, const Terminal& err)
    : options_(options),
      plan_(plan),
      err_(err),
      live_(err, ::isatty(2) == 1 ? LiveView::Form::redrawn : LiveView::Form::lines, options.when_down) {}

Result<Rehearsal> Conductor::verdict() {
  auto record = drive(plan_.load);
  if (!record) return std::unexpected(std::move(record.error()));
  Rehearsal rehearsal = begun(std::move(*record));
  rehearsal.judgement = rehearse::judge(rehearsal.record, plan_.slo);
  return rehearsal;
}

Result<Rehearsal> Conductor::limit() {
  const bool visitors = plan_.model != nullptr;
  const rehearse::RunLoad run = [&](double load, Step::Purpose purpose) {
    const bool validates = purpose == Step::Purpose::validate;
    live_.name_step(fmt::format("{}{:.4g}{}", validates ? "validating " : "trying ", load,
                                visitors ? " times the visitors" : " requests/s"));
    return drive(load_at(plan_, load, length_at(load, purpose)));
  };
  auto found = rehearse::find_limit(run, plan_.slo, {.start = start_of(plan_)}, [&](const Step& step) { tell(step); });
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->steps.empty()) return fail(Errc::invalid, "--find-limit begins at 1,000,000 at the most");
  const Step& best = speaker(*found);
  Rehearsal rehearsal = begun(best.record);
  rehearsal.judgement = best.judgement;
  describe_knee(*found);
  if (found->knee.found == Knee::Found::interrupted) {
    rehearsal.judgement.verdict = Verdict::invalid;
    rehearsal.judgement.reasons = {
        fmt::format("interrupted after {} runs, before the search was over", found->steps.size())};
    rehearsal.judgement.next = "let the search run to its end; --step makes its runs shorter";
  } else if (found->knee.load <= 0 && rehearsal.judgement.verdict == Verdict::pass) {
    rehearsal.judgement.verdict = Verdict::fail;
    rehearsal.judgement.reasons = {"no load was borne for long"};
  }
  rehearsal.limit = std::move(*found);
  return rehearsal;
}

Result<RunRecord> Conductor::drive(const rehearse::Load& load) {
  auto record = rehearse::drive(load, plan_.drive, live_);
  live_.erase();
  if (!record || record->ended != RunRecord::Ended::stopped) return record;
  if (live_.interrupted()) record->ended = RunRecord::Ended::interrupted;
  if (!live_.why_down().empty()) record->why_ended = live_.why_down();
  return record;
}

Rehearsal Conductor::begun(RunRecord record) const {
  Rehearsal rehearsal{.record = std::move(record),
                      .judgement = {},
                      .slo = plan_.slo_text,
                      .limit = {},
                      .model_file = options_.traffic,
                      .command = options_.command,
                      .load = {},
                      .compared = {}};
  if (const auto* visitors = std::get_if<rehearse::VisitorLoad>(&plan_.load)) {
    rehearse::PlanOptions plan = visitors->plan;
    plan.times = rehearsal.record.times;
    rehearsal.load =
        fmt::format("{:.3g} new visitors a second, {:.4g} times {}",
                    rehearse::figures_of(*plan_.model, plan).visitors_per_s, plan.times, words_of(plan.profile));
  }
  return rehearsal;
}

// So long that there is something to judge by: a small shop's requests come slowly.
Duration Conductor::length_at(double load, Step::Purpose purpose) const {
  constexpr double enough = 30;  // requests
  constexpr Duration most = std::chrono::minutes(10);
  double per_s = load;
  if (const auto* visitors = std::get_if<rehearse::VisitorLoad>(&plan_.load)) {
    rehearse::PlanOptions plan = visitors->plan;
    plan.times = load;
    per_s = rehearse::figures_of(*plan_.model, plan).requests_per_s;
  }
  const double needed_s = std::min(rehearse::in_seconds(most), enough / std::max(1e-9, per_s));
  const Duration needed(static_cast<std::int64_t>(needed_s * 1e9));
  const bool validates = purpose == Step::Purpose::validate;
  return std::max(needed, validates ? std::max(2 * plan_.step, rehearse::validation_length(plan_.slo)) : plan_.step);
}

void Conductor::tell(const Step& step) const {
  const std::string_view what = plan_.model ? "times the visitors" : "requests/s";
  err_.line(fmt::format("{:>10.4g} {}, {} s: {}", step.load, what,
                        std::chrono::duration_cast<std::chrono::seconds>(step.record.length).count(), step_text(step)));
}

// Of visitors the plan's arithmetic is exact; a step's own count of a few dozen is not.
void Conductor::describe_knee(LimitResult& found) const {
  const auto* visitors = std::get_if<rehearse::VisitorLoad>(&plan_.load);
  if (visitors == nullptr) {
    found.knee.visitors_per_s = found.knee.sessions_per_s = found.knee.requests_per_s;
    return;
  }
  rehearse::PlanOptions at_knee = visitors->plan;
  at_knee.times = found.knee.load;
  const rehearse::PlanFigures figures = rehearse::figures_of(*plan_.model, at_knee);
  found.knee.visitors_per_s = figures.visitors_per_s;
  found.knee.sessions_per_s = figures.sessions_per_s;
}

}  // namespace tenfold::app
