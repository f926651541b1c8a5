#include "oncall/escalate/alert_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oncall/escalate/book_test.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using AlertState = Alert::State;
using Told = std::vector<std::string>;

class AlertBookTest : public BookTest {};

TEST_F(AlertBookTest, GoesThroughTheStepsAndEachContactsOwnTime) {
  EXPECT_EQ(begin(critical("front-page")), Told{"alert call +1"});
  EXPECT_EQ(state(), AlertState::ringing);
  EXPECT_TRUE(alert().rang);
  EXPECT_EQ(book_.next_tick(), now_ + 2min);
  EXPECT_THAT(until(2min - 1ns), IsEmpty());
  EXPECT_THAT(until(1ns), ElementsAre("alert sms +1"));
  EXPECT_THAT(until(3min - 1ns), IsEmpty());
  EXPECT_THAT(until(1ns), ElementsAre("alert call +2", "alert mail bela@shop.example"));
  EXPECT_THAT(until(10min), ElementsAre("alert call +55"));
  EXPECT_THAT(alert().told, ElementsAre("ada", "bela", "uplink"));
}

TEST_F(AlertBookTest, RepeatsItsRoundsAndThenReminds) {
  begin(critical("front-page"));
  EXPECT_EQ(until(15min).size(), 4u);
  // Two more rounds, each repeat_after its predecessor's last step.
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(until(10min - 1ns), IsEmpty());
    EXPECT_THAT(until(1ns), ElementsAre("alert call +1"));
    EXPECT_EQ(until(15min).size(), 4u);
  }
  // Then reminders to the shop's own people, without end, at most once in remind_every.
  EXPECT_THAT(until(15min - 1ns), IsEmpty());
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(until(1ns), ElementsAre("reminder call +1", "reminder call +2")) << i;
    EXPECT_THAT(until(15min - 1ns), IsEmpty()) << i;
  }
}

TEST_F(AlertBookTest, ThirtyChecksMakeOneCall) {
  EXPECT_EQ(begin(critical("check-0")).size(), 1u);
  for (int i = 1; i < 30; ++i) EXPECT_THAT(begin(critical("check-" + std::to_string(i))), IsEmpty());
  EXPECT_EQ(book_.alerts().size(), 1u);
  EXPECT_EQ(alert().troubles.size(), 30u);
  until(20min);
  EXPECT_THAT(begin(critical("check-30")), IsEmpty());  // still rings: heard with the next call
  EXPECT_EQ(book_.alerts().size(), 1u);
}

TEST_F(AlertBookTest, WhatIsKnownIsBroughtUpToDateOnly) {
  begin(critical("front-page"));
  Trouble same = critical("front-page");
  same.what = "down: 500";
  EXPECT_THAT(begin(same), IsEmpty());
  EXPECT_EQ(alert().troubles.size(), 1u);
  EXPECT_EQ(alert().troubles[0].what, "down: 500");
}

TEST_F(AlertBookTest, AnotherEscalationOrSeverityIsAnotherAlert) {
  begin(critical("front-page"));
  Trouble other = critical("checkout");
  other.escalation = "other";
  EXPECT_THAT(begin(other), ElementsAre("alert call +2", "alert mail bela@shop.example"));
  begin(warning("stock"));
  EXPECT_EQ(book_.alerts().size(), 3u);
}

TEST_F(AlertBookTest, GroupingOfAnAcknowledgedAlertEndsJustPastItsTime) {
  begin(critical("a"));
  book_.acknowledge(1, "ada", "digit 1", now_);
  for (const char* source : {"b", "c"}) {  // each counts from the one before it
    now_ += AlertBook::grouping;
    EXPECT_THAT(begin(critical(source)), IsEmpty());
    EXPECT_EQ(book_.alerts().size(), 1u);
  }
  now_ += AlertBook::grouping + 1ns;
  EXPECT_THAT(begin(critical("d")), ElementsAre("alert call +1"));
  EXPECT_EQ(book_.alerts().size(), 2u);
}

