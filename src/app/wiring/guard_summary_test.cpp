#include "app/wiring/guard_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tenfold::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

config::Replaceable complete() {
  config::Replaceable live;
  live.worth = {{"checkout", {{"", "/checkout*"}}}, {"browse", {{"", "/*"}}}};
  live.sales.order = config::RequestPattern{"POST", "/checkout"};
  return live;
}

TEST(GuardSummary, SaysWhatItWillDoInEachMode) {
  config::Replaceable live = complete();
  EXPECT_THAT(guard_summary(live), HasSubstr("customers come first (for checkout, then browse)"));
  EXPECT_THAT(guard_gaps(live), IsEmpty());
  live.guard.mode = config::GuardMode::observe;
  EXPECT_THAT(guard_summary(live), HasSubstr("serves as if it were off"));
  live.guard.mode = config::GuardMode::off;
  EXPECT_THAT(guard_summary(live), StartsWith("off: "));
}

TEST(GuardSummary, NamesWhatIsMissing) {
  config::Replaceable live;
  EXPECT_THAT(guard_gaps(live), ElementsAre(StartsWith("sales.order: "), StartsWith("worth: ")));
  live.guard.mode = config::GuardMode::off;
  EXPECT_THAT(guard_gaps(live), IsEmpty()) << "it is off, and that is said";
}

TEST(GuardSummary, WhatNoEntryNamesIsWorthLess) {
  config::Replaceable live = complete();
  live.worth.pop_back();
  EXPECT_THAT(guard_summary(live), HasSubstr("customers come first (for checkout, then all else)"));
  EXPECT_THAT(guard_gaps(live), IsEmpty());
  live.worth = {{"browse", {{"", "/*"}}}};
  EXPECT_THAT(guard_summary(live), HasSubstr("customers come first;"));
  EXPECT_THAT(guard_gaps(live), ElementsAre(StartsWith("worth: nothing is worth more than the rest")));
}

TEST(GuardSummary, NamesWhatUndoesIt) {
  config::Replaceable live = complete();
  live.worth = {{"browse", {{"", "/*"}}}, {"checkout", {{"POST", "/checkout"}, {"", "/cart*"}}}};
  EXPECT_THAT(guard_gaps(live), ElementsAre(StartsWith("worth: nothing is worth more than the rest"),
                                            HasSubstr("worth \"checkout\": POST /checkout is already in \"browse\""),
                                            HasSubstr("/cart* is already in")));
  live.worth = {{"orders", {{"POST", "/*"}}}, {"checkout", {{"", "/checkout*"}}}, {"rest", {{"", "/*"}}}};
  EXPECT_THAT(guard_gaps(live), IsEmpty()) << "others than POST reach it";
  live.guard.allow = {{.name = "all", .networks = {{"192.0.2.1"}, {"0.0.0.0/0"}}, .paths = {}},
                      {.name = "hook", .networks = {{"::/0"}}, .paths = {{"POST", "/hook"}}}};
  EXPECT_THAT(guard_gaps(live), ElementsAre(HasSubstr("\"hook\": everybody is in its networks")));
}

TEST(GuardSummary, NamesWhatIsLeftOutAndWhatThatMeans) {
  config::Replaceable live = complete();
  live.guard.without = {config::GuardPart::challenge, config::GuardPart::fairness, config::GuardPart::standing};
  EXPECT_THAT(guard_summary(live), HasSubstr("; left out (guard.without): challenge, fairness, standing"));
  EXPECT_THAT(guard_gaps(live), ElementsAre(StartsWith("guard.without: fairness: customers wait in one queue"),
                                            StartsWith("guard.without: standing: customers are strangers"),
                                            StartsWith("guard.without: challenge: nobody is challenged")));
  live.guard.mode = config::GuardMode::off;
  EXPECT_THAT(guard_gaps(live), IsEmpty());
}

TEST(GuardSummary, PromisesNothingThatIsLeftOut) {
  config::Replaceable live = complete();
  live.guard.without = {config::GuardPart::challenge};
  EXPECT_THAT(guard_summary(live), HasSubstr("strangers wait or are asked to queue, and nobody has to solve"));
  EXPECT_THAT(guard_summary(live), HasSubstr("customers come first (for checkout"));
  live.guard.mode = config::GuardMode::observe;
  EXPECT_THAT(guard_summary(live), HasSubstr("whom it would let wait or refuse"));
  live.guard.mode = config::GuardMode::enforce;
  live.guard.without = {config::GuardPart::standing};
  EXPECT_THAT(guard_summary(live), Not(HasSubstr("customers come first")));
  live.guard.without = {config::GuardPart::fairness};
  EXPECT_THAT(guard_summary(live), HasSubstr("all wait in one queue, first come, first served;"));
}

TEST(GuardSummary, NamesWhatIsOpenOrDoesNothing) {
  config::Replaceable live = complete();
  live.guard.allow = {{.name = "payment", .networks = {}, .paths = {{"POST", "/callback"}}},
                      {.name = "office", .networks = {{"192.0.2.0/24"}}, .paths = {}}};
  live.guard.deny = {{.name = "scrapers", .networks = {{"198.51.100.0/24"}}}};
  EXPECT_THAT(guard_summary(live), HasSubstr("rules for whom it lets be: 2; rules for whom it never serves: 1"));
  EXPECT_THAT(guard_gaps(live), ElementsAre(HasSubstr("\"payment\"")));
  live.guard.mode = config::GuardMode::observe;
  EXPECT_THAT(guard_gaps(live), ElementsAre(HasSubstr("\"payment\""), StartsWith("guard.deny: is counted")));
  EXPECT_THAT(guard_summary(live), HasSubstr("; rules for whom it would never serve: 1"));
  live.guard.mode = config::GuardMode::off;
  EXPECT_THAT(guard_gaps(live), ElementsAre(StartsWith("guard.deny: nobody")));
}

}  // namespace
}  // namespace tenfold::app
