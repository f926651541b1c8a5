#include "oncall/people/roster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oncall/people/duty.hpp"
#include "oncall/people/local_time.hpp"
#include "oncall/people/people_test.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> three{"ada", "bela", "cleo"};

Schedule schedule(std::string zone, Rotation rotation) {
  return {.name = "shop-hours", .time_zone = std::move(zone), .rotations = {std::move(rotation)}};
}

struct HandoverCase {
  const char* what;
  const char* zone;
  std::chrono::sys_days start;
  WallMinutes handover;
  WallTime moment;  // when ada, the first, hands over to bela
};

TEST(Roster, HandoversInTheNightsOfTheClockChanges) {
  const HandoverCase cases[] = {
      {"inside the skipped hour", "Europe/Berlin", on(2026, 3, 28), at(2, 30), utc(2026, 3, 29, 1)},
      {"at its beginning", "Europe/Berlin", on(2026, 3, 28), at(2), utc(2026, 3, 29, 1)},
      {"just before it", "Europe/Berlin", on(2026, 3, 28), at(1, 59), utc(2026, 3, 29, 0, 59)},
      {"at its end", "Europe/Berlin", on(2026, 3, 28), at(3), utc(2026, 3, 29, 1)},
      {"the morning after", "Europe/Berlin", on(2026, 3, 28), at(9), utc(2026, 3, 29, 7)},
      {"inside the doubled hour", "Europe/Berlin", on(2026, 10, 24), at(2, 30), utc(2026, 10, 25, 0, 30)},
      {"the morning after", "Europe/Berlin", on(2026, 10, 24), at(9), utc(2026, 10, 25, 8)},
      {"inside the skipped hour", "America/New_York", on(2026, 3, 7), at(2, 30), utc(2026, 3, 8, 7)},
      {"the morning after", "America/New_York", on(2026, 3, 7), at(9), utc(2026, 3, 8, 13)},
      {"inside the doubled hour", "America/New_York", on(2026, 10, 31), at(1, 30), utc(2026, 11, 1, 5, 30)},
      {"the morning after", "America/New_York", on(2026, 10, 31), at(9), utc(2026, 11, 1, 14)},
      {"inside the skipped half hour", "Australia/Lord_Howe", on(2026, 10, 3), at(2, 15), utc(2026, 10, 3, 15, 30)},
      {"inside the doubled half hour", "Australia/Lord_Howe", on(2026, 4, 4), at(1, 45), utc(2026, 4, 4, 14, 45)},
      {"the morning after", "Australia/Lord_Howe", on(2026, 4, 4), at(9), utc(2026, 4, 4, 22, 30)},
  };
  for (const auto& each : cases) {
    const auto duty =
        schedule(each.zone, {.people = three, .start = each.start, .handover = each.handover, .length = 24h});
    EXPECT_EQ(on_duty(duty, each.moment - 1ns), "ada") << each.zone << ' ' << each.what;
    EXPECT_EQ(on_duty(duty, each.moment), "bela") << each.zone << ' ' << each.what;
    // An hour that the wall shows twice does not hand over twice.
    EXPECT_EQ(on_duty(duty, each.moment + 1h), "bela") << each.zone << ' ' << each.what;
    EXPECT_EQ(on_duty(duty, each.moment + 22h), "bela") << each.zone << ' ' << each.what;
  }
}

struct YearCase {
  const char* zone;
  int year;
  int length_days;
  WallMinutes handover;
};

