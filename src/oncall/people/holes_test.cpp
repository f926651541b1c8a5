#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "oncall/people/people_test.hpp"
#include "oncall/people/roster.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

Plan plan_of(std::vector<Rotation> rotations) {
  Plan plan;
  plan.people = {{.name = "ada", .contacts = {{ChannelKind::call, "+1"}}},
                 {.name = "bela", .contacts = {{ChannelKind::call, "+2"}}},
                 {.name = "silent"}};
  plan.schedules = {{.name = "hours", .time_zone = "Europe/Berlin", .rotations = std::move(rotations)}};
  plan.escalations = {{.name = "all", .steps = {{.notify = {"hours"}}}}};
  return plan;
}

Rotation rotation(std::string person, std::optional<Hours> hours = std::nullopt) {
  return {.people = {std::move(person)}, .start = on(2026, 1, 1), .handover = at(0), .hours = std::move(hours)};
}

TEST(Holes, NoneWhereSomebodyIsAlwaysThere) {
  EXPECT_TRUE(holes(plan_of({rotation("ada")}), utc(2026, 2, 1), utc(2027, 2, 1)).empty());
  EXPECT_TRUE(holes(plan_of({rotation("ada", Hours{{}, at(0), at(12)}), rotation("bela", Hours{{}, at(12), at(24)})}),
                    utc(2026, 2, 1), utc(2027, 2, 1))
                  .empty());
}

TEST(Holes, AMinuteIsFoundToTheMinute) {
  const auto found =
      holes(plan_of({rotation("ada", Hours{{}, at(0), at(12)}), rotation("bela", Hours{{}, at(12, 1), at(24)})}),
            utc(2026, 6, 1), utc(2026, 6, 3));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].from, utc(2026, 6, 1, 10));
  EXPECT_EQ(found[0].until, utc(2026, 6, 1, 10, 1));
  EXPECT_EQ(found[0].what, "schedule hours has nobody");
  EXPECT_EQ(found[0].escalation, "all");
  EXPECT_EQ(found[0].step, 0u);
}

TEST(Holes, BeginWithTheTimeAskedForAndEndWithIt) {
  const auto found = holes(plan_of({}), utc(2026, 6, 1), utc(2026, 6, 3));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].from, utc(2026, 6, 1));
  EXPECT_EQ(found[0].until, utc(2026, 6, 3));
  EXPECT_TRUE(holes(plan_of({}), utc(2026, 6, 3), utc(2026, 6, 3)).empty());
}

TEST(Holes, AreWhereNobodyOfAStepIsThere) {
  Plan both = plan_of({rotation("ada", Hours{{}, at(8), at(18)})});
  both.schedules.push_back(
      {.name = "nights", .time_zone = "Europe/Berlin", .rotations = {rotation("bela", Hours{{}, at(19), at(7)})}});
  both.escalations[0].steps[0].notify = {"hours", "nights"};
  const auto found = holes(both, utc(2026, 6, 1), utc(2026, 6, 2));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].from, utc(2026, 6, 1, 5));
  EXPECT_EQ(found[0].until, utc(2026, 6, 1, 6));
  EXPECT_EQ(found[1].from, utc(2026, 6, 1, 16));
  EXPECT_EQ(found[1].what, "schedule hours has nobody, and schedule nights has nobody");
}

TEST(Holes, APersonWithoutContactsIsAHoleInEveryTurnOfTheirs) {
  Plan of = plan_of({{.people = {"ada", "silent"}, .start = on(2026, 6, 1), .handover = at(9), .length = 24h}});
  const auto found = holes(of, utc(2026, 6, 1, 7), utc(2026, 6, 5, 7));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].from, utc(2026, 6, 2, 7));
  EXPECT_EQ(found[0].until, utc(2026, 6, 3, 7));
}

