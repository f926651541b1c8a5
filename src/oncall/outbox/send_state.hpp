#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

// The states of a send (a row of the outbox) and what leads from one to the other. Pure.
//
//            begin             taken            done
//   pending ────────► sending ────────► sent ────────► delivered
//     ▲ │ │            │ │ │             ▲ │ │              ▲
//     │ │ │            │ │ │ lost  taken │ │ │              │ done: from sending and unsure too, and
//     │ │ │            │ │ └────► unsure ┘ │ │              │ from failed and dropped as a late word
//     │ │ │            │ │          │      │ │
//     └─┼─┼── again ───┼─┴──────────┴──────┘ │
//       │ └── give_up ─┴── (of any) ─────────┴──► failed
//       └──── unneeded: while it waits, and while nobody knows ──► dropped
//
// What the table does not name changes nothing: reports come late, twice and in any order.
namespace tenfold::oncall {

enum class SendState : std::uint8_t {
  pending,  // it waits for its time, its channel's pace, or the next try
  sending,  // written down before it was tried; no word yet
  unsure,   // the answer was lost, in the network or in a crash: the channel is asked before any repeat
  sent,     // the provider has it
  delivered,
  failed,   // for good: the alert book knows
  dropped,  // its alert needs it no more
};
inline constexpr std::array send_states{SendState::pending,   SendState::sending, SendState::unsure, SendState::sent,
                                        SendState::delivered, SendState::failed,  SendState::dropped};

enum class SendEvent : std::uint8_t {
  begin,
  taken,     // the provider confirms that it has it
  done,      // as far as the channel can tell
  again,     // another try, later or by the next channel
  give_up,   // no try is left
  lost,      // no answer: it may have been sent
  unneeded,  // acknowledged, or over
};
inline constexpr std::array send_events{SendEvent::begin,   SendEvent::taken, SendEvent::done,    SendEvent::again,
                                        SendEvent::give_up, SendEvent::lost,  SendEvent::unneeded};

struct SendTransition {
  SendState from;
  SendEvent event;
  SendState to;
};

inline constexpr auto send_transitions = [] {
  using enum SendState;
  return std::to_array<SendTransition>({
      // clang-format off
      {pending, SendEvent::begin,    sending},
      {pending, SendEvent::give_up,  failed},
      {pending, SendEvent::unneeded, dropped},
      {sending, SendEvent::taken,    sent},
      {sending, SendEvent::done,     delivered},
      {sending, SendEvent::again,    pending},
      {sending, SendEvent::give_up,  failed},
      {sending, SendEvent::lost,     unsure},
      {unsure,  SendEvent::taken,    sent},
      {unsure,  SendEvent::done,     delivered},
      {unsure,  SendEvent::again,    pending},
      {unsure,  SendEvent::give_up,  failed},
      {unsure,  SendEvent::unneeded, dropped},
      {sent,    SendEvent::done,     delivered},
      {sent,    SendEvent::again,    pending},
      {sent,    SendEvent::give_up,  failed},
      {failed,  SendEvent::done,     delivered},
      {dropped, SendEvent::done,     delivered},
      // clang-format on
  });
}();

// Nothing: the event changes nothing in that state.
constexpr std::optional<SendState> next_state(SendState from, SendEvent event) {
  for (const SendTransition& transition : send_transitions) {
    if (transition.from == from && transition.event == event) return transition.to;
  }
  return std::nullopt;
}

// Nothing more is to be done about it.
constexpr bool is_final(SendState state) {
  return state == SendState::delivered || state == SendState::failed || state == SendState::dropped;
}

std::string_view name(SendState state);  // "pending"
std::optional<SendState> send_state(std::string_view name);

}  // namespace tenfold::oncall