// One cause, four checks that notice it one after the other, each answered within seconds.
TEST_F(AlertBookTest, FourChecksWithinAMinuteAreOneCallAndOneEnd) {
  EXPECT_EQ(begin(critical("front-page")).size(), 1u);
  now_ += 12s;
  book_.acknowledge(1, "ada", "digit 1", now_, Alert::Means::call);
  for (const char* source : {"checkout", "search", "basket"}) {
    now_ += 16s;
    EXPECT_THAT(begin(critical(source)), IsEmpty()) << source;
  }
  for (const char* source : {"basket", "checkout", "front-page", "search"}) book_.over(source, now_);
  EXPECT_THAT(until(2min), ElementsAre("over call +1"));
}

TEST_F(AlertBookTest, GroupingEndsTenMinutesAfterTheBeginningWhateverJoins) {
  begin(critical("check-0"));
  book_.acknowledge(1, "ada", "digit 1", now_);
  for (int number = 1; number <= 10; ++number) {
    now_ += 1min;
    EXPECT_THAT(begin(critical("check-" + std::to_string(number))), IsEmpty());
  }
  now_ += 1min;
  EXPECT_THAT(begin(critical("check-11")), ElementsAre("alert call +1"));
}

TEST_F(AlertBookTest, AcknowledgedHoldsUntilItExpires) {
  begin(critical("front-page"));
  EXPECT_THAT(book_.acknowledge(1, "ada", "digit 1 on +1", now_), IsEmpty());
  EXPECT_EQ(state(), AlertState::acknowledged);
  EXPECT_EQ(alert().acknowledged_by, "ada");
  EXPECT_EQ(alert().acknowledged_how, "digit 1 on +1");
  EXPECT_THAT(until(1h - 1ns), IsEmpty());
  EXPECT_THAT(until(1ns), ElementsAre("alert call +1"));
  EXPECT_EQ(state(), AlertState::ringing);
  EXPECT_EQ(until(15min).size(), 4u);
}

TEST_F(AlertBookTest, ALateOrRepeatedActChangesNothing) {
  begin(critical("front-page"));
  book_.acknowledge(1, "ada", "digit 1", now_);
  const auto before = alert();
  EXPECT_THAT(book_.acknowledge(1, "bela", "digit 1", now_ + 1s), IsEmpty());
  EXPECT_EQ(alert(), before);
  EXPECT_THAT(book_.acknowledge(99, "ada", "digit 1", now_), IsEmpty());
  EXPECT_THAT(book_.escalate(99, "ada", now_), IsEmpty());
  EXPECT_THAT(book_.silence(99, now_ + 1h, now_), IsEmpty());
}

TEST_F(AlertBookTest, EscalateGoesOnAtOnceAndFromTheAcknowledgedToo) {
  begin(critical("front-page"));
  EXPECT_EQ(told(book_.escalate(1, "ada", now_)), (Told{"alert call +2", "alert mail bela@shop.example"}));
  EXPECT_THAT(until(2min), IsEmpty());  // ada's SMS is left out: she has passed it on
  book_.acknowledge(1, "bela", "digit 1", now_);
  EXPECT_EQ(told(book_.escalate(1, "bela", now_)), Told{"alert call +55"});
  EXPECT_EQ(state(), AlertState::ringing);
  EXPECT_EQ(told(book_.escalate(1, "", now_)), Told{"alert call +1"});  // the next round
}

TEST_F(AlertBookTest, AnOutsidePartysActTakesOnlyThemOff) {
  begin(critical("front-page"));
  until(15min);
  EXPECT_THAT(book_.acknowledge(1, "uplink", "digit 1", now_), IsEmpty());
  EXPECT_EQ(state(), AlertState::ringing);
  EXPECT_THAT(alert().heard, ElementsAre("uplink"));
  EXPECT_FALSE(alert().acknowledged_at);
  const auto rest = until(25min);
  EXPECT_THAT(rest, Contains("alert call +1"));
  EXPECT_THAT(rest, testing::Not(Contains("alert call +55")));
}

