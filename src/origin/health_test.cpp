#include "origin/health.hpp"

#include <gtest/gtest.h>

namespace tenfold::origin {
namespace {

using State = HealthRecord::State;

HealthRecord in(State state) { return {.state = state}; }

State after(State state, CheckResult result, CheckReason reason = CheckReason::routine) {
  return after_check(in(state), result, reason, {.unhealthy_after = 3, .healthy_after = 2}).state;
}

TEST(Health, EveryTransitionOfOneCheck) {
  struct {
    State from;
    CheckResult result;
    CheckReason reason;
    State to;
  } const rows[] = {
      {State::unknown, CheckResult::good, CheckReason::routine, State::good},
      {State::unknown, CheckResult::bad_answer, CheckReason::routine, State::failing},
      {State::unknown, CheckResult::no_answer, CheckReason::routine, State::silent},
      {State::unknown, CheckResult::nobody, CheckReason::routine, State::dead},
      {State::good, CheckResult::good, CheckReason::routine, State::good},
      {State::good, CheckResult::bad_answer, CheckReason::routine, State::good},
      {State::good, CheckResult::no_answer, CheckReason::routine, State::good},
      {State::good, CheckResult::nobody, CheckReason::routine, State::good},
      {State::good, CheckResult::bad_answer, CheckReason::suspicion, State::good},
      {State::good, CheckResult::no_answer, CheckReason::suspicion, State::silent},
      {State::good, CheckResult::nobody, CheckReason::suspicion, State::dead},
      {State::silent, CheckResult::good, CheckReason::routine, State::silent},
      {State::silent, CheckResult::bad_answer, CheckReason::routine, State::failing},
      {State::silent, CheckResult::nobody, CheckReason::routine, State::dead},
      {State::dead, CheckResult::good, CheckReason::routine, State::dead},
      {State::dead, CheckResult::no_answer, CheckReason::routine, State::silent},
      {State::failing, CheckResult::good, CheckReason::routine, State::failing},
      {State::failing, CheckResult::nobody, CheckReason::routine, State::dead},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(after(row.from, row.result, row.reason), row.to)
        << static_cast<int>(row.from) << " " << static_cast<int>(row.result) << " " << static_cast<int>(row.reason);
  }
}

TEST(Health, GoesDownAtTheThirdBadCheckAndNotAtTheSecond) {
  const HealthPolicy policy{.unhealthy_after = 3, .healthy_after = 2};
  HealthRecord record = in(State::good);
  for (int i = 0; i < 2; ++i) record = after_check(record, CheckResult::no_answer, CheckReason::routine, policy);
  EXPECT_EQ(record.state, State::good);
  record = after_check(record, CheckResult::no_answer, CheckReason::routine, policy);
  EXPECT_EQ(record.state, State::silent);
}

TEST(Health, AGoodCheckBetweenStartsTheCountAnew) {
  const HealthPolicy policy{.unhealthy_after = 3, .healthy_after = 2};
  HealthRecord record = in(State::good);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 2; ++i) record = after_check(record, CheckResult::nobody, CheckReason::routine, policy);
    record = after_check(record, CheckResult::good, CheckReason::routine, policy);
  }
  EXPECT_EQ(record.state, State::good);
}

TEST(Health, ReturnsAtTheSecondGoodCheckInARow) {
  const HealthPolicy policy{.unhealthy_after = 3, .healthy_after = 2};
  HealthRecord record = in(State::dead);
  record = after_check(record, CheckResult::good, CheckReason::routine, policy);
  record = after_check(record, CheckResult::nobody, CheckReason::routine, policy);
  record = after_check(record, CheckResult::good, CheckReason::routine, policy);
  EXPECT_EQ(record.state, State::dead);
  record = after_check(record, CheckResult::good, CheckReason::routine, policy);
  EXPECT_EQ(record.state, State::good);
}

}  // namespace
}  // namespace tenfold::origin
