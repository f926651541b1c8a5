#include "guard/ladder/trial.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "base/clock.hpp"

namespace tenfold::guard::ladder {
namespace {

using judging::Subject;
using judging::SubjectId;
using judging::SubjectLevel;

TEST(UpperBound, IsExactWhereNothingWasHit) {
  // 1 - 0.05^(1/n)
  EXPECT_NEAR(upper_bound(0, 600), 0.0049805, 1e-6);
  EXPECT_NEAR(upper_bound(0, 60), 1 - std::pow(0.05, 1.0 / 60), 1e-9);
}

// Of the R function binom.test(..., alternative = "less").
TEST(UpperBound, IsThatOfTheTables) {
  EXPECT_NEAR(upper_bound(1, 10), 0.3941633, 1e-6);
  EXPECT_NEAR(upper_bound(5, 100), 0.1022533, 1e-6);
  EXPECT_NEAR(upper_bound(50, 100), 0.5863, 1e-3);
}

TEST(UpperBound, IsOneWhereAllWereHitOrNothingWasTried) {
  EXPECT_EQ(upper_bound(0, 0), 1);
  EXPECT_EQ(upper_bound(10, 10), 1);
}

TEST(UpperBound, HoldsForAFullRecord) {
  EXPECT_NEAR(upper_bound(0, 32'768), 3.0 / 32'768, 1e-6);
  EXPECT_NEAR(upper_bound(16'384, 32'768), 0.5 + 1.645 * 0.5 / std::sqrt(32'768), 1e-4);
}

struct TrialRow {
  std::uint64_t hit;
  std::uint64_t visits;
  Trial::Outcome outcome;
};
class TrialTable : public testing::TestWithParam<TrialRow> {};

TEST_P(TrialTable, PassesJustUnderHalfAPercent) {
  // given
  const auto [hit, total, outcome] = GetParam();
  ManualClock clock;
  KnownVisits visits;
  for (std::uint64_t i = 1; i <= total; ++i) {
    visits.record({.visitor = i, .of = {.network = SubjectId{i <= hit ? 7u : 8u}}}, clock.now());
  }
  // when
  const Trial trial = try_on(visits, {SubjectLevel::network, SubjectId{7}});
  // then
  EXPECT_EQ(trial.outcome, outcome);
  EXPECT_EQ(trial.hit, hit);
  EXPECT_EQ(trial.visits, total);
  if (total >= least_visits) {
    EXPECT_EQ(upper_bound(hit, total) < most_hit_share, outcome == Trial::Outcome::passed);
  }
}

using enum Trial::Outcome;
INSTANTIATE_TEST_SUITE_P(All, TrialTable,
                         testing::Values(TrialRow{0, 0, too_few_visits}, TrialRow{0, 599, too_few_visits},
                                         TrialRow{0, 600, passed}, TrialRow{1, 600, hits_customers},
                                         TrialRow{1, 946, hits_customers}, TrialRow{1, 950, passed},
                                         TrialRow{2, 950, hits_customers}, TrialRow{2, 1260, passed},
                                         TrialRow{300, 600, hits_customers}, TrialRow{600, 600, hits_customers}));

}  // namespace
}  // namespace tenfold::guard::ladder
