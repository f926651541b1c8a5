#pragma once

#include <string>
#include <string_view>

#include "oncall/channels/channel.hpp"

namespace tenfold::oncall::sip {

// How the provider refused a call (a final answer of 300 or more).
struct Refusal {
  unsigned status = 0;
  std::string_view reason;       // the provider's words: "Busy Here"
  std::string_view retry_after;  // the header as it came; empty: none
  std::string_view user;         // whose password was shown; empty: none was
  std::string_view named;        // what the answer names: extensions (420, 421), an interval (422); empty: nothing
  std::string_view warning;      // the header as it came; empty: none
};

// What it means for the person to be told: busy and no answer may be tried again, a wrong password or number will be
// just as wrong the next time.
Report outcome_of(const Refusal& refusal);

// What the network did instead of an answer (errno's numbers, as libre gives them). All worth another try.
Report outcome_of_error(int code, std::string_view server);

}  // namespace tenfold::oncall::sip
