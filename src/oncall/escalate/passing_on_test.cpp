#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oncall/escalate/alert_book.hpp"
#include "oncall/escalate/book_test.hpp"

// Who passes on what, outside parties, and what is escalated by hand.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using AlertState = Alert::State;
using Told = std::vector<std::string>;

class PassingOnTest : public BookTest {};

// Two phones ring; one takes it, the other passes it on a moment later.
TEST_F(PassingOnTest, WhatSomebodyElseHasTakenIsNotPassedOn) {
  begin(critical("front-page"));
  until(5min);
  book_.acknowledge(1, "bela", "digit 1", now_);
  EXPECT_THAT(book_.pass_on(1, "ada", now_), IsEmpty());
  EXPECT_EQ(state(), AlertState::acknowledged);
  EXPECT_EQ(told(book_.pass_on(1, "bela", now_)), Told{"alert call +55"}) << "who has it may";
  book_.silence(1, now_ + 1h, now_);
  EXPECT_THAT(book_.pass_on(1, "ada", now_), IsEmpty());
  EXPECT_EQ(state(), AlertState::silenced);
}

// A night in which everybody turns over: nobody is rung twice in a round, and the next one waits for its time.
TEST_F(PassingOnTest, WhenEverybodyPassesOnTheNextRoundComesWhenItIsDue) {
  begin(critical("front-page"));
  EXPECT_EQ(told(book_.pass_on(1, "ada", now_)), (Told{"alert call +2", "alert mail bela@shop.example"}));
  EXPECT_EQ(told(book_.pass_on(1, "bela", now_)), Told{"alert call +55"});
  EXPECT_THAT(book_.pass_on(1, "uplink", now_), IsEmpty());
  EXPECT_THAT(until(10min - 1ns), IsEmpty()) << "not even ada's SMS after two minutes: she has answered";
  EXPECT_EQ(until(1ns), Told{"alert call +1"}) << "repeat_after the last step";
}

TEST_F(PassingOnTest, WhatIsPassedOnTwiceSkipsNobody) {
  begin(critical("front-page"));
  book_.pass_on(1, "ada", now_);
  EXPECT_THAT(book_.pass_on(1, "ada", now_), IsEmpty());
}

TEST_F(PassingOnTest, WhoeverIsNamedAgainInTheRoundRestsAndTheStepAfterIsDueAtOnce) {
  Plan plan = test_plan();
  plan.escalations[0].steps = {
      {.notify = {"ada"}}, {.notify = {"ada"}, .after = 5min}, {.notify = {"bela"}, .after = 20min}};
  book_.replace_plan(plan);
  begin(critical("front-page"));
  EXPECT_EQ(told(book_.pass_on(1, "ada", now_)), (Told{"alert call +2", "alert mail bela@shop.example"}));
}

TEST_F(PassingOnTest, OthersRemindersStay) {
  begin(critical("front-page"));
  until(15min + 2 * (10min + 15min) + 14min);
  const auto reminders = until(1min);
  EXPECT_EQ(reminders, (Told{"reminder call +1", "reminder call +2"}));
  EXPECT_THAT(book_.pass_on(1, "ada", now_), IsEmpty()) << "bela is being reminded anyway";
  EXPECT_THAT(until(15min - 1ns), IsEmpty());
  EXPECT_THAT(until(1ns), ElementsAre("reminder call +1", "reminder call +2"));
}

TEST_F(PassingOnTest, WhoHadItForLongAndPassesItOnIsNotRungByThatItself) {
  begin(critical("front-page"));
  until(15min);
  book_.acknowledge(1, "bela", "digit 1", now_);
  until(50min);
  EXPECT_EQ(told(book_.pass_on(1, "bela", now_)), Told{"alert call +1"}) << "the round is long over: a new one";
  EXPECT_THAT(until(5min), ElementsAre("alert sms +1", "alert call +55")) << "without bela: the step after is due";
  EXPECT_THAT(until(10min), Contains("alert call +1"));
  EXPECT_THAT(until(5min), Contains("alert call +2")) << "in the round after that";
}

TEST_F(PassingOnTest, ADrillThatEverybodyPassesOnEnds) {
  book_.drill("other", now_);
  EXPECT_THAT(book_.pass_on(1, "bela", now_), IsEmpty());
  until(10min);
  EXPECT_EQ(state(), Alert::State::over);
}

TEST_F(PassingOnTest, WhereAnEscalationNamesOutsidePartiesOnlyTheirKeyTellsOurOwn) {
  Plan plan = test_plan();
  plan.escalations[0].steps = {{.notify = {"uplink"}}};
  plan.escalations[0].repeat = 1;
  for (const bool passes_on : {false, true}) {
    SCOPED_TRACE(passes_on ? "cannot help" : "is looking into it");
    book_ = AlertBook(plan);
    EXPECT_EQ(begin(critical("front-page")), Told{"alert call +55"});
    const auto orders = passes_on ? book_.pass_on(1, "uplink", now_) : book_.acknowledge(1, "uplink", "digit 1", now_);
    for (const char* each : {"alert call +1", "alert call +2", "alert mail bela@shop.example"}) {
      EXPECT_THAT(told(orders), Contains(each));
    }
    EXPECT_EQ(state(), AlertState::ringing) << "nobody of ours has answered";
    EXPECT_THAT(alert().gaps, ElementsAre("uplink has answered, and all names nobody of yours"));
    EXPECT_THAT(until(2min), Contains("alert sms +1"));
    if (!passes_on) {
      EXPECT_THAT(until(10min), Contains("alert call +1")) << "and so do the rounds that follow";
    }
    EXPECT_THAT(until(1h), Contains("reminder call +1"));
  }
}

TEST_F(PassingOnTest, WhereAnOutsidePartyNeverAnswersOurOwnAreReminded) {
  Plan plan = test_plan();
  plan.escalations[0].steps = {{.notify = {"uplink"}}};
  plan.escalations[0].repeat = 0;
  book_.replace_plan(plan);
  EXPECT_EQ(begin(critical("front-page")), Told{"alert call +55"});
  EXPECT_THAT(until(15min), ElementsAre("reminder call +1", "reminder call +2"));
}

TEST_F(PassingOnTest, WhatIsShownOnlyRingsOnceItIsEscalatedByHand) {
  Trouble shown = critical("stock");
  shown.severity = "info";
  begin(shown);
  EXPECT_EQ(told(book_.escalate(1, "", now_)), Told{"alert call +1"});
  EXPECT_EQ(alert().severity, "critical");
  EXPECT_EQ(until(15min).size(), 4u);
  book_.acknowledge(1, "ada", "digit 1", now_, Alert::Means::call);
  EXPECT_EQ(alert().acknowledged_by_means, Alert::Means::call);
}

}  // namespace
}  // namespace tenfold::oncall
