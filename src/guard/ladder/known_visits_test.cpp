#include "guard/ladder/known_visits.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

using namespace std::chrono_literals;

namespace tenfold::guard::ladder {
namespace {

using judging::Subject;
using judging::SubjectId;
using judging::SubjectLevel;

constexpr Subject visited_network{SubjectLevel::network, SubjectId{7}};

KnownVisit visit(std::uint64_t visitor, std::uint64_t in = 7) {
  return {.visitor = visitor, .of = {.client = SubjectId{visitor}, .network = SubjectId{in}}};
}

TEST(KnownVisits, AreCountedByEachOfTheirSubjects) {
  // given
  ManualClock clock;
  KnownVisits visits;
  // when
  visits.record(visit(1), clock.now());
  visits.record(visit(2), clock.now());
  visits.record(visit(3, 8), clock.now());
  // then
  EXPECT_EQ(visits.total(), 3u);
  EXPECT_EQ(visits.with(visited_network), 2u);
  EXPECT_EQ(visits.with({SubjectLevel::client, SubjectId{3}}), 1u);
  EXPECT_EQ(visits.with({SubjectLevel::client, SubjectId{7}}), 0u);
  EXPECT_EQ(visits.with({SubjectLevel::fingerprint, judging::nobody}), 0u);
}

TEST(KnownVisits, OneVisitorCountsOnceInHalfAnHour) {
  // given
  ManualClock clock;
  KnownVisits visits;
  visits.record(visit(1), clock.now());
  // when
  clock.advance(30min - 1ns);
  visits.record(visit(1), clock.now());
  EXPECT_EQ(visits.total(), 1u);
  clock.advance(1ns);
  visits.record(visit(1), clock.now());
  // then
  EXPECT_EQ(visits.total(), 2u);
}

TEST(KnownVisits, AreForgottenAfterSixHours) {
  // given
  ManualClock clock;
  KnownVisits visits;
  visits.record(visit(1), clock.now());
  clock.advance(1h);
  visits.record(visit(2), clock.now());
  // when
  clock.advance(5h - 1ns);
  visits.forget_old(clock.now());
  EXPECT_EQ(visits.total(), 2u);
  clock.advance(1ns);
  visits.forget_old(clock.now());
  // then
  EXPECT_EQ(visits.total(), 1u);
  EXPECT_EQ(visits.with(visited_network), 1u);
}

TEST(KnownVisits, TheOldestGoesAtTheBound) {
  // given
  ManualClock clock;
  KnownVisits visits;
  visits.record(visit(1), clock.now());
  for (std::uint64_t i = 2; i <= KnownVisits::most_visits; ++i) visits.record(visit(i, 8), clock.now());
  EXPECT_EQ(visits.with(visited_network), 1u);
  // when
  visits.record(visit(1'000'000, 9), clock.now());
  // then
  EXPECT_EQ(visits.total(), KnownVisits::most_visits);
  EXPECT_EQ(visits.with(visited_network), 0u);
  EXPECT_EQ(visits.with({SubjectLevel::network, SubjectId{9}}), 1u);
}

}  // namespace
}  // namespace tenfold::guard::ladder