TEST(Holes, TheNightsOfTheClockChangesHaveTheirOwn) {
  // From 02:15 on, bela: in the night in which that hour is skipped she begins when the clock jumps; none is left out.
  const Plan of =
      plan_of({rotation("ada", Hours{{}, at(9), at(2, 15)}), rotation("bela", Hours{{}, at(2, 15), at(9)})});
  EXPECT_TRUE(holes(of, utc(2026, 1, 2), utc(2027, 1, 2)).empty());
  // Until 02:30 the first time, from 03:00: an hour and a half of nobody, once.
  const Plan gap = plan_of({rotation("ada", Hours{{}, at(3), at(2, 30)})});
  const auto found = holes(gap, utc(2026, 10, 24, 12), utc(2026, 10, 25, 12));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].until - found[0].from, 90min);
  EXPECT_TRUE(holes(gap, utc(2026, 3, 28, 12), utc(2026, 3, 29, 12)).empty());
}

TEST(Holes, OfOutsidePartiesAndOverrides) {
  Plan of = plan_of({rotation("ada")});
  of.outside_parties = {{.name = "host", .office = "+5", .hours = Hours{{}, at(8), at(18)}, .time_zone = "UTC"}};
  of.escalations[0].steps.push_back({.notify = {"host"}, .after = 5min});
  auto found = holes(of, utc(2026, 6, 1), utc(2026, 6, 2));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].until, utc(2026, 6, 1, 8));
  EXPECT_EQ(found[0].what, "host has no number then");
  EXPECT_EQ(found[0].step, 1u);
  of.outside_parties[0].out_of_hours = "+6";
  EXPECT_TRUE(holes(of, utc(2026, 6, 1), utc(2026, 6, 2)).empty());
  of.schedules[0].overrides = {{"silent", {on(2026, 6, 1), at(12)}, {on(2026, 6, 1), at(13)}}};
  found = holes(of, utc(2026, 6, 1), utc(2026, 6, 2));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].from, utc(2026, 6, 1, 10));
  EXPECT_EQ(found[0].until, utc(2026, 6, 1, 11));
}

TEST(Holes, AtMostAHundredTheFirst) {
  const Plan of = plan_of({rotation("ada", Hours{{}, at(8), at(18)})});
  EXPECT_EQ(holes(of, utc(2026, 6, 1), utc(2026, 6, 1) + 24h * 99).size(), 100u);
  const auto found = holes(of, utc(2026, 6, 1), utc(2026, 6, 1) + 24h * 200);
  ASSERT_EQ(found.size(), 100u);
  EXPECT_EQ(found.back().until, utc(2026, 6, 1, 6) + 24h * 99);
}

// ada has a phone by day; bela, who has the nights, has a mail address; the provider answers always.
Plan quiet_nights() {
  Plan plan = plan_of({rotation("ada", Hours{{}, at(8), at(3)}), rotation("bela")});
  plan.people[1].contacts = {{ChannelKind::mail, "bela@shop.example"}};
  plan.outside_parties = {{.name = "uplink", .is = "provider", .office = "+5", .time_zone = "Europe/Berlin"}};
  plan.escalations = {{.name = "main", .steps = {{.notify = {"hours"}}, {.notify = {"uplink"}, .after = 15min}}}};
  return plan;
}

TEST(Quiet, AMailAndTheProvidersNumberAreNobodyWhoGetsUp) {
  const Plan plan = quiet_nights();
  EXPECT_TRUE(holes(plan, utc(2026, 6, 1), utc(2026, 6, 3)).empty());
  const auto found = quiet_stretches(plan, utc(2026, 6, 1), utc(2026, 6, 3));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].from, utc(2026, 6, 1, 1));
  EXPECT_EQ(found[0].until, utc(2026, 6, 1, 6));
  EXPECT_EQ(found[0].escalation, "main");
  EXPECT_EQ(found[0].instead, "only bela by mail, uplink (outside)");
  EXPECT_EQ(found[1].from, utc(2026, 6, 2, 1));
  const Escalation main = escalation_of(plan, "main");
  EXPECT_EQ(nobody_rung(plan, main, utc(2026, 6, 1, 1)), found[0].instead);
  EXPECT_EQ(nobody_rung(plan, main, utc(2026, 6, 1, 6)), "");
  EXPECT_EQ(nobody_rung(plan, main, utc(2026, 6, 1, 0, 59)), "");
}

