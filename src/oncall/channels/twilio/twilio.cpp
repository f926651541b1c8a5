#include "oncall/channels/twilio/twilio.hpp"

#include <algorithm>

#include "oncall/channels/twilio/callbacks.hpp"
#include "oncall/channels/twilio/twiml.hpp"
#include "oncall/channels/written.hpp"

namespace tenfold::oncall::channels {
namespace {

// The API takes 1,600 characters. A message of more than one part is put together by the phone; a handful are enough.
constexpr std::size_t most_message_bytes = 640;

TwilioTarget target_of(TwilioTarget::What what, const Message& message, const std::string& key) {
  return {.what = what,
          .key = key,
          .language = message.language,
          .digit_acknowledge = message.digit_acknowledge,
          .digit_escalate = message.digit_escalate,
          .digit_again = message.digit_again};
}

}  // namespace

Form TwilioCalls::form(const std::string& to, const Message& message, const std::string& key) const {
  const bool has_callbacks = !options_.public_url.empty();
  const auto url = [&](TwilioTarget::What what) { return twilio_url(options_, target_of(what, message, key)); };
  const std::string& spoken =
      has_callbacks || message.spoken_without_digits.empty() ? message.spoken : message.spoken_without_digits;
  const std::string twiml =
      twiml_message(spoken, message.language, has_callbacks ? url(TwilioTarget::What::call_digits) : std::string());
  const auto ring_s = std::chrono::duration_cast<std::chrono::seconds>(options_.ring_for).count();
  Form form{{"To", to},
            {"From", options_.from},
            {"Twiml", twiml},
            {"Timeout", std::to_string(std::clamp<std::int64_t>(ring_s, 5, 600))}};  // what the API takes
  if (has_callbacks) {
    form.emplace_back("StatusCallback", url(TwilioTarget::What::call_status));
    form.emplace_back("StatusCallbackMethod", "POST");
    for (const char* event : {"initiated", "ringing", "answered", "completed"}) {
      form.emplace_back("StatusCallbackEvent", event);
    }
  }
  return form;
}

Form TwilioMessages::form(const std::string& to, const Message& message, const std::string& key) const {
  Form form{{"To", to}, {"From", options_.from}, {"Body", written_short(message, most_message_bytes)}};
  if (!options_.public_url.empty()) {
    form.emplace_back("StatusCallback",
                      twilio_url(options_, target_of(TwilioTarget::What::message_status, message, key)));
  }
  return form;
}

}  // namespace tenfold::oncall::channels