// Every day of the year, an hour before and after the handover: a leap year, and one with both clock changes.
TEST(Roster, RotationsOverAWholeYear) {
  const YearCase cases[] = {{"Europe/Berlin", 2026, 1, at(9)},       {"Europe/Berlin", 2028, 1, at(9)},
                            {"Europe/Berlin", 2026, 7, at(9)},       {"Europe/Berlin", 2028, 7, at(0)},
                            {"America/New_York", 2028, 1, at(12)},   {"America/New_York", 2026, 7, at(17, 30)},
                            {"Australia/Lord_Howe", 2026, 1, at(9)}, {"Europe/Berlin", 2028, 3, at(23)},
                            {"America/New_York", 2026, 14, at(9)},   {"UTC", 2028, 30, at(6)},
                            {"Pacific/Kiritimati", 2026, 5, at(9)}};
  for (const auto& each : cases) {
    const auto start = on(each.year, 1, 1);
    const auto zone = zone_of(each.zone);
    const auto duty = schedule(each.zone, {.people = three,
                                           .start = start,
                                           .handover = each.handover,
                                           .length = std::chrono::hours(24 * each.length_days)});
    for (int day = 1; day <= 366; ++day) {
      const auto date = start + std::chrono::days(day);
      const auto after = moment_of(zone, {date, each.handover}) + 1h;
      const auto before = moment_of(zone, {date, each.handover}) - 1h;
      const auto turn = static_cast<std::size_t>(day / each.length_days);
      const auto turn_before = static_cast<std::size_t>((day - 1) / each.length_days);
      ASSERT_EQ(on_duty(duty, after), three[turn % 3]) << each.zone << ' ' << shown_text(zone, after);
      ASSERT_EQ(on_duty(duty, before), three[turn_before % 3]) << each.zone << ' ' << shown_text(zone, before);
    }
  }
}

TEST(Roster, TheLeapDayIsADay) {
  const auto duty =
      schedule("Europe/Berlin", {.people = three, .start = on(2028, 2, 28), .handover = at(9), .length = 24h});
  EXPECT_EQ(on_duty(duty, utc(2028, 2, 28, 8)), "ada");
  EXPECT_EQ(on_duty(duty, utc(2028, 2, 29, 8)), "bela");
  EXPECT_EQ(on_duty(duty, utc(2028, 3, 1, 8)), "cleo");
  const auto from_it =
      schedule("UTC", {.people = three, .start = on(2028, 2, 29), .handover = at(0), .length = 24h * 366});
  EXPECT_EQ(on_duty(from_it, utc(2028, 2, 29) - 1ns), "");
  EXPECT_EQ(on_duty(from_it, utc(2028, 2, 29)), "ada");
  EXPECT_EQ(on_duty(from_it, utc(2029, 3, 1)), "bela");
}

// A length that is not of whole days is exact hours, whatever the wall shows.
TEST(Roster, HoursAreExactOverAYear) {
  for (const auto length : {1h, 12h, 36h, 100h}) {
    const auto duty =
        schedule("Europe/Berlin", {.people = three, .start = on(2028, 1, 1), .handover = at(9), .length = length});
    const WallTime start = utc(2028, 1, 1, 8);
    for (std::size_t turn = 0; start + length * turn < utc(2029, 1, 2); ++turn) {
      const WallTime begins = start + length * turn;
      ASSERT_EQ(on_duty(duty, begins), three[turn % 3]) << length.count() << "h, turn " << turn;
      ASSERT_EQ(on_duty(duty, begins + length - 1ns), three[turn % 3]) << length.count() << "h, turn " << turn;
    }
  }
}

TEST(Roster, NobodyIsOnDutyBeforeTheFirstTurnOrWithoutPeople) {
  Rotation rotation{.people = three, .start = on(2026, 1, 5), .handover = at(9)};
  EXPECT_EQ(on_duty(schedule("UTC", rotation), utc(2026, 1, 5, 9) - 1ns), "");
  EXPECT_EQ(on_duty(schedule("UTC", rotation), utc(2026, 1, 5, 9)), "ada");
  EXPECT_EQ(on_duty(schedule("UTC", rotation), utc(1971, 1, 1)), "");
  EXPECT_EQ(on_duty(schedule("UTC", rotation), utc(2200, 1, 1)).empty(), false);
  rotation.people.clear();
  EXPECT_EQ(on_duty(schedule("UTC", rotation), utc(2026, 2, 1)), "");
  EXPECT_EQ(on_duty(schedule("UTC", {.people = three, .length = 0h}), utc(2026, 2, 1)), "");
  EXPECT_EQ(on_duty(Schedule{}, utc(2026, 2, 1)), "");
}

