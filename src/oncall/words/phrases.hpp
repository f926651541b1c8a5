#pragma once

#include <array>
#include <string_view>

#include "oncall/people/plan.hpp"

// The sentences of one language. {0}, {1} are filled by fmt; what they are stands beside each. Pure.
namespace tenfold::oncall {

struct Phrases {
  std::string_view colon;  // ": ", in French " : "
  std::array<std::string_view, 12> months;

  // First sentences; {0} is the shop.
  std::string_view alert, reminder, over, drill, uplink;
  std::string_view gap;              // {0} the step's number, {1} the escalation
  std::string_view introduction;     // to outside parties
  std::string_view customer_number;  // the same with {1}, the customer number
  std::string_view outside_alert;    // what is wrong, to somebody who does not know our checks

  // In front of a subject, or as one.
  std::string_view subject_reminder, subject_gap, subject_drill, subject_over, subject_uplink;

  std::string_view many;      // {0} how many checks report trouble
  std::string_view affected;  // {0} names of checks, when it is over
  std::string_view lasted;    // {0} a duration
  std::string_view began;     // {0} when, with its preposition

  std::string_view since, severity, told, acknowledge;  // labels in a written message
  std::string_view since_short;                         // {0} a time
  std::string_view reply, reply_drill;                  // in an SMS; {0} is written back to take it, {1} to pass it on
  std::string_view critical, warning;                   // as words
  std::string_view is_critical, is_warning;             // as sentences

  // {0} is the digit.
  std::string_view press_acknowledge, press_escalate, press_again, press_drill;
  std::string_view press_outside_acknowledge, press_outside_escalate;

  std::string_view down, slow, failing, up, unknown;  // states of a check
  std::string_view an_address;                        // where a URL would have to be spoken
  std::string_view from_memory;                       // {0} why the store cannot be written
  std::string_view from_memory_spoken;                // the same as a sentence for a voice
  std::string_view from_memory_short;                 // and behind other words of an SMS

  struct Unit {
    std::string_view one, many;  // "one minute", "{0} minutes"
  };
  Unit spoken_millisecond, spoken_second, spoken_minute, spoken_hour;  // behind a number: "second", "seconds"
  std::string_view percent;
  Unit minute, hour, day;
  std::string_view less_than_a_minute, and_;
};

const Phrases& phrases(Language language);

}  // namespace tenfold::oncall
