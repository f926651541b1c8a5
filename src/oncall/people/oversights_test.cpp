#include "oncall/people/oversights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oncall/people/people_test.hpp"
#include "oncall/people/roster.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Plan two_people() {
  Plan plan;
  plan.people = {
      {.name = "ada", .contacts = {{ChannelKind::call, "+494089120417"}, {ChannelKind::sms, "+494089120417"}}},
      {.name = "bela", .contacts = {{ChannelKind::call, "+494089120418"}}}};
  plan.schedules = {{.name = "week",
                     .time_zone = "UTC",
                     .rotations = {{.people = {"ada"}, .start = on(2026, 1, 5)}},
                     .overrides = {{"bela", {on(2026, 2, 1), at(0)}, {on(2026, 2, 2), at(0)}}}}};
  plan.outside_parties = {{.name = "uplink", .is = "provider", .office = "+494089120500"}};
  plan.escalations = {{.name = "main", .steps = {{.notify = {"week"}}, {.notify = {"uplink"}, .after = 15min}}}};
  return plan;
}

TEST(Oversights, NoneInAPlanThatIsWhole) { EXPECT_THAT(oversights(two_people()), IsEmpty()); }

TEST(Oversights, WhomNoStepTellsIsNamed) {
  Plan plan = two_people();
  plan.schedules[0].overrides.clear();
  plan.schedules.push_back({.name = "spare", .rotations = {{.people = {"bela"}}}});
  plan.outside_parties.push_back({.name = "host", .is = "hosting", .office = "+494089120501"});
  EXPECT_THAT(never_told(plan), ElementsAre("bela", "spare", "host"));
  EXPECT_THAT(oversights(plan), ElementsAre("no escalation ever tells bela"));
  plan.escalations.clear();  // then everybody is told
  EXPECT_THAT(never_told(plan), IsEmpty());
}

TEST(Oversights, OneNumberForTwo) {
  Plan plan = two_people();
  plan.people[1].contacts = {{ChannelKind::sms, "+494089120417"}};
  plan.outside_parties[0].out_of_hours = "+494089120417";
  plan.outside_parties.push_back({.name = "host", .is = "hosting", .office = "+494089120500"});
  const auto shared = shared_numbers(plan);  // two outside parties may be one firm
  ASSERT_EQ(shared.size(), 1u);
  EXPECT_EQ(shared[0].number, "+494089120417");
  EXPECT_THAT(shared[0].names, ElementsAre("ada", "bela", "uplink"));
  // Two who read one mailbox are no mistake.
  plan = two_people();
  for (Person& person : plan.people) person.contacts.push_back({ChannelKind::mail, "ops@shop.example"});
  EXPECT_THAT(shared_numbers(plan), IsEmpty());
}

TEST(Oversights, OfOverridesThatOverlapTheFirstWins) {
  Schedule schedule = two_people().schedules[0];
  schedule.overrides = {{"bela", {on(2026, 2, 1), at(9)}, {on(2026, 2, 8), at(9)}},
                        {"bela", {on(2026, 2, 2), at(9)}, {on(2026, 2, 3), at(9)}},
                        {"ada", {on(2026, 2, 7), at(0)}, {on(2026, 2, 9), at(0)}},
                        {"ada", {on(2026, 2, 9), at(0)}, {on(2026, 2, 10), at(0)}}};
  const auto found = overlaps(schedule);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].wins, 0u);
  EXPECT_EQ(found[0].loses, 2u);
  EXPECT_EQ(found[0].from, (LocalTime{on(2026, 2, 7), at(0)}));
  EXPECT_EQ(found[0].until, (LocalTime{on(2026, 2, 8), at(9)}));
  EXPECT_EQ(on_duty(schedule, utc(2026, 2, 7, 12)), "bela");
  EXPECT_EQ(on_duty(schedule, utc(2026, 2, 8, 12)), "ada");
}

TEST(Oversights, NumbersNamesAndWordsOfExamples) {
  for (const char* number : {"+493012345678", "+4930123400", "+493055500100", "+4915112345678", "+4915187654321",
                             "+12125550123", "+442079460123", "+33199001234", "+491761234567"}) {
    EXPECT_TRUE(is_example_number(number)) << number;
  }
  for (const char* number : {"+494089120417", "+493055500200", "+12125550223", "+4930124000"}) {
    EXPECT_FALSE(is_example_number(number)) << number;
  }
  for (const char* host :
       {"shop.example", "SHOP.EXAMPLE.", "example.com", "www.example.org", "a.b.example", "x.invalid"}) {
    EXPECT_TRUE(is_example_host(host)) << host;
  }
  for (const char* host : {"", "example", "myexample.com", "shop.examples", "example.com.shop.de", "shop.de"}) {
    EXPECT_FALSE(is_example_host(host)) << host;
  }
  for (const char* text :
       {"replace-me", "REPLACE_ME", "changeme", "<password>", "AC00000000000000000000000000000000"}) {
    EXPECT_TRUE(is_placeholder(text)) << text;
  }
  for (const char* text : {"", "x", "<>", "replace", "AC00000000000000000000000000000001"}) {
    EXPECT_FALSE(is_placeholder(text)) << text;
  }
}

}  // namespace
}  // namespace tenfold::oncall