TEST(Quiet, AnSmsRingsAndALaterStepCountsFromTheAlertsBeginning) {
  Plan plan = quiet_nights();
  plan.people[1].contacts.push_back({ChannelKind::sms, "+2", 5min});
  EXPECT_TRUE(quiet_stretches(plan, utc(2026, 6, 1), utc(2026, 6, 3)).empty());
  // A second step, twenty minutes later, on the same schedule: it finds ada again from 07:40 on.
  plan = quiet_nights();
  plan.escalations[0].steps.push_back({.notify = {"hours"}, .after = 20min});
  const auto found = quiet_stretches(plan, utc(2026, 6, 1), utc(2026, 6, 2));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].from, utc(2026, 6, 1, 1));
  EXPECT_EQ(found[0].until, utc(2026, 6, 1, 5, 40));
}

TEST(Quiet, WhereAStepFindsNobodyEverybodyIsRung) {
  Plan plan = quiet_nights();
  plan.schedules[0].rotations.pop_back();
  plan.escalations[0].steps.pop_back();
  EXPECT_FALSE(holes(plan, utc(2026, 6, 1), utc(2026, 6, 2)).empty());
  EXPECT_TRUE(quiet_stretches(plan, utc(2026, 6, 1), utc(2026, 6, 2)).empty());
  plan.people[0].contacts = {{ChannelKind::mail, "ada@shop.example"}};
  EXPECT_EQ(quiet_stretches(plan, utc(2026, 6, 1), utc(2026, 6, 2)).size(), 1u);
}

TEST(Quiet, PeopleInTurnAreLookedAtOneByOne) {
  Plan plan = quiet_nights();
  plan.schedules[0].rotations = {
      {.people = {"ada", "bela"}, .start = on(2026, 6, 1), .handover = at(9), .length = 24h}};
  const auto found = quiet_stretches(plan, utc(2026, 6, 1, 7), utc(2026, 6, 5, 7));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].from, utc(2026, 6, 2, 7));
  EXPECT_EQ(found[1].until, utc(2026, 6, 5, 7));
  // An override with a phone closes it, one without opens another.
  plan.schedules[0].overrides = {{"ada", {on(2026, 6, 2), at(9)}, {on(2026, 6, 3), at(9)}}};
  EXPECT_EQ(quiet_stretches(plan, utc(2026, 6, 1, 7), utc(2026, 6, 5, 7)).size(), 1u);
}

TEST(Quiet, EscalationsThatWarnOnlyNeedNobodysPhone) {
  Plan plan = quiet_nights();
  plan.escalations.push_back({.name = "office", .steps = {{.notify = {"bela"}}}});
  plan.escalations[0].steps.push_back({.notify = {"ada"}, .after = 1h});
  ASSERT_EQ(quiet_stretches(plan, utc(2026, 6, 1), utc(2026, 6, 2)).size(), 1u);
  plan.quiet_escalations = {"office", "main"};
  EXPECT_TRUE(quiet_stretches(plan, utc(2026, 6, 1), utc(2026, 6, 2)).empty());
  plan.escalations[0].steps.pop_back();  // the first serves whatever names none: it rings
  EXPECT_EQ(quiet_stretches(plan, utc(2026, 6, 1), utc(2026, 6, 2)).size(), 1u);
}

TEST(Quiet, APlanWithoutEscalationsTellsEverybody) {
  Plan plan = quiet_nights();
  plan.escalations.clear();
  EXPECT_TRUE(quiet_stretches(plan, utc(2026, 6, 1), utc(2026, 6, 2)).empty());
  plan.people = {{.name = "bela", .contacts = {{ChannelKind::mail, "bela@shop.example"}}}};
  const auto found = quiet_stretches(plan, utc(2026, 6, 1), utc(2026, 6, 2));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].until, utc(2026, 6, 2));
}

}  // namespace
}  // namespace tenfold::oncall
