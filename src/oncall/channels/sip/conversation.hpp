#pragma once

#include <cstdint>
#include <optional>

#include "oncall/channels/channel.hpp"

namespace tenfold::oncall::sip {

// What is done on the phone, one after the other.
enum class Turn : std::uint8_t {
  attend,  // a moment of silence, so that the first words are not lost while the phone goes to the ear
  listen,  // silence between two times, for the key
  say_message,
  wait_for_answer,  // silence, until it is known what a key has led to
  say_answer,
  say_heard,  // it is not known in time
  say_not_understood,
  say_goodbye,
  hang_up,
};

// A call that has been answered, from the first word to the last. Decides only.
//
//   attend → message → listen → message → listen → message → listen → goodbye → hang up
//      any moment: acknowledge, escalate → silence → what it has led to → hang up
//                  say again → message                         other key → not understood → message
class Conversation {
 public:
  struct Keys {
    char acknowledge = '1';
    char escalate = '2';
    char say_again = '9';
  };
  struct Act {
    std::optional<Turn> turn;  // to take up at once; nothing: what is under way goes on
    std::optional<Report::State> report;
  };

  Conversation(Keys keys, unsigned times) : keys_(keys), times_(times) {}

  Turn begin() { return turn_ = Turn::attend; }
  Turn done();  // with the turn that was given last
  Act pressed(char digit);
  // It is known what the key has led to. Nothing: nobody waits for it any more.
  std::optional<Turn> answered();
  bool settled() const { return settled_; }  // a person pressed a key that counts

  // Keys that only ask for more are heard so often; after that they change nothing, and the call comes to its end.
  static constexpr unsigned most_requests = 10;

 private:
  Turn next_time();

  Keys keys_;
  unsigned times_;  // that the message is spoken unasked
  unsigned spoken_ = 0;
  unsigned requests_ = 0;
  bool settled_ = false;
  Turn turn_ = Turn::attend;
};

}  // namespace tenfold::oncall::sip