TEST(Roster, ARotationFurtherDownAnswersOutsideTheHours) {
  Schedule duty =
      schedule("Europe/Berlin", {.people = {"ada"}, .start = on(2026, 1, 1), .hours = Hours{{}, at(8), at(18)}});
  EXPECT_EQ(on_duty(duty, utc(2026, 6, 1, 16) - 1ns), "ada");
  EXPECT_EQ(on_duty(duty, utc(2026, 6, 1, 16)), "");
  duty.rotations.push_back({.people = {"bela"}, .start = on(2026, 1, 1)});
  EXPECT_EQ(on_duty(duty, utc(2026, 6, 1, 16)), "bela");
  EXPECT_EQ(on_duty(duty, utc(2026, 6, 2, 6)), "ada");
}

TEST(Roster, AnOverrideGoesFirstAndTheFirstThatFits) {
  Schedule duty = schedule("Europe/Berlin", {.people = {"ada"}, .start = on(2026, 1, 1)});
  duty.overrides = {{"bela", {on(2026, 12, 24), at(9)}, {on(2026, 12, 27), at(9)}},
                    {"cleo", {on(2026, 12, 26), at(9)}, {on(2026, 12, 28), at(9)}}};
  EXPECT_EQ(on_duty(duty, utc(2026, 12, 24, 8) - 1ns), "ada");
  EXPECT_EQ(on_duty(duty, utc(2026, 12, 24, 8)), "bela");
  EXPECT_EQ(on_duty(duty, utc(2026, 12, 27, 8) - 1ns), "bela");
  EXPECT_EQ(on_duty(duty, utc(2026, 12, 27, 8)), "cleo");
  EXPECT_EQ(on_duty(duty, utc(2026, 12, 28, 8)), "ada");
  // Over the nights of the clock changes, by the wall.
  duty.overrides = {{"bela", {on(2026, 10, 25), at(2, 30)}, {on(2026, 10, 25), at(3)}}};
  EXPECT_EQ(on_duty(duty, utc(2026, 10, 25, 0, 30) - 1ns), "ada");
  EXPECT_EQ(on_duty(duty, utc(2026, 10, 25, 0, 30)), "bela");
  EXPECT_EQ(on_duty(duty, utc(2026, 10, 25, 2) - 1ns), "bela");
  EXPECT_EQ(on_duty(duty, utc(2026, 10, 25, 2)), "ada");
}

Plan roster_plan() {
  Plan plan;
  plan.people = {{.name = "ada",
                  .language = Language::de,
                  .contacts = {{ChannelKind::call, "+1"}, {ChannelKind::sms, "+2", 2min}}},
                 {.name = "bela", .contacts = {{ChannelKind::mail, "b@shop.example"}}},
                 {.name = "silent", .contacts = {}}};
  plan.schedules = {schedule("Europe/Berlin", {.people = {"ada", "bela"}, .start = on(2026, 1, 5), .handover = at(9)})};
  plan.outside_parties = {{.name = "uplink",
                           .is = "internet provider",
                           .language = Language::fr,
                           .customer_number = "K-4711",
                           .office = "+55",
                           .hours = Hours{{std::chrono::Monday}, at(8), at(18)},
                           .time_zone = "Europe/Berlin",
                           .out_of_hours = "+99"}};
  plan.escalations = {{.name = "all",
                       .steps = {{.notify = {"shop-hours"}},
                                 {.notify = {"ada", "shop-hours"}, .after = 5min},
                                 {.notify = {"uplink"}, .after = 15min}}}};
  return plan;
}

std::vector<std::string> numbers(const std::vector<Recipient>& recipients) {
  std::vector<std::string> to;
  for (const auto& each : recipients) to.push_back(each.contact.to);
  return to;
}

