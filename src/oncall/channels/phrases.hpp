#pragma once

#include <string_view>

#include "oncall/channels/channel.hpp"
#include "oncall/people/plan.hpp"

// What a channel itself says, besides the message it was given: short answers to a pressed digit, labels of buttons.
namespace tenfold::oncall::channels {

struct Phrases {
  std::string_view not_understood;  // spoken: no such digit; the message follows again
  std::string_view goodbye;         // spoken: nothing was pressed
  std::string_view goodbye_drill;   // ... in a drill
  std::string_view goodbye_over;    // ... and there was nothing to press
  std::string_view only_keys;       // spoken after a restart, when the message is gone; {0} acknowledges, {1} escalates
  std::string_view no_digits_here;  // spoken: this call cannot take a digit, and what to do instead
  std::string_view acknowledge_label;  // of a button or link
  std::string_view escalate_label;     // of a button
};

const Phrases& phrases(Language language);
// What a call of that kind ends with if no key was pressed.
std::string_view goodbye(Message::Kind kind, Language language);

}  // namespace tenfold::oncall::channels
