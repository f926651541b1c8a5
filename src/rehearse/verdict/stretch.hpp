#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rehearse/record/run_record.hpp"
#include "rehearse/verdict/slo.hpp"

namespace tenfold::rehearse {

// What an objective looks at, over some stretch of a run.
struct Stretch {
  Duration from{};
  Duration to{};
  std::uint64_t requests = 0;  // that ended, one way or another
  std::uint64_t failed = 0;
  double measured = 0;  // seconds of those that were answered, or a share of errors
  // Of times nothing is kept where requests ended and not one was answered.
  bool kept = true;
  bool answered = true;    // one at least, where requests ended
  bool enough = true;      // requests to say so
  double beyond = 0;       // requests too slow or failed, past those that the objective allows
  std::uint64_t late = 0;  // requests that left late in it, by our own doing
};

// Whether a template's name is meant by a scope: it has it, in any case.
bool in_scope(std::string_view template_name, std::string_view scope);

// The whole run, from the ramp's end on where the windows allow it.
Stretch whole(const RunRecord& record, const Objective& objective);
// The worst minute: of all runs of neighbouring judged windows that make up a minute, after the ramp. Of those that are
// long enough to judge; nothing where there is none.
std::vector<Stretch> minutes(const RunRecord& record, const Objective& objective);

// How the requests in flight changed while the load was on, after the ramp.
struct Growth {
  double per_s = 0;      // Theil-Sen slope: the median of all pairs' slopes
  double of_rate = 0;    // the same as a share of the requests per second
  double agreement = 0;  // Kendall's tau: 1 if it grew in every pair of windows
  double seconds = 0;    // looked at
  bool steady() const;   // more was asked than answered, all the time
};
Growth growth_of(const RunRecord& record);

}  // namespace tenfold::rehearse