TEST(Roster, AStepTellsEachPersonOnceByAllContacts) {
  const Plan of = roster_plan();
  const auto found = recipients_of(of, of.escalations[0], 1, utc(2026, 1, 6));
  EXPECT_EQ(found.gap, "");
  EXPECT_THAT(numbers(found.recipients), ElementsAre("+1", "+2"));
  EXPECT_EQ(found.recipients[1].after, 7min);
  EXPECT_EQ(found.recipients[0].because, "step 2");
  EXPECT_EQ(found.recipients[0].language, Language::de);
  EXPECT_EQ(recipients_of(of, of.escalations[0], 0, utc(2026, 1, 6)).recipients[0].because, "schedule shop-hours");
  EXPECT_TRUE(recipients_of(of, of.escalations[0], 3, utc(2026, 1, 6)).recipients.empty());
}

TEST(Roster, AnOutsidePartyAnswersUnderTheNumberOfTheHour) {
  Plan of = roster_plan();
  const auto number = [&](WallTime when) { return numbers(recipients_of(of, of.escalations[0], 2, when).recipients); };
  EXPECT_THAT(number(utc(2026, 6, 1, 6) - 1ns), ElementsAre("+99"));
  EXPECT_THAT(number(utc(2026, 6, 1, 6)), ElementsAre("+55"));
  EXPECT_THAT(number(utc(2026, 6, 1, 16) - 1ns), ElementsAre("+55"));
  EXPECT_THAT(number(utc(2026, 6, 1, 16)), ElementsAre("+99"));
  const auto party = recipients_of(of, of.escalations[0], 2, utc(2026, 6, 1, 6)).recipients[0];
  EXPECT_EQ(party.kind, Recipient::Kind::outside_party);
  EXPECT_EQ(party.customer_number, "K-4711");
  EXPECT_EQ(party.language, Language::fr);
  of.outside_parties[0].office.clear();
  EXPECT_THAT(number(utc(2026, 6, 1, 6)), ElementsAre("+99"));
  of.outside_parties[0].office = "+55";
  of.outside_parties[0].hours.reset();
  EXPECT_THAT(number(utc(2026, 6, 1, 16)), ElementsAre("+55"));
}

TEST(Roster, AStepThatReachesNobodyTellsEverybodyAndSaysSo) {
  Plan of = roster_plan();
  of.outside_parties[0].out_of_hours.clear();
  const auto found = recipients_of(of, of.escalations[0], 2, utc(2026, 6, 1, 20));
  EXPECT_EQ(found.gap, "nobody was found for step 3 of all (uplink)");
  EXPECT_THAT(numbers(found.recipients), ElementsAre("+1", "b@shop.example", "+2"));
  for (const std::string name : {"silent", "nobody-by-that-name"}) {
    of.escalations[0].steps[0].notify = {name};
    EXPECT_THAT(recipients_of(of, of.escalations[0], 0, utc(2026, 6, 1)).gap, HasSubstr(name));
  }
  of.escalations[0].steps[0].notify.clear();
  EXPECT_EQ(recipients_of(of, of.escalations[0], 0, utc(2026, 6, 1)).gap,
            "nobody was found for step 1 of all (nobody)");
}

TEST(Roster, TheRingOrderGoesByTheMomentOfEachStep) {
  const Plan of = roster_plan();
  // Ten minutes before bela's week begins: she is on duty when the second step is due, not when the first one is.
  const auto order = ring_order(of, of.escalations[0], utc(2026, 1, 12, 7, 57));
  EXPECT_THAT(numbers(order), ElementsAre("+1", "+2", "+1", "b@shop.example", "+2", "+55"));
  EXPECT_EQ(order[3].because, "schedule shop-hours");
  EXPECT_EQ(order[5].after, 15min);
}

TEST(Roster, GapsOfAChainAreNamedStepByStep) {
  Plan of = roster_plan();
  EXPECT_TRUE(gaps(of, of.escalations[0], utc(2026, 1, 12, 7, 57)).empty());
  of.escalations[0].steps[0].notify.clear();
  EXPECT_THAT(gaps(of, of.escalations[0], utc(2026, 1, 12, 7, 57)),
              ElementsAre("nobody was found for step 1 of all (nobody)"));
}

