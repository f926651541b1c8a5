#pragma once

#include <array>
#include <cstdint>

#include "oncall/escalate/alert.hpp"

// The states of an alert and what leads from one to the other. Pure.
//
//                     acknowledge                     silence
//        ┌───────────────────────────────┐ ┌──────────────────────────┐
//        │                               │ │                          │
//        │          expire, escalate     │ │    expire, escalate      ▼
//        │      ┌──────────────────── ringing ◄─────────────────── silenced
//        ▼      │                      │  │  ▲                      │   │
//   acknowledged┘                      │  │  │ back_*               │   │
//        │  │                          │  │  │ (to what it was)     │   │
//        │  └─── silence ──────────────┼──┼──┼──► silenced          │   │
//        │                        calm │  │  │                      │   │ acknowledge:
//        └───────────── calm ────────► settling ◄───────── calm ────┘   │ acknowledged
//                                         │  │
//                            answered, end│  │ expire
//                            (a drill)    ▼  ▼
//                                         over
//
// From ringing, acknowledged and silenced, rest leads to resting (maintenance), and wake_* back to what it was; calm,
// acknowledge, silence and escalate work there too.
//
// What the table does not name changes nothing: late and repeated acts are harmless.
namespace tenfold::oncall {

enum class Event : std::uint8_t {
  acknowledge,
  silence,
  escalate,           // on to the next step
  pass_on,            // the same by somebody who was told, and who is left alone for the rest of the round
  calm,               // the last trouble is over
  back_ringing,       // trouble is back, and it was ringing before the calm
  back_acknowledged,  // ... was acknowledged
  back_silenced,      // ... was silenced
  rest,               // all that is wrong is in maintenance
  wake_ringing,       // something is not any more, and it was ringing before the rest
  wake_acknowledged,  // ... was acknowledged
  wake_silenced,      // ... was silenced
  expire,             // of the acknowledgement, the silence, the calm
  answered,           // a drill, by a person
  end,                // a drill's chain is through
};

enum class Action : std::uint8_t {
  hold,           // nothing is sent any more; what was under way is dropped
  hold_for,       // the same, and it expires
  ring_anew,      // from the first step
  next_step,      // at once
  next_of_round,  // the same, but a round that is through waits for its time
  settle,         // it waits whether the calm lasts
  note,           // what it was before the calm or the rest is now acknowledged
  resume,         // where the ringing was
  rest,           // nothing is sent; what it was stays known
  wake,           // as it was before the rest
  announce,       // that it is over, to those who were told
  close,          // without a word
};

struct Transition {
  Alert::State from;
  Event event;
  Alert::State to;
  Action action;
};

inline constexpr auto transitions = [] {
  using enum Alert::State;
  return std::to_array<Transition>({
      // clang-format off
      {ringing,      Event::acknowledge,       acknowledged, Action::hold_for},
      {ringing,      Event::silence,           silenced,     Action::hold},
      {ringing,      Event::escalate,          ringing,      Action::next_step},
      {ringing,      Event::pass_on,           ringing,      Action::next_of_round},
      {ringing,      Event::rest,              resting,      Action::rest},
      {ringing,      Event::calm,              settling,     Action::settle},
      {ringing,      Event::answered,          over,         Action::close},
      {ringing,      Event::end,               over,         Action::close},
      {acknowledged, Event::silence,           silenced,     Action::hold},
      {acknowledged, Event::escalate,          ringing,      Action::next_step},
      {acknowledged, Event::pass_on,           ringing,      Action::next_of_round},
      {acknowledged, Event::rest,              resting,      Action::rest},
      {acknowledged, Event::calm,              settling,     Action::settle},
      {acknowledged, Event::expire,            ringing,      Action::ring_anew},
      {silenced,     Event::acknowledge,       acknowledged, Action::hold_for},
      {silenced,     Event::silence,           silenced,     Action::hold},
      {silenced,     Event::escalate,          ringing,      Action::next_step},
      {silenced,     Event::rest,              resting,      Action::rest},
      {silenced,     Event::calm,              settling,     Action::settle},
      {silenced,     Event::expire,            ringing,      Action::ring_anew},
      {resting,      Event::acknowledge,       resting,      Action::note},
      {resting,      Event::silence,           silenced,     Action::hold},
      {resting,      Event::escalate,          ringing,      Action::next_step},
      {resting,      Event::calm,              settling,     Action::settle},
      {resting,      Event::wake_ringing,      ringing,      Action::ring_anew},
      {resting,      Event::wake_acknowledged, acknowledged, Action::wake},
      {resting,      Event::wake_silenced,     silenced,     Action::wake},
      {settling,     Event::acknowledge,       settling,     Action::note},
      {settling,     Event::back_ringing,      ringing,      Action::resume},
      {settling,     Event::back_acknowledged, acknowledged, Action::resume},
      {settling,     Event::back_silenced,     silenced,     Action::resume},
      {settling,     Event::expire,            over,         Action::announce},
      // clang-format on
  });
}();

// Null: the event changes nothing in that state.
constexpr const Transition* find_transition(Alert::State from, Event event) {
  for (const Transition& transition : transitions) {
    if (transition.from == from && transition.event == event) return &transition;
  }
  return nullptr;
}

}  // namespace tenfold::oncall