TEST_F(AlertBookTest, SilenceHoldsUntilThenAndAWeekAtMost) {
  begin(critical("front-page"));
  book_.silence(1, now_ + 3h, now_);
  EXPECT_EQ(state(), AlertState::silenced);
  EXPECT_THAT(until(3h - 1ns), IsEmpty());
  EXPECT_THAT(until(1ns), ElementsAre("alert call +1"));
  book_.silence(1, now_ + 24h * 365, now_);
  EXPECT_EQ(alert().quiet_until, now_ + AlertBook::longest_silence);
  EXPECT_THAT(book_.silence(1, now_, now_), IsEmpty());  // in the past: nothing
  EXPECT_EQ(alert().quiet_until, now_ + AlertBook::longest_silence);
  book_.acknowledge(1, "ada", "console", now_);
  EXPECT_EQ(state(), AlertState::acknowledged);
}

TEST_F(AlertBookTest, OverIsToldToThoseWhoWereToldByOneLoudContactEach) {
  begin(critical("front-page"));
  until(5min);
  EXPECT_THAT(told(book_.over("front-page", now_)), IsEmpty());
  EXPECT_EQ(state(), AlertState::settling);
  EXPECT_THAT(until(2min - 1ns), IsEmpty());
  EXPECT_EQ(state(), AlertState::settling);
  EXPECT_THAT(until(1ns), ElementsAre("over call +1", "over call +2", "over mail bela@shop.example"));
  EXPECT_EQ(state(), AlertState::over);
  EXPECT_THAT(until(24h), IsEmpty());
}

TEST_F(AlertBookTest, TheEndIsCalledOnlyIfACallWasMade) {
  begin(warning("stock"));
  EXPECT_FALSE(alert().rang);
  until(5min);
  book_.over("stock", now_);
  EXPECT_THAT(until(2min), ElementsAre("over mail bela@shop.example"));
}

TEST_F(AlertBookTest, TheEndComesByAnotherContactWhereTheFirstHadFailed) {
  const auto orders = book_.trouble(critical("front-page"), now_);
  until(2min);
  book_.failed(orders[0], now_);
  book_.over("front-page", now_);
  const auto end = until(2min);
  EXPECT_THAT(end, Contains("over sms +1"));
  EXPECT_THAT(end, testing::Not(Contains("over call +1")));
}

TEST_F(AlertBookTest, WhatComesBackBeforeTheCalmLastedGoesOnAsItWas) {
  begin(critical("front-page"));
  book_.over("front-page", now_);
  now_ += 2min - 1ns;
  begin(critical("front-page"));
  EXPECT_EQ(state(), AlertState::ringing);
  EXPECT_EQ(book_.alerts().size(), 1u);
  book_.acknowledge(1, "ada", "digit 1", now_);
  book_.over("front-page", now_);
  now_ += 1min;
  EXPECT_THAT(begin(critical("front-page")), IsEmpty());
  EXPECT_EQ(state(), AlertState::acknowledged);
  book_.silence(1, now_ + 1h, now_);
  book_.over("front-page", now_);
  begin(critical("front-page"));
  EXPECT_EQ(state(), AlertState::silenced);
}

TEST_F(AlertBookTest, AnAcknowledgementInTheCalmIsNoted) {
  begin(critical("front-page"));
  book_.over("front-page", now_);
  book_.acknowledge(1, "ada", "digit 1", now_);
  EXPECT_EQ(state(), AlertState::settling);
  begin(critical("front-page"));
  EXPECT_EQ(state(), AlertState::acknowledged);
}

TEST_F(AlertBookTest, AWarningGoesOnceByQuietChannelsOnly) {
  EXPECT_THAT(begin(warning("stock")), IsEmpty());  // ada has a phone only
  EXPECT_THAT(until(24h), ElementsAre("alert mail bela@shop.example"));
  EXPECT_EQ(state(), AlertState::ringing);
}

TEST_F(AlertBookTest, OtherSeveritiesAreShownOnly) {
  Trouble shown = critical("stock");
  shown.severity = "info";
  EXPECT_THAT(begin(shown), IsEmpty());
  EXPECT_EQ(state(), AlertState::silenced);
  EXPECT_THAT(until(24h), IsEmpty());
  book_.over("stock", now_);
  EXPECT_THAT(until(24h), IsEmpty());
  EXPECT_EQ(state(), AlertState::over);
}

