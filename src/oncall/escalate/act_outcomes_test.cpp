#include "oncall/escalate/act_outcomes.hpp"

#include <gtest/gtest.h>

#include "oncall/escalate/book_test.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using ActKind = ActOutcome::Kind;

// Every branch of the state machine that somebody with a phone at the ear can come to.
class ActOutcomesTest : public BookTest {
 protected:
  ActOutcome one(const std::string& by) {
    const auto before = seen_before_act(book_, 1, by);
    book_.acknowledge(1, by, "digit 1", now_, Alert::Means::call);
    return outcome_of_acknowledging(book_, 1, before, by);
  }
  ActOutcome two(const std::string& by) {
    const auto before = seen_before_act(book_, 1, by);
    const auto orders = book_.pass_on(1, by, now_);
    return outcome_of_passing_on(book_, 1, before, by, orders, now_);
  }
};

TEST_F(ActOutcomesTest, TakenOnceAndThenItIsSomebodys) {
  begin(critical("front-page"));
  EXPECT_EQ(one("ada").kind, ActKind::taken);
  EXPECT_EQ(one("ada").kind, ActKind::taken_already);
  EXPECT_EQ(one("bela"), (ActOutcome{.kind = ActKind::taken_by_another, .by = "ada"}));
  EXPECT_EQ(two("bela"), (ActOutcome{.kind = ActKind::taken_by_another, .by = "ada"}));
  EXPECT_EQ(two("ada").kind, ActKind::next_is_called) << "who has it may pass it on";
}

TEST_F(ActOutcomesTest, PassedOnUntilNobodyIsLeft) {
  begin(critical("front-page"));
  EXPECT_EQ(two("ada").kind, ActKind::next_is_called);
  EXPECT_EQ(two("ada").kind, ActKind::passed_on_already) << "a second time skips nobody, and does not say that it does";
  EXPECT_EQ(two("bela").kind, ActKind::next_is_called) << "the provider";
  EXPECT_EQ(two("uplink").kind, ActKind::party_declines);
  Plan plan = test_plan();
  plan.escalations[0].steps.resize(1);
  book_ = AlertBook(plan);
  begin(critical("front-page"));
  EXPECT_EQ(two("ada"), (ActOutcome{.kind = ActKind::nobody_is_left, .again_in = 10min})) << "repeat_after";
}

TEST_F(ActOutcomesTest, WhoIsOnlyWrittenToIsNotSaidToBeCalled) {
  Plan plan = test_plan();
  plan.people[1].contacts = {{ChannelKind::mail, "bela@shop.example"}};
  book_.replace_plan(plan);
  begin(critical("front-page"));
  EXPECT_EQ(two("ada").kind, ActKind::next_is_written_to);
}

TEST_F(ActOutcomesTest, OutsidePartiesHearThatOthersGoOnBeingCalled) {
  begin(critical("front-page"));
  until(15min);
  EXPECT_EQ(one("uplink").kind, ActKind::party_notes);
  one("bela");
  EXPECT_EQ(one("uplink").kind, ActKind::party_is_noted) << "nobody is called any more";
  EXPECT_EQ(two("uplink"), (ActOutcome{.kind = ActKind::taken_by_another, .by = "bela"}));
}

TEST_F(ActOutcomesTest, WhatIsSilencedRestsIsCalmOrIsOver) {
  begin(critical("front-page"));
  book_.silence(1, now_ + 1h, now_);
  EXPECT_EQ(two("ada").kind, ActKind::nobody_is_rung);
  EXPECT_EQ(one("ada").kind, ActKind::taken);
  book_.over("front-page", now_);
  EXPECT_EQ(two("ada").kind, ActKind::nothing_is_wrong);
  EXPECT_EQ(one("ada").kind, ActKind::theirs_if_it_comes_back);
  until(2min);
  EXPECT_EQ(two("ada").kind, ActKind::over);
  EXPECT_EQ(one("ada").kind, ActKind::over);
  EXPECT_EQ(outcome_of_acknowledging(book_, 99, seen_before_act(book_, 99, "ada"), "ada").kind, ActKind::over)
      << "unknown";
}

TEST_F(ActOutcomesTest, ADrillIsPassedGoesOnOrFails) {
  book_.drill("other", now_);
  EXPECT_EQ(two("bela").kind, ActKind::drill_fails);
  EXPECT_EQ(one("bela").kind, ActKind::drill_passed) << "a moment later, after all";
  book_ = AlertBook(test_plan());
  book_.drill("all", now_);
  EXPECT_EQ(two("ada").kind, ActKind::drill_goes_on);
}

}  // namespace
}  // namespace tenfold::oncall
