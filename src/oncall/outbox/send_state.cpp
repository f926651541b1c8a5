#include "oncall/outbox/send_state.hpp"

namespace tenfold::oncall {

std::string_view name(SendState state) {
  switch (state) {
    case SendState::pending: return "pending";
    case SendState::sending: return "sending";
    case SendState::unsure: return "unsure";
    case SendState::sent: return "sent";
    case SendState::delivered: return "delivered";
    case SendState::failed: return "failed";
    case SendState::dropped: return "dropped";
  }
  return "?";
}

std::optional<SendState> send_state(std::string_view text) {
  for (const SendState state : send_states) {
    if (name(state) == text) return state;
  }
  return std::nullopt;
}

}  // namespace tenfold::oncall
