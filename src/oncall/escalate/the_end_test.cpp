#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oncall/escalate/book_test.hpp"

// Whoever heard that something is wrong hears that it is over, by the way that reached them.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Told = std::vector<std::string>;

class TheEndTest : public BookTest {
 protected:
  std::vector<Order> ordered(const std::vector<Order>& orders) {
    all_.insert(all_.end(), orders.begin(), orders.end());
    return orders;
  }
  const Order& order(const std::string& wanted) {
    for (const Order& each : all_) {
      if (told({each})[0] == wanted) return each;
    }
    ADD_FAILURE() << wanted << " was not ordered";
    return all_.front();
  }
  std::vector<std::string> the_end() {
    book_.over("front-page", now_);
    return until(2min);
  }

  std::vector<Order> all_;
};

TEST_F(TheEndTest, WhatWasTakenForFailedAndArrivedAfterAllIsToldTheSameWay) {
  ordered(book_.trouble(critical("front-page"), now_));
  ordered(book_.failed(order("alert call +1"), now_));  // the second round of tries: others need not wait
  book_.failed(order("alert sms +1"), now_);
  EXPECT_THAT(told(book_.arrived(order("alert call +1"), now_)), IsEmpty());
  EXPECT_EQ(the_end()[0], "over call +1");
}

TEST_F(TheEndTest, TheCallFailedAndTheSmsWasAnswered) {
  Plan plan = test_plan();
  plan.people[0].contacts = {
      {ChannelKind::call, "+1"}, {ChannelKind::mail, "ada@shop.example"}, {ChannelKind::sms, "+1"}};
  book_.replace_plan(plan);
  ordered(book_.trouble(critical("front-page"), now_));
  book_.failed(order("alert call +1"), now_);
  book_.arrived(order("alert sms +1"), now_);
  book_.acknowledge(1, "ada", "reply", now_, Alert::Means::reply);
  EXPECT_THAT(the_end(), ElementsAre("over sms +1", "over mail ada@shop.example"));
}

TEST_F(TheEndTest, WhoHasAnsweredBySmsHearsItByThatThoughACallRangToo) {
  ordered(book_.trouble(critical("front-page"), now_));
  until(2min);
  book_.arrived(order("alert call +1"), now_);
  book_.acknowledge(1, "ada", "reply", now_, Alert::Means::reply);
  EXPECT_THAT(the_end(), ElementsAre("over sms +1"));
}

TEST_F(TheEndTest, WhatArrivesOnlyAfterItIsOverIsFollowedByTheEnd) {
  ordered(book_.trouble(critical("front-page"), now_));
  const Order call = order("alert call +1");
  ordered(book_.failed(call, now_));
  book_.failed(order("alert sms +1"), now_);
  EXPECT_THAT(the_end(), ElementsAre("over call +2", "over mail bela@shop.example")) << "ada has heard nothing";
  EXPECT_EQ(told(book_.arrived(call, now_)), Told{"over call +1"});
  EXPECT_THAT(book_.arrived(call, now_), IsEmpty()) << "once";
}

TEST_F(TheEndTest, WhatGoesOnInAnotherAlertHasNoEndHereHoweverLateItArrives) {
  ordered(book_.trouble(critical("front-page"), now_));
  const Order call = order("alert call +1");
  Trouble worse = warning("front-page");
  book_.trouble(worse, now_);
  until(2min);
  EXPECT_EQ(alert().state, Alert::State::over);
  EXPECT_THAT(book_.arrived(call, now_), IsEmpty());
}

TEST_F(TheEndTest, ALaterFailureDoesNotTakeBackWhatSomebodyHasHeard) {
  ordered(book_.trouble(critical("front-page"), now_));
  book_.arrived(order("alert call +1"), now_);
  until(15min);
  all_.clear();
  ordered(book_.tick(now_ += 10min));
  book_.failed(order("alert call +1"), now_);
  EXPECT_EQ(the_end()[0], "over call +1");
}

TEST_F(TheEndTest, WithoutOverCallsItIsWrittenToWhoeverHasANumberForThat) {
  Plan plan = test_plan();
  plan.over_calls = Plan::OverCalls::left_out;
  book_.replace_plan(plan);
  begin(critical("front-page"));
  until(5min);
  book_.acknowledge(1, "ada", "digit 1", now_, Alert::Means::call);
  EXPECT_THAT(the_end(), ElementsAre("over sms +1", "over mail bela@shop.example")) << "bela has no SMS";
}

TEST_F(TheEndTest, AMailThatFailsWakesNobodyWhoHasTheEndBySms) {
  Plan plan = test_plan();
  plan.people[0].contacts = {
      {ChannelKind::sms, "+1"}, {ChannelKind::mail, "ada@shop.example"}, {ChannelKind::call, "+1", 1h}};
  book_.replace_plan(plan);
  begin(critical("front-page"));
  book_.acknowledge(1, "ada", "reply", now_, Alert::Means::reply);
  book_.over("front-page", now_);
  now_ += 2min;
  ordered(book_.tick(now_));
  EXPECT_THAT(told(all_), ElementsAre("over sms +1", "over mail ada@shop.example"));
  EXPECT_THAT(book_.failed(order("over mail ada@shop.example"), now_), IsEmpty());
  EXPECT_EQ(told(book_.failed(order("over sms +1"), now_)), Told{"over call +1"}) << "by none of them, though";
}

TEST_F(TheEndTest, WhoeverLosesTheContactThatReachedThemHearsTheEndByAnother) {
  begin(critical("front-page"));
  until(2min);
  book_.acknowledge(1, "ada", "reply", now_, Alert::Means::reply);
  Plan plan = test_plan();
  plan.people[0].contacts = {{ChannelKind::mail, "ada@shop.example"}};
  book_.replace_plan(plan);
  EXPECT_THAT(the_end(), ElementsAre("over mail ada@shop.example"));
}

