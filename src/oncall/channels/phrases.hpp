#pragma once

#include <string_view>

#include "oncall/people/plan.hpp"

// What a channel itself says, besides the message it was given: short answers to a pressed digit, labels of buttons.
namespace tenfold::oncall::channels {

struct Phrases {
  std::string_view acknowledged;    // spoken: you have it now
  std::string_view escalated;       // spoken: the next person is told
  std::string_view not_understood;  // spoken: no such digit; the message follows again
  std::string_view goodbye;         // spoken: nothing was pressed
  std::string_view only_keys;       // spoken after a restart, when the message is gone; {0} acknowledges, {1} escalates
  std::string_view no_digits_here;  // spoken: this call cannot take a digit, and what to do instead
  std::string_view acknowledge_label;  // of a button or link
  std::string_view escalate_label;     // of a button
};

const Phrases& phrases(Language language);

}  // namespace tenfold::oncall::channels
