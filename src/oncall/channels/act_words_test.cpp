#include "oncall/channels/act_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

namespace tenfold::oncall::channels {
namespace {

using namespace std::chrono_literals;
using ActKind = ActOutcome::Kind;
using testing::HasSubstr;
using testing::Not;

// The table of branch and sentence: which branch comes when is in escalate/act_outcomes_test.cpp.
TEST(ActWords, SayWhatWasDone) {
  const auto said = [](ActOutcome outcome) { return act_words(outcome, Language::en); };
  EXPECT_THAT(said({.kind = ActKind::taken}), HasSubstr("yours now. Nobody else will be called"));
  EXPECT_THAT(said({.kind = ActKind::taken_already}), HasSubstr("yours already"));
  EXPECT_THAT(said({.kind = ActKind::taken_by_another, .by = "bela"}), HasSubstr("bela has taken this alert already"));
  EXPECT_THAT(said({.kind = ActKind::theirs_if_it_comes_back}), HasSubstr("If it comes back soon, it is yours"));
  EXPECT_THAT(said({.kind = ActKind::nothing_is_wrong}), HasSubstr("If it comes back soon, it rings again"));
  EXPECT_THAT(said({.kind = ActKind::nobody_is_rung}), HasSubstr("Nobody is called for this alert at the moment"));
  EXPECT_THAT(said({.kind = ActKind::next_is_called}), HasSubstr("The next person is told now, by phone"));
  EXPECT_THAT(said({.kind = ActKind::next_is_written_to}), HasSubstr("written to now. Nobody else is called"));
  EXPECT_THAT(said({.kind = ActKind::nobody_is_left, .again_in = 9min + 1s}), HasSubstr("goes on in 10 minutes"));
  EXPECT_THAT(said({.kind = ActKind::nobody_is_left, .again_in = 60s}), HasSubstr("within a minute"));
  EXPECT_THAT(said({.kind = ActKind::passed_on_already}), HasSubstr("passed this alert on already"));
  EXPECT_THAT(said({.kind = ActKind::drill_passed}), HasSubstr("The drill is passed"));
  EXPECT_THAT(said({.kind = ActKind::drill_goes_on}), HasSubstr("The drill goes on with the next person"));
  EXPECT_THAT(said({.kind = ActKind::drill_fails}), HasSubstr("the drill has failed"));
  EXPECT_THAT(said({.kind = ActKind::party_notes}), HasSubstr("own people go on being called"));
  EXPECT_THAT(said({.kind = ActKind::party_is_noted}), Not(HasSubstr("being called")));
  EXPECT_THAT(said({.kind = ActKind::party_declines}), HasSubstr("you cannot help"));
  EXPECT_THAT(said({.kind = ActKind::over}), HasSubstr("over already"));
}

TEST(ActWords, AreOneSentenceForEachBranchInEachLanguage) {
  std::set<std::string> all;
  for (const Language language : {Language::en, Language::de, Language::fr, Language::es}) {
    for (const ActKind kind : ActOutcome::every_kind) {
      const ActOutcome outcome{.kind = kind, .by = "bela", .again_in = 10min};
      const std::string words = act_words(outcome, language);
      EXPECT_TRUE(all.insert(words).second) << words;
      EXPECT_THAT(words, Not(HasSubstr("{")));
      EXPECT_THAT(words, HasSubstr(kind == ActKind::taken_by_another ? "bela" : ""));
    }
    EXPECT_TRUE(all.insert(key_was_heard(language)).second);
  }
}

TEST(ActWords, WhatIsNotOnTheDiskIsSaidToBeLostByARestart) {
  const auto said = [](ActKind kind) {
    return act_words({.kind = kind, .kept = ActOutcome::Kept::in_memory}, Language::en);
  };
  EXPECT_THAT(said(ActKind::taken), HasSubstr("could not be written to the disk"));
  EXPECT_THAT(said(ActKind::next_is_called), HasSubstr("could not be written to the disk"));
  EXPECT_THAT(said(ActKind::over), Not(HasSubstr("disk"))) << "nothing was to be written";
}

}  // namespace
}  // namespace tenfold::oncall::channels
