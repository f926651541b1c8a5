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
    case Turn::wait_for_answer: return turn_ = Turn::say_heard;
    default: return turn_ = Turn::hang_up;
  }
}

Conversation::Act Conversation::pressed(char digit) {
  if (settled_ || turn_ == Turn::hang_up) return {};  // whoever has decided may not decide anew
  if (digit == keys_.acknowledge) {
    settled_ = true;
    return {turn_ = Turn::wait_for_answer, Report::State::acknowledged};
  }
  if (digit == keys_.escalate) {
    settled_ = true;
    return {turn_ = Turn::wait_for_answer, Report::State::escalate};
  }
  if (++requests_ > most_requests) return {};
  turn_ = digit == keys_.say_again ? Turn::say_message : Turn::say_not_understood;
  return {turn_, std::nullopt};
}

std::optional<Turn> Conversation::answered() {
  if (turn_ != Turn::wait_for_answer) return std::nullopt;
  return turn_ = Turn::say_answer;
}

}  // namespace tenfold::oncall::sip
