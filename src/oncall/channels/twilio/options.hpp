#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::oncall::channels {

struct TwilioOptions {
  std::string account;  // its SID, "AC..."
  std::string token;    // signs what the provider sends, too
  std::string from;     // number in E.164 form
  std::string base_url = "https://api.twilio.com";
  // Where the provider reaches us (a slash at its end does not count): "https://alerts.shop.example:8443". Empty:
  // nowhere; calls then cannot hear digits, and what became of them is asked for.
  std::string public_url;
  Duration ring_for = std::chrono::seconds(25);     // longer, and a mailbox answers most phones
  Duration poll_every = std::chrono::seconds(3);    // without a public address
  Duration poll_seldom = std::chrono::seconds(20);  // with one: in case that callbacks do not get through
  // Messages that came in, while somebody may reply; the pause grows to this many times as much within a day.
  static constexpr int most_patience = 60;
  Duration poll_for = std::chrono::minutes(15);  // from the send on; then what is known is all that will be
};

// How a text in that language is said: the attributes of <Say>.
struct TwilioVoice {
  std::string_view language;
  std::string_view voice;
};
TwilioVoice twilio_voice(Language language);

}  // namespace tenfold::oncall::channels
