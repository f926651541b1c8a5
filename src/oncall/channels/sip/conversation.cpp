#include "oncall/channels/sip/conversation.hpp"

namespace tenfold::oncall::sip {

Turn Conversation::next_time() {
  if (spoken_ >= times_) return turn_ = Turn::say_goodbye;
  ++spoken_;
  return turn_ = Turn::say_message;
}

Turn Conversation::done() {
  switch (turn_) {
    case Turn::attend:
    case Turn::listen: return next_time();
    case Turn::say_message: return turn_ = Turn::listen;
    case Turn::say_not_understood: return turn_ = Turn::say_message;
    default: return turn_ = Turn::hang_up;
  }
}

Conversation::Act Conversation::pressed(char digit) {
  if (settled_ || turn_ == Turn::hang_up) return {};  // whoever has decided may not decide anew
  if (digit == keys_.acknowledge) {
    settled_ = true;
    return {turn_ = Turn::say_acknowledged, Report::State::acknowledged};
  }
  if (digit == keys_.escalate) {
    settled_ = true;
    return {turn_ = Turn::say_escalated, Report::State::escalate};
  }
  if (++requests_ > most_requests) return {};
  turn_ = digit == keys_.say_again ? Turn::say_message : Turn::say_not_understood;
  return {turn_, std::nullopt};
}

}  // namespace tenfold::oncall::sip
