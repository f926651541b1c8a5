#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "rehearse/record/run_record.hpp"
#include "rehearse/verdict/judge.hpp"

namespace tenfold::rehearse {

struct LimitOptions {
  double start = 1;         // first load tried: times of the visitors, or a rate
  double precision = 0.02;  // the knee is known to this share
  double most = 1e6;
};

struct Step {
  double load = 0;
  enum class Purpose : std::uint8_t { climb, bisect, validate } purpose = Purpose::climb;
  RunRecord record;
  Judgement judgement;
  bool sustained = false;
};

struct Knee {
  double load = 0;            // the greatest that was sustained
  double visitors_per_s = 0;  // achieved at it
  double sessions_per_s = 0;
  double requests_per_s = 0;
  std::string
      gave_way;  // what did first, just above: "errors: /checkout 3.1 %", "time: /search p99 2.4 s", "queue: ..."
  enum class Found : std::uint8_t {
    bracketed,
    driver_was_the_limit,
    beyond_most,
    below_start,
    not_seen,     // the log's shop was not there to be sought in
    interrupted,  // by a person: what was borne until then
  } found = Found::bracketed;
};

struct LimitResult {
  Knee knee;
  std::vector<Step> steps;  // in the order tried
};

// Exponential, then bisection, then a validation run, long enough that a queue shows; while that is not sustained,
// less. A load is turned down when two runs say so, or one clearly. A step that is INVALID because of the driver is
// tried three times in all before the driver is called the limit. `run` plays one load; `taken` is told of each step as
// it is judged. Errors: those of run; refused, when ownership was lost.
using RunLoad = std::function<Result<RunRecord>(double load, Step::Purpose purpose)>;
using StepTaken = std::function<void(const Step&)>;
Result<LimitResult> find_limit(
    const RunLoad& run, const Slo& slo, const LimitOptions& options, const StepTaken& taken = [](const Step&) {});

// How long a load must be held until a queue shows that grows by 1 % of it: from one to five minutes.
Duration validation_length(const Slo& slo);

}  // namespace tenfold::rehearse
