#include "ready/readiness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold::ready {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 6 / 1);

Evidence passed(WallTime at) { return {.kind = "rehearsal", .at = at, .subject = "http://shop/", .verdict = "PASS"}; }

Facts all_good() {
  return {.rehearsal = passed(now - 24h),
          .limit = passed(now - 24h),
          .drill_phone = passed(now - 24h),
          .checks = 2,
          .down = {},
          .nobody_looks = {},
          .people = 1,
          .can_ring = true,
          .holes = {},
          .unconfirmed = {},
          .outside_parties = 1};
}

Item item(const Facts& facts, std::string_view name) {
  for (const Item& each : judge(facts, now)) {
    if (each.name == name) return each;
  }
  ADD_FAILURE() << "no item " << name;
  return {};
}

TEST(Readiness, IsThereWhenAllIsProven) { EXPECT_TRUE(is_ready(judge(all_good(), now))); }

TEST(Readiness, ProofsGrowOld) {
  auto facts = all_good();
  facts.rehearsal = passed(now - rehearsal_lasts);
  EXPECT_EQ(item(facts, "rehearsal").state, Item::State::good);
  facts.rehearsal = passed(now - rehearsal_lasts - 1s);
  EXPECT_EQ(item(facts, "rehearsal").state, Item::State::stale);
  facts.drill_phone = passed(now - drill_lasts - 1s);
  EXPECT_EQ(item(facts, "phone").state, Item::State::stale);
  EXPECT_FALSE(is_ready(judge(facts, now)));
}

TEST(Readiness, AFailureIsNotReadyHoweverNew) {
  auto facts = all_good();
  facts.drill_phone->verdict = "FAIL";
  EXPECT_EQ(item(facts, "phone").state, Item::State::bad);
  EXPECT_THAT(item(facts, "phone").words, HasSubstr("tenfold drill phone"));
}

TEST(Readiness, ChecksThatNobodyMakesProveNothing) {
  auto facts = all_good();
  facts.nobody_looks = "no Tenfold runs";
  EXPECT_EQ(item(facts, "watch").state, Item::State::bad);
  EXPECT_EQ(item(facts, "watch").words, "2 checks are named, and nobody looks: no Tenfold runs");
}

TEST(Readiness, SaysWhatIsMissing) {
  for (const Item& each : judge({}, now)) EXPECT_NE(each.state, Item::State::good) << each.name;
}

TEST(Readiness, HolesAndUnconfirmedNumbersCount) {
  auto facts = all_good();
  facts.holes = {"a", "b", "c", "d", "e", "f", "g"};
  EXPECT_THAT(item(facts, "oncall").words, HasSubstr("and 2 more"));
  facts.unconfirmed = {"nobody has ever tried the numbers of uplink"};
  EXPECT_EQ(item(facts, "outside-parties").state, Item::State::stale);
  facts.down = {"front-page"};
  EXPECT_EQ(item(facts, "watch").state, Item::State::bad);
}

}  // namespace
}  // namespace tenfold::ready
