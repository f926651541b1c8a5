#include "guard/ladder/plan.hpp"

#include <gtest/gtest.h>

namespace tenfold::guard::ladder {
namespace {

TEST(Plan, WithoutChallengesWhoWouldBeChallengedWaitsBehindAndNothingElseChanges) {
  Plan plan;
  plan.strangers_need = StrangersNeed::challenge;
  plan.measures = {{.step = Step::behind},
                   {.step = Step::challenge, .reach = Measure::Reach::canary, .elsewhere = Step::behind},
                   {.step = Step::refuse, .reach = Measure::Reach::canary, .elsewhere = Step::challenge},
                   {.step = Step::drop}};
  const Plan without = without_challenges(plan);
  EXPECT_EQ(without.strangers_need, StrangersNeed::queue);
  EXPECT_EQ(without.measures[0], plan.measures[0]);
  EXPECT_EQ(without.measures[1].step, Step::behind);
  EXPECT_EQ(without.measures[1].reach, Measure::Reach::canary);
  EXPECT_EQ(without.measures[2].step, Step::refuse);
  EXPECT_EQ(without.measures[2].elsewhere, Step::behind);
  EXPECT_EQ(without.measures[3], plan.measures[3]);
}

TEST(Plan, WithoutChallengesCalmIsCalm) { EXPECT_EQ(without_challenges({}).strangers_need, StrangersNeed::nothing); }

}  // namespace
}  // namespace tenfold::guard::ladder