TEST(Roster, WithoutAnEscalationEverybodyIsToldAtOnce) {
  Plan of = roster_plan();
  of.escalations.clear();
  const Escalation all = escalation_of(of, "anything");
  EXPECT_EQ(all.name, "anything");
  EXPECT_THAT(numbers(ring_order(of, all, utc(2026, 1, 6))), ElementsAre("+1", "b@shop.example", "+2"));
  EXPECT_EQ(escalation_of(roster_plan(), "no such").name, "all");
}

TEST(Roster, NumbersThatNobodyConfirmedAreNamed) {
  Plan of = roster_plan();
  EXPECT_THAT(unconfirmed(of, utc(2026, 6, 1)),
              ElementsAre("nobody has ever tried the numbers of uplink (internet provider)"));
  of.outside_parties[0].confirmed = on(2026, 1, 1);
  EXPECT_TRUE(unconfirmed(of, utc(2026, 1, 1) + 24h * 180).empty());
  EXPECT_THAT(unconfirmed(of, utc(2026, 1, 1) + 24h * 180 + 1ns),
              ElementsAre("the numbers of uplink (internet provider) were last tried on 2026-01-01, 180 days ago"));
  EXPECT_TRUE(unconfirmed(of, utc(2025, 12, 1)).empty());
}

// The moments of changes() are all there are: on any other, whoever was on duty before is so still.
TEST(Duty, NothingChangesBetweenTheChanges) {
  Schedule duty = schedule("Europe/Berlin", {.people = three,
                                             .start = on(2026, 3, 1),
                                             .handover = at(2, 30),
                                             .length = 24h,
                                             .hours = Hours{{}, at(1, 30), at(4)}});
  duty.rotations.push_back({.people = {"dora", "emil"}, .start = on(2026, 3, 10), .length = 36h});
  duty.overrides = {{"fay", {on(2026, 3, 29), at(2, 45)}, {on(2026, 3, 29), at(5)}}};
  const WallTime from = utc(2026, 3, 8), until = utc(2026, 4, 2);
  const auto moments = changes(duty, from, until, Turns::included);
  ASSERT_FALSE(moments.empty());
  auto next = moments.begin();
  std::string before = on_duty(duty, from);
  for (WallTime now = from; now < until; now += 5min) {
    bool may_change = false;
    for (; next != moments.end() && *next <= now; ++next) may_change = true;
    const std::string who = on_duty(duty, now);
    if (!may_change) {
      ASSERT_EQ(who, before) << shown_text(zone_of(duty.time_zone), now);
    }
    before = who;
  }
}

TEST(OutsideParties, HearTheirOwnLanguageElseThatOfTheirNumbersCountry) {
  Plan plan;
  plan.people = {{.name = "ada", .language = Language::fr}, {.name = "bela", .language = Language::en}};
  OutsideParty party{.name = "uplink", .is = "provider", .office = "+493055500200"};
  EXPECT_EQ(spoken_to(plan, party), Language::de);
  party.language = Language::es;
  EXPECT_EQ(spoken_to(plan, party), Language::es);
  party.language.reset();
  party.out_of_hours = "+44160012";  // the office says where it is at home
  EXPECT_EQ(spoken_to(plan, party), Language::de);
  party.office.clear();
  EXPECT_EQ(spoken_to(plan, party), Language::en);
  party.office = "+41445550100";  // several are spoken: that of the plan, else the most spoken
  EXPECT_EQ(spoken_to(plan, party), Language::fr);
  plan.people.clear();
  EXPECT_EQ(spoken_to(plan, party), Language::de);
  party.office = "+48225550100";
  EXPECT_EQ(spoken_to(plan, party), Language::en);
  party.office = "+15145550100";
  EXPECT_EQ(spoken_to(plan, party), Language::fr);
  party.office = "+12125550100";
  EXPECT_EQ(spoken_to(plan, party), Language::en);
}

}  // namespace
}  // namespace tenfold::oncall