TEST_F(AlertBookTest, WhatGetsWorseGoesOnInAnotherAlertAndItsEndInTheFirstIsNoNews) {
  begin(warning("stock"));
  until(5min);
  EXPECT_EQ(begin(critical("stock")), Told{"alert call +1"});
  EXPECT_EQ(state(2), AlertState::ringing);
  const auto rest = until(4min);
  EXPECT_THAT(rest, ElementsAre("alert sms +1"));
  EXPECT_EQ(state(1), AlertState::over);
}

TEST_F(AlertBookTest, AGapIsLoudAndReportedAsItsOwnMessage) {
  Plan plan = test_plan();
  plan.escalations[0].steps[0].notify = {"nobody-by-that-name"};
  book_.replace_plan(plan);
  EXPECT_EQ(begin(critical("front-page")), (Told{"gap call +1", "gap call +2", "gap mail bela@shop.example"}));
  EXPECT_THAT(until(2min), ElementsAre("gap sms +1"));
  EXPECT_THAT(alert().gaps, ElementsAre("nobody was found for step 1 of all (nobody-by-that-name)"));
}

TEST_F(AlertBookTest, UplinkAlertsGoByWhatSurvives) {
  Plan plan = test_plan();
  plan.without_uplink = {ChannelKind::sms};
  book_.replace_plan(plan);
  Trouble uplink = critical("uplink");
  uplink.about = Trouble::About::uplink;
  EXPECT_THAT(begin(uplink), IsEmpty());
  EXPECT_THAT(until(2min), ElementsAre("uplink sms +1"));
  EXPECT_EQ(alert().kind, Alert::Kind::uplink);
  // bela has none that survives: all of hers, since the verdict may be wrong.
  EXPECT_THAT(until(3min), ElementsAre("uplink call +2", "uplink mail bela@shop.example"));
}

TEST_F(AlertBookTest, AFailedContactIsFollowedByTheNextAtOnce) {
  auto orders = book_.trouble(critical("front-page"), now_);
  orders = book_.failed(orders[0], now_);
  EXPECT_EQ(told(orders), Told{"alert sms +1"});               // two minutes early
  EXPECT_THAT(book_.failed(orders[0], now_ + 1s).size(), 2u);  // all of the step: the next one at once
  EXPECT_THAT(alert().told, ElementsAre("ada", "bela"));
  EXPECT_THAT(book_.failed(orders[0], now_ + 2s), IsEmpty());  // once only
}

TEST_F(AlertBookTest, AnOutsidePartysOtherNumberIsTriedToo) {
  begin(critical("front-page"));
  until(15min - 1ns);
  now_ += 1ns;
  const auto orders = book_.tick(now_);
  ASSERT_EQ(told(orders), Told{"alert call +55"});
  EXPECT_EQ(told(book_.failed(orders[0], now_)), Told{"alert call +99"});
}

TEST_F(AlertBookTest, AFailureOfWhatIsHeldIsNoReasonToRing) {
  const auto orders = book_.trouble(critical("front-page"), now_);
  book_.acknowledge(1, "bela", "console", now_);
  EXPECT_THAT(book_.failed(orders[0], now_), IsEmpty());
}

TEST_F(AlertBookTest, AFailureInTheCalmIsPassedOnWhenItRingsOn) {
  const auto orders = book_.trouble(critical("front-page"), now_);
  book_.over("front-page", now_);
  EXPECT_THAT(book_.failed(orders[0], now_ + 1s), IsEmpty());
  // The calm may outlast a restart.
  book_ = *AlertBook::load(test_plan(), book_.save());
  now_ += 2s;
  const auto sms = book_.trouble(critical("front-page"), now_);
  EXPECT_EQ(told(sms), Told{"alert sms +1"}) << "two minutes early, as without the calm";
  book_.over("front-page", now_);
  EXPECT_THAT(book_.failed(sms[0], now_), IsEmpty());
  EXPECT_EQ(begin(critical("front-page")).size(), 2u) << "all of the step has failed: the next one at once";
  book_.over("front-page", now_);
  EXPECT_THAT(begin(critical("front-page")), IsEmpty()) << "once only";
}

TEST_F(AlertBookTest, AFailureInTheCalmOfWhatIsAcknowledgedIsNoReasonToRing) {
  const auto orders = book_.trouble(critical("front-page"), now_);
  book_.acknowledge(1, "bela", "console", now_);
  book_.over("front-page", now_);
  EXPECT_THAT(book_.failed(orders[0], now_), IsEmpty());
  EXPECT_THAT(begin(critical("front-page")), IsEmpty());
}

