#pragma once

#include <string>
#include <string_view>

#include "oncall/channels/channel.hpp"
#include "oncall/channels/twilio/options.hpp"

// What a call says and asks, as TwiML. Pure; any thread.
namespace tenfold::oncall::channels {

constexpr std::size_t most_twiml_bytes = 4000;  // the API's bound of an inline document, in characters

// Says `spoken` three times and hears one digit meanwhile, which goes to `digits_url`; nothing pressed: says so and
// hangs up. Without a URL it says `spoken` and how else to acknowledge. A text that is too long is cut.
std::string twiml_message(std::string_view spoken, Message::Kind kind, Language language, std::string_view digits_url);
// Says `before` once, then all that twiml_message() does.
std::string twiml_again(std::string_view before, std::string_view spoken, Message::Kind kind, Language language,
                        std::string_view digits_url);
std::string twiml_nothing();
// Says it and hangs up.
std::string twiml_goodbye(std::string_view text, Language language);

}  // namespace tenfold::oncall::channels
