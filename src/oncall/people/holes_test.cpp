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

}  // namespace
}  // namespace tenfold::oncall