TEST_F(AlertBookTest, AChangedNumberTakesThePlaceOfTheOldOne) {
  const auto orders = book_.trouble(critical("front-page"), now_);
  Plan plan = test_plan();
  plan.people[0].contacts = {{ChannelKind::call, "+8"}, {ChannelKind::sms, "+9", 2min}};
  book_.replace_plan(plan);
  EXPECT_EQ(told(book_.moved(orders[0], now_)), Told{"alert call +8"});
  EXPECT_THAT(book_.moved(orders[0], now_), IsEmpty()) << "once only";
  EXPECT_EQ(until(2min), Told{"alert sms +9"}) << "what waited for its time, too";
  book_.over("front-page", now_);
  EXPECT_EQ(until(2min), Told{"over call +8"});
}

TEST_F(AlertBookTest, WhereTheNumberOfAKindIsGoneAnotherContactIsTold) {
  const auto orders = book_.trouble(critical("front-page"), now_);
  Plan plan = test_plan();
  plan.people[0].contacts = {{ChannelKind::sms, "+1", 2min}};
  book_.replace_plan(plan);
  EXPECT_EQ(told(book_.moved(orders[0], now_)), Told{"alert sms +1"});
}

TEST_F(AlertBookTest, WhoIsNotInThePlanAnyMoreIsNotRung) {
  const auto orders = book_.trouble(critical("front-page"), now_);
  Plan plan = test_plan();
  plan.people.erase(plan.people.begin());
  book_.replace_plan(plan);
  const auto next = told(book_.moved(orders[0], now_));
  EXPECT_EQ(next, (Told{"alert call +2", "alert mail bela@shop.example"})) << "the next step at once";
  book_.over("front-page", now_);
  EXPECT_EQ(until(2min), (Told{"over call +2", "over mail bela@shop.example"}));
}

TEST_F(AlertBookTest, WhoHasGoneIsNotToldTheEndEither) {
  begin(critical("front-page"));
  Plan plan = test_plan();
  plan.people[0].contacts[0].to = "+8";
  book_.replace_plan(plan);
  book_.over("front-page", now_);
  EXPECT_EQ(until(2min), Told{"over call +8"}) << "by the number of today";
  begin(critical("front-page"));
  plan.people.erase(plan.people.begin());
  book_.replace_plan(plan);
  book_.over("front-page", now_);
  EXPECT_THAT(until(2min), IsEmpty());
}

TEST_F(AlertBookTest, WhenTheEndCannotBeToldByACallTheNextContactHearsIt) {
  begin(critical("front-page"));
  book_.over("front-page", now_);
  now_ += 2min;
  const auto orders = book_.tick(now_);
  ASSERT_EQ(told(orders), Told{"over call +1"});
  EXPECT_EQ(told(book_.failed(orders[0], now_)), Told{"over sms +1"});
}

TEST_F(AlertBookTest, ADrillIsOneRoundOfTheRealChain) {
  EXPECT_EQ(told(book_.drill("all", now_)), Told{"drill call +1"});
  EXPECT_THAT(book_.drill("all", now_), IsEmpty());  // one at a time
  EXPECT_EQ(until(15min).size(), 4u);
  EXPECT_EQ(state(), AlertState::ringing);
  EXPECT_THAT(until(10min), IsEmpty());
  EXPECT_EQ(state(), AlertState::over);
  EXPECT_FALSE(alert().acknowledged_at);
}

TEST_F(AlertBookTest, ADrillEndsWithAnAnswerAndSaysNothingMore) {
  book_.drill("other", now_);
  book_.acknowledge(1, "bela", "digit 1", now_ + 8s);
  EXPECT_EQ(state(), AlertState::over);
  EXPECT_EQ(alert().acknowledged_by, "bela");
  EXPECT_EQ(alert().acknowledged_at, now_ + 8s);
  EXPECT_THAT(until(24h), IsEmpty());
}

