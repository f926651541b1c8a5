#include "oncall/channels/sip/conversation.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tenfold::oncall::sip {
namespace {

constexpr Conversation::Keys keys{.acknowledge = '1', .escalate = '2', .say_again = '9'};

std::vector<Turn> to_the_end(Conversation& conversation) {
  std::vector<Turn> turns;
  while (turns.size() < 100 && (turns.empty() || turns.back() != Turn::hang_up)) turns.push_back(conversation.done());
  return turns;
}

TEST(Conversation, SpeaksSoOftenAndThenSaysGoodbye) {
  Conversation conversation(keys, 2);
  EXPECT_EQ(conversation.begin(), Turn::attend);
  const std::vector<Turn> expected{Turn::say_message, Turn::listen,      Turn::say_message,
                                   Turn::listen,      Turn::say_goodbye, Turn::hang_up};
  EXPECT_EQ(to_the_end(conversation), expected);
  EXPECT_FALSE(conversation.settled());
}

TEST(Conversation, AcknowledgedAtAnyMoment) {
  for (int moment = 0; moment < 5; ++moment) {
    Conversation conversation(keys, 2);
    conversation.begin();
    for (int turn = 0; turn < moment; ++turn) conversation.done();
    const auto act = conversation.pressed('1');
    EXPECT_EQ(act.turn, Turn::wait_for_answer) << moment;
    EXPECT_EQ(act.report, Report::State::acknowledged) << moment;
    EXPECT_TRUE(conversation.settled());
    EXPECT_EQ(conversation.answered(), Turn::say_answer);
    EXPECT_EQ(conversation.answered(), std::nullopt) << "only once";
    EXPECT_EQ(conversation.done(), Turn::hang_up);
  }
}

TEST(Conversation, PassedOn) {
  Conversation conversation(keys, 2);
  conversation.begin();
  const auto act = conversation.pressed('2');
  EXPECT_EQ(act.turn, Turn::wait_for_answer);
  EXPECT_EQ(act.report, Report::State::escalate);
  EXPECT_EQ(conversation.done(), Turn::say_heard) << "no answer in time: no promise";
  EXPECT_EQ(conversation.answered(), std::nullopt) << "too late";
  EXPECT_EQ(conversation.done(), Turn::hang_up);
}

TEST(Conversation, WhoeverHasDecidedMayNotDecideAnew) {
  Conversation conversation(keys, 2);
  conversation.begin();
  conversation.pressed('1');
  for (const char key : {'1', '2', '9', '5'}) {
    const auto act = conversation.pressed(key);
    EXPECT_EQ(act.turn, std::nullopt) << key;
    EXPECT_EQ(act.report, std::nullopt) << key;
  }
}

TEST(Conversation, SayAgainAndKeysThatDoNothing) {
  Conversation conversation(keys, 1);
  conversation.begin();
  conversation.done();
  EXPECT_EQ(conversation.pressed('9').turn, Turn::say_message);
  EXPECT_EQ(conversation.pressed('5').turn, Turn::say_not_understood);
  EXPECT_EQ(conversation.done(), Turn::say_message);
  EXPECT_EQ(conversation.done(), Turn::listen);
  EXPECT_EQ(conversation.done(), Turn::say_goodbye);
  EXPECT_EQ(conversation.pressed('9').turn, Turn::say_message) << "even over the goodbye";
  EXPECT_FALSE(conversation.settled());
}

TEST(Conversation, RequestsAreBounded) {
  Conversation conversation(keys, 1);
  conversation.begin();
  for (unsigned request = 0; request < Conversation::most_requests; ++request) {
    EXPECT_EQ(conversation.pressed('9').turn, Turn::say_message);
  }
  EXPECT_EQ(conversation.pressed('9').turn, std::nullopt);
  EXPECT_EQ(conversation.pressed('1').turn, Turn::wait_for_answer) << "what counts always counts";
}

}  // namespace
}  // namespace tenfold::oncall::sip
