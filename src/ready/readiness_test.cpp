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

TEST(Readiness, AShortRehearsalDoesNotCountAndSaysHow) {
  auto facts = all_good();
  facts.short_rehearsal = passed(now);
  EXPECT_EQ(item(facts, "rehearsal").state, Item::State::good) << "an older one was long enough";
  facts.rehearsal.reset();
  EXPECT_EQ(item(facts, "rehearsal").state, Item::State::missing);
  EXPECT_THAT(item(facts, "rehearsal").words, HasSubstr("one of 5 minutes or more counts"));
  EXPECT_THAT(item(facts, "rehearsal").words, HasSubstr("-c shop.yaml"));
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

TEST(Readiness, WhoIsNotRungIsNotReached) {
  auto facts = all_good();
  EXPECT_THAT(item(facts, "oncall").words, HasSubstr("by call or SMS at every moment"));
  facts.quiet = {"main rings nobody of yours, from 03:00 CET to 07:00 CET"};
  EXPECT_EQ(item(facts, "oncall").state, Item::State::bad);
  EXPECT_THAT(item(facts, "oncall").words, HasSubstr("from 03:00 CET to 07:00 CET"));
}

TEST(Readiness, WhatCannotWorkIsBadAndWhatIsHardlyMeantIsSaid) {
  auto facts = all_good();
  facts.oversights = {"ada is the only person: nobody else is rung"};
  EXPECT_EQ(item(facts, "oncall").state, Item::State::good);
  EXPECT_THAT(item(facts, "oncall").words, HasSubstr("; but ada is the only person"));
  facts.unworkable = {"oncall.channels.sip.password is still \"replace-me\""};
  EXPECT_EQ(item(facts, "oncall").state, Item::State::bad);
  facts.resting = {"front rests until 2036"};
  EXPECT_EQ(item(facts, "watch").state, Item::State::bad);
  EXPECT_EQ(item(facts, "watch").words, "front rests until 2036");
}

TEST(Readiness, AChannelThatFailedLastIsToBeMended) {
  auto facts = all_good();
  EXPECT_EQ(judge(facts, now).size(), 6u);
  facts.channels = {{.name = "mail", .worked_at = now - 49h},
                    {.name = "sip", .failed_at = now - 1h, .why = "wrong password"}};
  EXPECT_EQ(item(facts, "channels").state, Item::State::bad);
  EXPECT_THAT(item(facts, "channels").words, HasSubstr("sip failed today (wrong password), and has not worked yet"));
  facts.channels[1].worked_at = now - 25h;
  EXPECT_THAT(item(facts, "channels").words, HasSubstr("and last worked yesterday"));
  facts.channels[1].worked_at = now - 30min;
  EXPECT_EQ(item(facts, "channels").state, Item::State::good);
  EXPECT_EQ(item(facts, "channels").words, "mail worked 2 days ago, sip worked today");
  EXPECT_EQ(item(facts, "channels").proven_at, now - 30min);
  facts.channels = {{.name = "sip", .failed_at = now - failure_lasts - 1s, .why = "wrong password"}};
  EXPECT_EQ(judge(facts, now).size(), 6u);
}

TEST(Readiness, RingingFromMemoryIsSaidWithWhatToDo) {
  auto facts = all_good();
  facts.store_error = "shop.db: the disk is full";
  EXPECT_EQ(item(facts, "store").state, Item::State::bad);
  EXPECT_THAT(item(facts, "store").words, HasSubstr("from memory"));
  EXPECT_THAT(item(facts, "store").words, HasSubstr("the disk is full"));
}

}  // namespace
}  // namespace tenfold::ready
