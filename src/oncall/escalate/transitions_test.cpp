#include "oncall/escalate/transitions.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace tenfold::oncall {
namespace {

// Every state with every event: what the diagram says, and nothing else.
TEST(Transitions, GoByTheDiagram) {
  using enum Alert::State;
  struct Goes {
    Alert::State to;
    Action action;
  };
  const std::map<std::pair<Alert::State, Event>, Goes> diagram{
      {{ringing, Event::acknowledge}, {acknowledged, Action::hold_for}},
      {{ringing, Event::silence}, {silenced, Action::hold}},
      {{ringing, Event::escalate}, {ringing, Action::next_step}},
      {{ringing, Event::pass_on}, {ringing, Action::next_of_round}},
      {{ringing, Event::rest}, {resting, Action::rest}},
      {{ringing, Event::calm}, {settling, Action::settle}},
      {{ringing, Event::answered}, {over, Action::close}},
      {{ringing, Event::end}, {over, Action::close}},
      {{acknowledged, Event::silence}, {silenced, Action::hold}},
      {{acknowledged, Event::escalate}, {ringing, Action::next_step}},
      {{acknowledged, Event::pass_on}, {ringing, Action::next_of_round}},
      {{acknowledged, Event::rest}, {resting, Action::rest}},
      {{acknowledged, Event::calm}, {settling, Action::settle}},
      {{acknowledged, Event::expire}, {ringing, Action::ring_anew}},
      {{silenced, Event::acknowledge}, {acknowledged, Action::hold_for}},
      {{silenced, Event::silence}, {silenced, Action::hold}},
      {{silenced, Event::escalate}, {ringing, Action::next_step}},
      {{silenced, Event::rest}, {resting, Action::rest}},
      {{silenced, Event::calm}, {settling, Action::settle}},
      {{silenced, Event::expire}, {ringing, Action::ring_anew}},
      {{resting, Event::acknowledge}, {resting, Action::note}},
      {{resting, Event::silence}, {silenced, Action::hold}},
      {{resting, Event::escalate}, {ringing, Action::next_step}},
      {{resting, Event::calm}, {settling, Action::settle}},
      {{resting, Event::wake_ringing}, {ringing, Action::ring_anew}},
      {{resting, Event::wake_acknowledged}, {acknowledged, Action::wake}},
      {{resting, Event::wake_silenced}, {silenced, Action::wake}},
      {{settling, Event::acknowledge}, {settling, Action::note}},
      {{settling, Event::back_ringing}, {ringing, Action::resume}},
      {{settling, Event::back_acknowledged}, {acknowledged, Action::resume}},
      {{settling, Event::back_silenced}, {silenced, Action::resume}},
      {{settling, Event::expire}, {over, Action::announce}},
  };
  for (const auto from : {ringing, acknowledged, silenced, resting, settling, over}) {
    for (int i = 0; i <= static_cast<int>(Event::end); ++i) {
      const auto event = static_cast<Event>(i);
      const Transition* const found = find_transition(from, event);
      const auto expected = diagram.find({from, event});
      ASSERT_EQ(found != nullptr, expected != diagram.end()) << name(from) << " by event " << i;
      if (found == nullptr) continue;
      EXPECT_EQ(found->to, expected->second.to) << name(from) << " by event " << i;
      EXPECT_EQ(found->action, expected->second.action) << name(from) << " by event " << i;
    }
  }
  EXPECT_EQ(transitions.size(), diagram.size());
}

}  // namespace
}  // namespace tenfold::oncall
