#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "oncall/channels/channel.hpp"
#include "oncall/escalate/alert.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::oncall {

// What does not depend on the alert.
struct Wording {
  const Plan& plan;
  std::string link_url;     // empty, or an empty secret: no links
  std::string link_secret;  // signs them
  std::string note;         // a last paragraph of written messages, in whatever language; empty: none
  // Where several alerts are open, a reply names the one it means.
  enum class OpenAlerts : std::uint8_t { one, several } open_alerts = OpenAlerts::one;
};

// An alert in the recipient's words: shop, what, since when, how bad, which digit does what. Names and what checks say
// stay as they are; the link is in Message::acknowledge_url, and the channels write it where it belongs. Bounds: the
// subject 250 bytes; the text 20 troubles and 8,000 bytes; what is spoken 1,800 characters when it is written as XML,
// so that TwiML around it stays under 4,000. Pure.
Message make_message(const Wording& wording, const Alert& alert, const Order& order, WallTime now);

// For a voice: no URLs, units as words.
std::string speakable(std::string_view text, Language language);

}  // namespace tenfold::oncall
