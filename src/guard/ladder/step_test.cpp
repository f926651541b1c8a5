#include "guard/ladder/step.hpp"

#include <gtest/gtest.h>

#include <chrono>

using namespace std::chrono_literals;

namespace tenfold::guard::ladder {
namespace {

using enum Step;

struct StepTransition {
  Step from;
  Push push;
  Step to;
};
class StepTable : public testing::TestWithParam<StepTransition> {};

TEST_P(StepTable, GoesWhereTheTableSays) { EXPECT_EQ(next(GetParam().from, GetParam().push), GetParam().to); }

INSTANTIATE_TEST_SUITE_P(
    All, StepTable,
    testing::Values(
        StepTransition{serve, Push::takes_more, behind}, StepTransition{serve, Push::ignores, challenge},
        StepTransition{serve, Push::breaks_protocol, refuse}, StepTransition{serve, Push::over, serve},
        StepTransition{behind, Push::takes_more, challenge}, StepTransition{behind, Push::ignores, challenge},
        StepTransition{behind, Push::breaks_protocol, refuse}, StepTransition{behind, Push::over, serve},
        StepTransition{challenge, Push::takes_more, challenge}, StepTransition{challenge, Push::ignores, refuse},
        StepTransition{challenge, Push::breaks_protocol, refuse}, StepTransition{challenge, Push::over, behind},
        StepTransition{refuse, Push::takes_more, drop}, StepTransition{refuse, Push::ignores, drop},
        StepTransition{refuse, Push::breaks_protocol, drop}, StepTransition{refuse, Push::over, challenge},
        StepTransition{drop, Push::takes_more, drop}, StepTransition{drop, Push::ignores, drop},
        StepTransition{drop, Push::breaks_protocol, drop}, StepTransition{drop, Push::over, refuse}));

TEST(Lifetime, IsLongerTheGraverTheStep) {
  EXPECT_EQ(lifetime(behind, 0), 5s);
  EXPECT_EQ(lifetime(challenge, 0), 15s);
  EXPECT_EQ(lifetime(refuse, 0), 30s);
  EXPECT_EQ(lifetime(drop, 0), 60s);
}

TEST(Lifetime, DoublesWithEachRepetitionToABound) {
  EXPECT_EQ(lifetime(behind, 1), 10s);
  EXPECT_EQ(lifetime(behind, 6), 320s);
  EXPECT_EQ(lifetime(behind, 7), 320s);
  EXPECT_EQ(lifetime(drop, 4), 16min);
  EXPECT_EQ(lifetime(drop, 5), 30min);
  EXPECT_EQ(lifetime(drop, 255), 30min);
}

TEST(Step, PushesAreThoseOfTheCharges) {
  using judging::Charge;
  EXPECT_EQ(push_of(Charge::takes_more), Push::takes_more);
  EXPECT_EQ(push_of(Charge::ignores), Push::ignores);
  EXPECT_EQ(push_of(Charge::breaks_protocol), Push::breaks_protocol);
  EXPECT_EQ(name(behind), "wait behind");
}

}  // namespace
}  // namespace tenfold::guard::ladder
