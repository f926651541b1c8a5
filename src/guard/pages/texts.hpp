#pragma once

#include <string_view>

#include "http/page/preference.hpp"

// What challenge and waiting room say, as customers of a shop are spoken to. UTF-8, no markup. "{}" is a number's
// place.
namespace tenfold::guard {

struct ChallengeText {
  std::string_view title;
  std::string_view explanation;
  std::string_view nothing_sent;  // after a form: what has become of what was sent
  std::string_view working;       // while the browser calculates
  std::string_view done;
  std::string_view done_with_form;
  std::string_view often;  // solved several times, and asked again
  std::string_view no_cookies;
  std::string_view without_script;
  std::string_view without_script_with_form;
  std::string_view for_programs;  // in place of the explanation
};

struct WaitingText {
  std::string_view title;
  std::string_view explanation;
  std::string_view place;         // {}: the first in the queue has 1
  std::string_view wait_moment;   // up to 10 s
  std::string_view wait_minute;   // up to 60 s
  std::string_view wait_minutes;  // {}: 2 to 60, rounded up
  std::string_view wait_long;     // more
  std::string_view wait_unknown;
  std::string_view kept;  // what is to be done for the place
  std::string_view nothing_sent;
  std::string_view progress;  // what the bar shows
  std::string_view away;      // the edge does not answer
};

struct WayText {  // links
  std::string_view again;
  std::string_view back;
  std::string_view queue;
};

const ChallengeText& challenge_text(http::PageLanguage language);
const WaitingText& waiting_text(http::PageLanguage language);
const WayText& way_text(http::PageLanguage language);

}  // namespace tenfold::guard
