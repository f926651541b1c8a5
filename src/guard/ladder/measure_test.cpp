#include "guard/ladder/measure.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "guard/ladder/measure_table.hpp"

namespace tenfold::guard::ladder {
namespace {

using judging::RequestSubjects;
using judging::Subject;
using judging::SubjectId;
using judging::SubjectLevel;

constexpr Subject measured_network{SubjectLevel::network, SubjectId{7}};

TEST(Canary, IsATenthOfTheClients) {
  // given
  FastRandom random(1);
  int hit = 0;
  // when: chance leaves 2 % to each side
  for (int i = 0; i < 100'000; ++i) hit += in_canary(measured_network, SubjectId{random.next()}) ? 1 : 0;
  // then
  EXPECT_NEAR(hit, 10'000, 400);
}

TEST(Canary, IsATenthAlsoWhereIdsFollowEachOther) {
  int hit = 0;
  for (std::uint64_t i = 0; i < 100'000; ++i) hit += in_canary(measured_network, SubjectId{i}) ? 1 : 0;
  EXPECT_NEAR(hit, 10'000, 1000);
}

TEST(Canary, IsAnotherTenthForAnotherSubject) {
  FastRandom random(2);
  int both = 0;
  for (int i = 0; i < 100'000; ++i) {
    const SubjectId client{random.next()};
    both += in_canary(measured_network, client) && in_canary({SubjectLevel::network, SubjectId{8}}, client) ? 1 : 0;
  }
  EXPECT_NEAR(both, 1000, 200);
}

TEST(Measure, MeetsOnlyTheCanaryWhileItIsTried) {
  // given
  Measure measure;
  measure.subject = measured_network;
  measure.step = Step::refuse;
  measure.elsewhere = Step::challenge;
  measure.reach = Measure::Reach::canary;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const SubjectId client{i};
    // when, then
    EXPECT_EQ(measure.step_for(client), in_canary(measured_network, client) ? Step::refuse : Step::challenge);
  }
  measure.reach = Measure::Reach::all;
  EXPECT_EQ(measure.step_for(SubjectId{1}), Step::refuse);
}

TEST(Measure, SaysWhyAndWhyNoFurther) {
  Measure measure;
  measure.charge = judging::Charge::takes_more;
  measure.evidence = {.asks_ms_per_s = 6000, .fair_ms_per_s = 20, .spread = 250};
  EXPECT_EQ(measure.reason(),
            "asks for 6000 ms of origin time a second from 250 clients, 300 times its fair share of 20 ms");
  measure.bar = Bar::hits_customers;
  EXPECT_EQ(measure.reason(),
            "asks for 6000 ms of origin time a second from 250 clients, 300 times its fair share of 20 ms; no further, "
            "because it would hit known customers");
}

class MeasureTableTest : public testing::Test {
 protected:
  static Measure measure(SubjectLevel level, std::uint64_t id, Step step) {
    Measure made;
    made.subject = {level, SubjectId{id}};
    made.step = step;
    return made;
  }
  static constexpr RequestSubjects request{.client = SubjectId{1},
                                           .network = SubjectId{2},
                                           .block = SubjectId{3},
                                           .fingerprint = SubjectId{4},
                                           .pattern = SubjectId{5}};
};

TEST_F(MeasureTableTest, NobodyIsMeasuredByDefault) {
  EXPECT_TRUE(MeasureTable().empty());
  EXPECT_EQ(MeasureTable().strictest(request).step, Step::serve);
  EXPECT_EQ(MeasureTable().strictest(request).measure, nullptr);
}

TEST_F(MeasureTableTest, TheHardestOfAllLevelsHolds) {
  // given
  const std::vector<Measure> measures{
      measure(SubjectLevel::client, 1, Step::behind), measure(SubjectLevel::block, 3, Step::refuse),
      measure(SubjectLevel::pattern, 5, Step::challenge), measure(SubjectLevel::client, 2, Step::drop)};
  const MeasureTable table(measures);
  // when
  const MeasureTable::Found found = table.strictest(request);
  // then
  EXPECT_EQ(found.step, Step::refuse);
  EXPECT_EQ(found.measure->subject.level, SubjectLevel::block);
  EXPECT_EQ(table.strictest({.client = SubjectId{1}}).step, Step::behind);
  EXPECT_EQ(table.strictest({.client = SubjectId{9}}).measure, nullptr);
  EXPECT_EQ(table.strictest({}).measure, nullptr);
}

}  // namespace
}  // namespace tenfold::guard::ladder