TEST_F(AlertBookTest, AMachineThatSleptDoesNotRingThreeRounds) {
  begin(critical("front-page"));
  now_ += 24h;
  const auto orders = told(book_.tick(now_));
  EXPECT_EQ(std::ranges::count(orders, "alert call +1"), 0);  // that round's call had been made
  EXPECT_EQ(std::ranges::count(orders, "alert call +2"), 1);
  EXPECT_GT(*book_.next_tick(), now_);
}

TEST_F(AlertBookTest, TextsOfASourceAreCleanedAndCut) {
  Trouble trouble = critical(std::string(300, 'x'));
  trouble.what = "down:\n\x1b[31m" + std::string(2'000, 'y');
  begin(trouble);
  EXPECT_EQ(alert().troubles[0].source.size(), 200u);
  EXPECT_EQ(alert().troubles[0].what.size(), 1'000u);
  EXPECT_EQ(alert().troubles[0].what.find('\n'), std::string::npos);
  book_.over(std::string(300, 'x'), now_);
  EXPECT_EQ(state(), AlertState::settling);
}

TEST_F(AlertBookTest, AnAlertHoldsAThousandTroublesTheNextOneBeginsAnother) {
  for (std::size_t i = 0; i < AlertBook::most_troubles; ++i) begin(critical("c" + std::to_string(i)));
  EXPECT_EQ(book_.alerts().size(), 1u);
  EXPECT_EQ(begin(critical("one-more")).size(), 1u);
  EXPECT_EQ(book_.alerts().size(), 2u);
}

TEST_F(AlertBookTest, AtMostAThousandOpenTheLeastSevereGivesWay) {
  for (std::size_t i = 0; i < AlertBook::most_open; ++i) {
    now_ += AlertBook::grouping + 1ns;
    begin(warning("w" + std::to_string(i)));
  }
  ASSERT_EQ(book_.alerts().size(), AlertBook::most_open);
  begin(warning("one-more"));  // joins the newest
  EXPECT_EQ(book_.alerts().size(), AlertBook::most_open);
  EXPECT_EQ(alert(static_cast<std::int64_t>(AlertBook::most_open)).troubles.size(), 2u);
  EXPECT_EQ(begin(critical("front-page")), Told{"alert call +1"});
  EXPECT_EQ(book_.alerts().size(), AlertBook::most_open);
  EXPECT_FALSE(book_.alerts().contains(1));  // the oldest warning
  EXPECT_THAT(book_.drill("all", now_), IsEmpty());
}

TEST_F(AlertBookTest, AThousandThatAreOverAreKept) {
  for (std::size_t i = 0; i <= AlertBook::most_over; ++i) {
    begin(critical("front-page"));
    book_.over("front-page", now_);
    until(2min);
  }
  EXPECT_EQ(book_.alerts().size(), AlertBook::most_over);
  EXPECT_FALSE(book_.alerts().contains(1));
  EXPECT_TRUE(book_.alerts().contains(2));
}

TEST_F(AlertBookTest, AtMostAHundredGapsAreKept) {
  Plan plan = test_plan();
  plan.escalations[0].steps.clear();
  for (int i = 0; i < 120; ++i) plan.escalations[0].steps.push_back({.notify = {"nobody-" + std::to_string(i)}});
  book_.replace_plan(plan);
  begin(critical("front-page"));
  EXPECT_EQ(alert().gaps.size(), 100u);
}

TEST_F(AlertBookTest, TheKeysOfAllOrdersAreDifferent) {
  std::vector<Order> all = book_.trouble(critical("front-page"), now_);
  for (int i = 0; i < 200; ++i) {
    now_ = std::max(now_, book_.next_tick().value_or(now_));
    const auto some = book_.tick(now_);
    all.insert(all.end(), some.begin(), some.end());
    if (i % 50 == 0) book_.acknowledge(1, "ada", "digit 1", now_);
  }
  std::vector<std::string> keys;
  for (const Order& order : all) keys.push_back(key(order));
  std::ranges::sort(keys);
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
  EXPECT_EQ(key(all[0]), "1-alert-0-0-ada-call-+1");
}

TEST_F(AlertBookTest, ANewPlanHoldsForOpenAlertsToo) {
  begin(critical("front-page"));
  Plan plan = test_plan();
  plan.escalations[0].steps[1].notify = {"uplink"};
  plan.escalations[0].steps[1].after = 1min;
  book_.replace_plan(plan);
  EXPECT_EQ(book_.next_tick(), now_ + 1min);
  EXPECT_THAT(until(1min), ElementsAre("alert call +55"));
  book_.replace_plan({});  // nobody is left: it is silent, but it does not stop
  EXPECT_TRUE(book_.next_tick());
  until(24h);
  EXPECT_EQ(state(), AlertState::ringing);
}

TEST_F(AlertBookTest, TakesInAnEarlierBook) {
  AlertBook earlier(test_plan());
  earlier.trouble(critical("front-page"), now_);
  earlier.trouble(critical("checkout"), now_);
  earlier.drill("other", now_);
  earlier.acknowledge(2, "bela", "digit 1", now_);
  AlertBook both(test_plan());
  both.number_from(1'000);
  both.trouble(critical("front-page"), now_);
  AlertBook only_same = earlier;
  only_same.over("checkout", now_);
  both.take_in(std::move(earlier));
  EXPECT_EQ(both.alerts().size(), 3u);
  EXPECT_EQ(both.alerts().at(1).troubles.size(), 1u);  // what both have goes on in the new one
  EXPECT_EQ(both.alerts().at(1).state, AlertState::ringing);
  EXPECT_EQ(both.alerts().at(2).state, AlertState::over);

  AlertBook other(test_plan());
  other.number_from(1'000);
  other.trouble(critical("front-page"), now_);
  other.take_in(std::move(only_same));
  EXPECT_EQ(other.alerts().at(1).state, AlertState::over);
  EXPECT_EQ(other.alerts().at(1'000).state, AlertState::ringing);
  EXPECT_THAT(told(other.tick(now_ + 5min)), Contains("alert call +2"));
}

// A machine without a battery for its clock comes back an hour behind: nobody may wait for that hour.
TEST(AlertBook, AfterARestartWithTheClockSetBackItGoesOnAtOnce) {
  const WallTime before{std::chrono::hours(1'000)};
  AlertBook first(test_plan());
  first.trouble(critical("front-page"), before);
  first.trouble(warning("stock"), before);
  first.acknowledge(2, "ada", "link", before);
  auto book = AlertBook::load(test_plan(), first.save());
  ASSERT_TRUE(book);
  const WallTime now = before - 1h;
  book->go_on_from(now);
  ASSERT_EQ(book->next_tick(), std::optional(now + 2min)) << "ada's SMS";
  EXPECT_THAT(told(book->tick(now + 2min)), testing::ElementsAre("alert sms +1"));
  EXPECT_THAT(told(book->tick(now + 5min)), testing::ElementsAre("alert call +2", "alert mail bela@shop.example"));
}

TEST(AlertBook, WhenAClockThatWasAheadIsSetBackNobodyWaitsForItToComeThereAgain) {
  const WallTime now{std::chrono::hours(1'000)};
  const WallTime ahead = now + 24h;
  AlertBook book(test_plan());
  book.trouble(critical("front-page"), ahead);
  book.trouble(warning("stock"), ahead);
  book.silence(2, ahead + 10min, ahead);
  book.clock_set_back(24h, now);
  EXPECT_EQ(book.alerts().at(1).began, now);
  EXPECT_EQ(book.alerts().at(2).quiet_until, now + 10min);
  ASSERT_EQ(book.next_tick(), std::optional(now + 2min)) << "ada's SMS";
  EXPECT_THAT(told(book.tick(now + 2min)), testing::ElementsAre("alert sms +1"));
  AlertBook taken(test_plan());
  taken.trouble(critical("front-page"), ahead);
  taken.acknowledge(1, "ada", "digit 1", ahead);
  taken.clock_set_back(24h, now);
  EXPECT_EQ(taken.next_tick(), now + 1h) << "the acknowledgement lasts as long as it should, and not a day longer";
}

TEST(AlertBook, ARestartWithTheClockRightChangesNothing) {
  const WallTime before{std::chrono::hours(1'000)};
  AlertBook book(test_plan());
  book.trouble(critical("front-page"), before);
  const auto saved = book.save();
  book.go_on_from(before + 1min);
  EXPECT_EQ(book.save().alerts, saved.alerts);
}

}  // namespace
}  // namespace tenfold::oncall
