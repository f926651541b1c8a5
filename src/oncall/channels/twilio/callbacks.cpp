#include "oncall/channels/twilio/callbacks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/hmac.hpp"
#include "base/text/base64.hpp"
#include "base/text/percent.hpp"
#include "oncall/channels/act_words.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/phrases.hpp"
#include "oncall/channels/twilio/twiml.hpp"
#include "oncall/plain_text.hpp"

namespace tenfold::oncall::channels {
namespace {

using What = TwilioTarget::What;
constexpr std::array<std::pair<What, std::string_view>, 3> paths{{{What::call_status, "/twilio/call/status"},
                                                                  {What::call_digits, "/twilio/call/digits"},
                                                                  {What::message_status, "/twilio/message/status"}}};
constexpr std::size_t most_key_bytes = 512;
constexpr std::size_t most_parameters = 8;

std::string_view value_of(const Form& form, std::string_view name) {
  for (const auto& [known, value] : form) {
    if (known == name) return value;
  }
  return {};
}

std::string_view path_of(What what) {
  for (const auto& [known, path] : paths) {
    if (known == what) return path;
  }
  return {};
}

std::string digits_of(const TwilioTarget& target) {
  return fmt::format("{}{}{}", target.digit_acknowledge % 10, target.digit_escalate % 10, target.digit_again % 10);
}

std::string_view base_of(const TwilioOptions& options) {
  std::string_view base = options.public_url;
  while (base.ends_with('/')) base.remove_suffix(1);
  return base;
}

std::string token_of(const TwilioOptions& options, const TwilioTarget& target) {
  const std::string signed_text = fmt::format("tenfold callback\n{}\n{}\n{}\n{}", path_of(target.what), target.key,
                                              name(target.language), digits_of(target));
  return hmac_sha256_hex(options.token, signed_text).substr(0, 32);
}

// The URL with ":443" behind an https host that names no port, or without it; for http with ":80". Empty: it names
// another port.
std::string with_other_port(std::string_view url) {
  const bool is_https = url.starts_with("https://");
  const std::string_view port = is_https ? ":443" : ":80";
  const std::size_t host = is_https ? 8 : 7;
  if (url.size() <= host || (!is_https && !url.starts_with("http://"))) return {};
  const std::size_t end = std::min(url.find_first_of("/?", host), url.size());
  const std::string_view authority = url.substr(0, end);
  if (authority.ends_with(port))
    return std::string(authority.substr(0, end - port.size())) + std::string(url.substr(end));
  const std::size_t colon = authority.rfind(':');
  if (colon >= host && authority.find(']', colon) == std::string_view::npos) return {};
  return std::string(authority) + std::string(port) + std::string(url.substr(end));
}

}  // namespace

std::string twilio_url(const TwilioOptions& options, const TwilioTarget& target) {
  return fmt::format("{}{}?key={}&language={}&digits={}&token={}", base_of(options), path_of(target.what),
                     percent_encoded(target.key), name(target.language), digits_of(target), token_of(options, target));
}

std::optional<TwilioTarget> twilio_target(const TwilioOptions& options, std::string_view url) {
  if (!url.starts_with(base_of(options))) return std::nullopt;
  url.remove_prefix(base_of(options).size());
  const std::size_t question = url.find('?');
  if (question == std::string_view::npos) return std::nullopt;
  const auto path = std::find_if(paths.begin(), paths.end(),
                                 [&](const auto& known) { return known.second == url.substr(0, question); });
  const auto parameters = form_decoded(url.substr(question + 1), most_parameters);
  if (path == paths.end() || !parameters) return std::nullopt;
  TwilioTarget target{.what = path->first, .key = std::string(value_of(*parameters, "key"))};
  const auto spoken = language(value_of(*parameters, "language"));
  const std::string_view digits = value_of(*parameters, "digits");
  const bool has_digits = digits.size() == 3 && digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (target.key.empty() || target.key.size() > most_key_bytes || !spoken || !has_digits) return std::nullopt;
  target.language = *spoken;
  target.digit_acknowledge = static_cast<unsigned>(digits[0] - '0');
  target.digit_escalate = static_cast<unsigned>(digits[1] - '0');
  target.digit_again = static_cast<unsigned>(digits[2] - '0');
  if (!equal_in_constant_time(value_of(*parameters, "token"), token_of(options, target))) return std::nullopt;
  return target;
}

std::string twilio_signature(std::string_view token, std::string_view url, std::string_view form) {
  auto fields = form_decoded(form, TwilioCallbacks::most_fields);
  if (!fields) return {};
  std::sort(fields->begin(), fields->end());
  fields->erase(std::unique(fields->begin(), fields->end()), fields->end());
  std::string text(url);
  for (const auto& [name, value] : *fields) text += name + value;
  return base64(hmac_sha1(token, text));
}

bool is_signed_by_twilio(std::string_view token, std::string_view url, std::string_view form,
                         std::string_view signature) {
  const std::string other = with_other_port(url);
  const std::string expected = twilio_signature(token, url, form);
  const std::string expected_other = other.empty() ? expected : twilio_signature(token, other, form);
  if (expected.empty() || token.empty()) return false;  // nobody's signature
  const bool is_one = equal_in_constant_time(signature, expected);
  const bool is_other = equal_in_constant_time(signature, expected_other);
  return is_one || is_other;
}

TwilioCallbacks::TwilioCallbacks(TwilioOptions options, TwilioSends& calls, TwilioSends& messages, TwilioInbox& inbox,
                                 const Clock& clock)
    : options_(std::move(options)), calls_(calls), messages_(messages), inbox_(inbox), clock_(clock) {}

namespace {

TwilioCallbackAnswer refused(int status, std::string_view why) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::string(why) + "\n"};
}