// ---- Maintenance ----

class RestingTest : public TheEndTest {
 protected:
  std::vector<std::string> maintenance(Trouble::Rests rests, std::string source = "front-page") {
    Trouble trouble = critical(std::move(source));
    trouble.rests = rests;
    return told(book_.trouble(trouble, now_));
  }
};

TEST_F(RestingTest, NobodyIsRungInMaintenanceThatBeginsWhileItRingsAndItGoesOnAfterIt) {
  begin(critical("front-page"));
  EXPECT_THAT(maintenance(Trouble::Rests::yes), IsEmpty());
  EXPECT_EQ(state(), Alert::State::resting);
  EXPECT_THAT(until(5h), IsEmpty());
  EXPECT_EQ(maintenance(Trouble::Rests::no), Told{"alert call +1"}) << "still down: from the first step";
}

TEST_F(RestingTest, WhatIsWellAgainInMaintenanceEndsAsEver) {
  begin(critical("front-page"));
  maintenance(Trouble::Rests::yes);
  EXPECT_THAT(the_end(), ElementsAre("over call +1"));
}

TEST_F(RestingTest, AnAcknowledgementOutlastsAShortMaintenanceAndNoLongOne) {
  begin(critical("front-page"));
  book_.acknowledge(1, "ada", "digit 1", now_);
  maintenance(Trouble::Rests::yes);
  until(30min);
  EXPECT_THAT(maintenance(Trouble::Rests::no), IsEmpty());
  EXPECT_EQ(state(), Alert::State::acknowledged);
  maintenance(Trouble::Rests::yes);
  EXPECT_THAT(until(2h), IsEmpty()) << "not even when the hour is over";
  maintenance(Trouble::Rests::no);
  EXPECT_EQ(told(book_.tick(now_)), Told{"alert call +1"});
}

TEST_F(RestingTest, WhatElseIsWrongRings) {
  begin(critical("front-page"));
  maintenance(Trouble::Rests::yes);
  EXPECT_EQ(begin(critical("checkout")), Told{"alert call +1"});
  book_.over("checkout", now_);
  EXPECT_EQ(state(), Alert::State::resting) << "what is left rests";
}

TEST_F(RestingTest, WhatIsTakenInMaintenanceIsTakenAfterIt) {
  begin(critical("front-page"));
  maintenance(Trouble::Rests::yes);
  book_.acknowledge(1, "ada", "the link", now_);
  EXPECT_EQ(state(), Alert::State::resting);
  maintenance(Trouble::Rests::no);
  EXPECT_EQ(state(), Alert::State::acknowledged);
}

TEST_F(RestingTest, ASilenceThatEndsInMaintenanceRingsAfterIt) {
  begin(critical("front-page"));
  maintenance(Trouble::Rests::yes);
  book_.silence(1, now_ + 10min, now_);
  EXPECT_THAT(until(1h), IsEmpty());
  EXPECT_EQ(maintenance(Trouble::Rests::no), Told{"alert call +1"});
}

// What waited was dropped by the maintenance: it must not count as told.
TEST_F(RestingTest, WhatComesBackAfterMaintenanceThatEndedWellRingsFromTheFirstStep) {
  Plan plan = test_plan();
  plan.people[0].contacts = {{ChannelKind::mail, "ada@shop.example"}, {ChannelKind::call, "+1", 5min}};
  plan.escalations[0].steps.resize(1);
  book_.replace_plan(plan);
  begin(critical("front-page"));
  maintenance(Trouble::Rests::yes);
  until(1min);
  book_.over("front-page", now_);
  until(1min);
  begin(critical("front-page"));
  EXPECT_THAT(until(5min), testing::Contains("alert call +1"));
}

TEST_F(RestingTest, WhoPassesOnWhatIsTheirsInTheCalmOrInMaintenanceHasItNoMore) {
  for (const bool in_maintenance : {false, true}) {
    SCOPED_TRACE(in_maintenance ? "maintenance" : "calm");
    book_ = AlertBook(test_plan());
    begin(critical("front-page"));
    book_.acknowledge(1, "ada", "digit 1", now_);
    in_maintenance ? static_cast<void>(maintenance(Trouble::Rests::yes))
                   : static_cast<void>(book_.over("front-page", now_));
    EXPECT_THAT(book_.pass_on(1, "ada", now_), IsEmpty());
    EXPECT_EQ(maintenance(Trouble::Rests::no), Told{"alert call +1"});
  }
}

TEST_F(RestingTest, WhoPassesOnWhileNobodyIsRungIsRungAfterwards) {
  Plan plan = test_plan();
  plan.escalations[0].steps.resize(1);
  plan.escalations[0].repeat = 0;
  book_.replace_plan(plan);
  begin(critical("front-page"));
  until(1h);  // it is being reminded of
  maintenance(Trouble::Rests::yes);
  book_.pass_on(1, "ada", now_);
  EXPECT_EQ(maintenance(Trouble::Rests::no), Told{"alert call +1"});
}

TEST_F(RestingTest, SurvivesARestart) {
  begin(critical("front-page"));
  book_.acknowledge(1, "ada", "digit 1", now_, Alert::Means::call);
  maintenance(Trouble::Rests::yes);
  auto loaded = AlertBook::load(book_.plan(), book_.save());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->alerts(), book_.alerts());
  book_ = std::move(*loaded);
  maintenance(Trouble::Rests::no);
  EXPECT_EQ(state(), Alert::State::acknowledged);
}

}  // namespace
}  // namespace tenfold::oncall
