#include "origin/health.hpp"

namespace tenfold::origin {

namespace {

using State = HealthRecord::State;

State state_for(CheckResult result) {
  switch (result) {
    case CheckResult::good: return State::good;
    case CheckResult::bad_answer: return State::failing;
    case CheckResult::no_answer: return State::silent;
    case CheckResult::nobody: return State::dead;
  }
  return State::unknown;
}

}  // namespace

HealthRecord after_check(HealthRecord record, CheckResult result, CheckReason reason, const HealthPolicy& policy) {
  if (result == CheckResult::good) {
    record.bad_in_row = 0;
    ++record.good_in_row;
    if (record.state == State::unknown || record.good_in_row >= policy.healthy_after) record.state = State::good;
    return record;
  }
  record.good_in_row = 0;
  ++record.bad_in_row;
  const bool proven_by_requests = reason == CheckReason::suspicion && result != CheckResult::bad_answer;
  if (record.state != State::good || proven_by_requests || record.bad_in_row >= policy.unhealthy_after) {
    record.state = state_for(result);
  }
  return record;
}

}  // namespace tenfold::origin
