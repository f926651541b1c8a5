#include "oncall/channels/twilio/twilio.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "oncall/channels/answers.hpp"
#include "oncall/channels/twilio/callbacks.hpp"
#include "oncall/channels/twilio/twiml.hpp"
#include "oncall/channels/written.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_replies_bytes = 1u << 20;  // 50 messages take some 50 KB

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
  const std::string twiml = twiml_message(spoken, message.kind, message.language,
                                          has_callbacks ? url(TwilioTarget::What::call_digits) : std::string());
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
  Form form{{"To", to}, {"From", options_.from}, {"Body", written_short(message, Replies::taken)}};
  if (!options_.public_url.empty()) {
    form.emplace_back("StatusCallback",
                      twilio_url(options_, target_of(TwilioTarget::What::message_status, message, key)));
  }
  return form;
}

void TwilioMessages::hear_replies(HearReply hear) {
  const bool begins = static_cast<bool>(hear);
  inbox_->hear(std::move(hear));
  const std::uint64_t turn = ++listening_turn_;
  listening_since_ = poller_.now();
  if (begins) ask_for_replies_later(turn);
}

// People reply within minutes or not at all.
void TwilioMessages::ask_for_replies_later(std::uint64_t turn) {
  const Duration every = options_.public_url.empty() ? options_.poll_every : options_.poll_seldom;
  const Duration patience = (poller_.now() - listening_since_) / 60;
  errands_.later(std::clamp(patience, every, TwilioOptions::most_patience * every),
                 [this, turn] { ask_for_replies(turn); });
}

// To whatever number of ours: all of the account's, if it has several. The list is newest first.
void TwilioMessages::ask_for_replies(std::uint64_t turn) {
  if (turn != listening_turn_) return;
  transfer::Request request = asking(fmt::format(
      "{}.json?{}", resource(), form_encoded({{"To", options_.from}, {"PageSize", std::to_string(most_asked)}})));
  request.most_body_bytes = most_replies_bytes;
  errands_.ask(std::move(request), [this, turn](transfer::Outcome& outcome) {
    if (turn != listening_turn_) return;
    const auto json = json_of(outcome);
    const bool is_list = judged(outcome).state == Report::State::delivered && json.is_object() &&
                         json.contains("messages") && json["messages"].is_array();
    const nlohmann::json messages = is_list ? json["messages"] : nlohmann::json::array();
    for (const auto& message : messages) {
      if (text_of(message, "direction") != "inbound" || text_of(message, "to") != options_.from) continue;
      const auto created_s = curl_getdate(text_of(message, "date_created").c_str(), nullptr);
      if (created_s < 0) continue;
      inbox_->take(text_of(message, "sid"), {.from = text_of(message, "from"),
                                             .text = text_of(message, "body"),
                                             .at = WallTime(std::chrono::seconds(created_s))});
    }
    if (turn == listening_turn_) ask_for_replies_later(turn);
  });
}

}  // namespace tenfold::oncall::channels
