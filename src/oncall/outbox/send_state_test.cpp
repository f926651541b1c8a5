#include "oncall/outbox/send_state.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace tenfold::oncall {
namespace {

// Every state with every event: what the diagram says, and nothing else.
TEST(SendState, GoesByTheDiagram) {
  using enum SendState;
  using Event = SendEvent;
  const std::map<std::pair<SendState, SendEvent>, SendState> diagram{
      {{pending, Event::begin}, sending},   {{pending, Event::give_up}, failed}, {{pending, Event::unneeded}, dropped},
      {{sending, Event::taken}, sent},      {{sending, Event::done}, delivered}, {{sending, Event::again}, pending},
      {{sending, Event::give_up}, failed},  {{sending, Event::lost}, unsure},    {{unsure, Event::taken}, sent},
      {{unsure, Event::done}, delivered},   {{unsure, Event::again}, pending},   {{unsure, Event::give_up}, failed},
      {{unsure, Event::unneeded}, dropped}, {{sent, Event::done}, delivered},    {{sent, Event::again}, pending},
      {{sent, Event::give_up}, failed},     {{failed, Event::done}, delivered},  {{dropped, Event::done}, delivered},
  };
  for (const SendState from : send_states) {
    for (const SendEvent event : send_events) {
      const auto expected = diagram.find({from, event});
      const auto to = next_state(from, event);
      if (expected == diagram.end()) {
        EXPECT_FALSE(to) << name(from) << " by event " << static_cast<int>(event);
      } else {
        EXPECT_EQ(to, expected->second) << name(from) << " by event " << static_cast<int>(event);
      }
    }
  }
  EXPECT_EQ(send_transitions.size(), diagram.size());
}

TEST(SendState, IsNamedBothWays) {
  for (const SendState state : send_states) EXPECT_EQ(send_state(name(state)), state);
  EXPECT_FALSE(send_state("Sent"));
  EXPECT_FALSE(send_state(""));
}

}  // namespace
}  // namespace tenfold::oncall