TwilioSends::Status status_of(const Form& form, What what) {
  const bool is_call = what != What::message_status;
  TwilioSends::Status status;
  status.sid = plain(value_of(form, is_call ? "CallSid" : "MessageSid"), 64);
  status.word = std::string(value_of(form, is_call ? "CallStatus" : "MessageStatus"));
  status.answered_by = std::string(value_of(form, "AnsweredBy"));
  const std::string_view code = value_of(form, "ErrorCode");
  const std::string_view sip = value_of(form, "SipResponseCode");
  if (TwilioSends::stage_of(status.word) != TwilioSends::Stage::ended) return status;
  if (!code.empty()) status.error = fmt::format("{}, error {}", status.word, code);
  if (!sip.empty() && sip != "200") status.error = fmt::format("{}, SIP status {}", status.word, sip);
  // RFC 3261, 21.4: no such number, gone, not a number. Trying again does not make it one.
  const bool no_such_number = sip == "404" || sip == "410" || sip == "484" || sip == "604";
  if (no_such_number) status.retry = TwilioSends::Status::Retry::is_useless;
  return status;
}

TwilioCallbackAnswer said(std::string twiml) { return {.status = 200, .body = std::move(twiml)}; }

void answer_digit(TwilioSends& calls, const TwilioOptions& options, const TwilioTarget& target,
                  std::string_view pressed, const TwilioCallbacks::Respond& respond) {
  const Phrases& phrase = phrases(target.language);
  const auto is = [&](unsigned digit) { return pressed == std::string_view(std::to_string(digit)); };
  const auto answer = [respond, language = target.language](const ActOutcome& outcome) {
    respond(said(twiml_goodbye(act_words(outcome, language), language)));
  };
  const std::string detail = fmt::format("pressed {}", pressed);
  if (is(target.digit_acknowledge)) return calls.acknowledge(target.key, detail, answer);
  if (is(target.digit_escalate)) return calls.escalate(target.key, detail, answer);
  const TwilioSends::Send* const send = calls.find(target.key);
  const bool is_known = send != nullptr && !send->message.spoken.empty();
  const std::string keys = fmt::format(fmt::runtime(phrase.only_keys), target.digit_acknowledge, target.digit_escalate);
  const std::string& spoken = is_known ? send->message.spoken : keys;
  const Message::Kind kind = is_known ? send->message.kind : Message::Kind::alert;
  respond(said(twiml_again(is(target.digit_again) ? std::string_view() : phrase.not_understood, spoken, kind,
                           target.language, twilio_url(options, target))));
}

}  // namespace

// Nothing is written back: whether it did something shows by the silence of the phone, and a message costs.
TwilioCallbackAnswer TwilioCallbacks::incoming(std::string_view text) {
  const auto form = form_decoded(text, most_fields);
  if (!form) return refused(400, "a form was expected");
  const std::string sid = plain(value_of(*form, "MessageSid"), 64);
  if (value_of(*form, "To") == options_.from) {
    inbox_.take(sid, {.from = std::string(value_of(*form, "From")),
                      .text = std::string(value_of(*form, "Body")),
                      .at = clock_.wall_now()});
  }
  return {.status = 200, .body = twiml_nothing()};
}

void TwilioCallbacks::answer(const TwilioCallback& callback, Respond respond) {
  if (callback.method != "POST") return respond(refused(405, "POST only"));
  const bool too_long = callback.form.size() > most_form_bytes || callback.url.size() > most_url_bytes;
  if (too_long) return respond(refused(413, "too long"));
  if (!is_signed_by_twilio(options_.token, callback.url, callback.form, callback.signature)) {
    return respond(refused(403, "the signature is not the provider's"));
  }
  const bool is_incoming = callback.url == std::string(base_of(options_)).append(twilio_incoming_path);
  if (is_incoming) return respond(incoming(callback.form));
  const auto target = twilio_target(options_, callback.url);
  if (!target) return respond(refused(403, "not an address that was given out"));
  const auto form = form_decoded(callback.form, most_fields);
  if (!form) return respond(refused(400, "a form was expected"));
  TwilioSends& sends = target->what == What::message_status ? messages_ : calls_;
  sends.take(target->key, status_of(*form, target->what));
  if (target->what != What::call_digits) return respond({.status = 204, .body = {}});
  answer_digit(sends, options_, *target, value_of(*form, "Digits"), respond);
}

}  // namespace tenfold::oncall::channels
