#include "oncall/channels/twilio/twiml.hpp"

#include <fmt/format.h>

#include "base/text/markup.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/phrases.hpp"
#include "oncall/channels/written.hpp"
#include "oncall/plain_text.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_spoken_bytes = 2500;
constexpr unsigned times_said = 3;
constexpr unsigned seconds_to_press = 8;  // after it was said the last time

std::string say(std::string_view escaped, Language language, unsigned times = 1) {
  const TwilioVoice voice = twilio_voice(language);
  return fmt::format(R"(<Say language="{}" voice="{}" loop="{}">{}</Say>)", voice.language, voice.voice, times,
                     escaped);
}

std::string document(std::string_view inside) {
  return fmt::format(R"(<?xml version="1.0" encoding="UTF-8"?><Response>{}</Response>)", inside);
}

// Cut such that the whole stays within the bound however much escaping adds.
std::string bounded(std::string_view text) {
  const std::string lines = plain_lines(text, most_spoken_bytes);
  std::string escaped = markup_escaped(lines);
  for (std::size_t most = most_spoken_bytes; escaped.size() > most_spoken_bytes && most > 0; most -= most / 8 + 1) {
    escaped = markup_escaped(shortened(lines, most));
  }
  return escaped;
}

}  // namespace

TwilioVoice twilio_voice(Language language) {
  switch (language) {
    case Language::de: return {"de-DE", "Polly.Vicki"};
    case Language::fr: return {"fr-FR", "Polly.Lea"};
    case Language::es: return {"es-ES", "Polly.Lucia"};
    case Language::en: break;
  }
  return {"en-GB", "Polly.Amy"};
}

std::string twiml_nothing() { return document(""); }

std::string twiml_again(std::string_view before, std::string_view spoken, Message::Kind kind, Language language,
                        std::string_view digits_url) {
  const Phrases& phrase = phrases(language);
  const std::string text = bounded(spoken);
  std::string inside = R"(<Pause length="1"/>)";  // the phone is still on its way to the ear
  if (!before.empty()) inside += say(markup_escaped(before), language);
  if (digits_url.empty()) {
    inside += say(text, language, 2) + say(markup_escaped(phrase.no_digits_here), language, 2);
    return document(inside);
  }
  inside += fmt::format(
      R"(<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="{}" method="POST" action="{}">{}</Gather>)",
      seconds_to_press, markup_escaped(digits_url), say(text, language, times_said));
  return document(inside + say(markup_escaped(goodbye(kind, language)), language) + "<Hangup/>");
}

std::string twiml_message(std::string_view spoken, Message::Kind kind, Language language, std::string_view digits_url) {
  return twiml_again({}, spoken, kind, language, digits_url);
}

std::string twiml_goodbye(std::string_view text, Language language) {
  return document(say(markup_escaped(text), language) + "<Hangup/>");
}

}  // namespace tenfold::oncall::channels
