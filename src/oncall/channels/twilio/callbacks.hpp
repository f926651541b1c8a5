#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "oncall/channels/twilio/inbox.hpp"
#include "oncall/channels/twilio/options.hpp"
#include "oncall/channels/twilio/sends.hpp"

namespace tenfold::oncall::channels {

struct TwilioCallback {
  std::string method;     // "POST": we ask for no other
  std::string url;        // the exact one that the provider asked: public_url, path and query as they came
  std::string form;       // the body
  std::string signature;  // X-Twilio-Signature
};

struct TwilioCallbackAnswer {
  int status = 200;
  std::string content_type = "text/xml; charset=utf-8";
  std::string body;
};

// What the provider tells us of calls and messages, and what it is answered. The URL carries the send's key and what is
// needed to answer in its language after a restart, with a token of ours; the signature covers all of it.
// On the on-call thread only; touches neither network nor disk.
class TwilioCallbacks {
 public:
  static constexpr std::size_t most_form_bytes = 32 * 1024;
  static constexpr std::size_t most_fields = 200;
  static constexpr std::size_t most_url_bytes = 4096;

  TwilioCallbacks(TwilioOptions options, TwilioSends& calls, TwilioSends& messages, TwilioInbox& inbox,
                  const Clock& clock);

  // 200 with TwiML for digits and messages, 204 for a status, 403 for what is not signed by the provider or not a URL
  // of ours, 400 and 413 for what cannot be read, 405 for other methods. Responds once: at once, but to a digit that
  // acknowledges or passes on when what it has led to is written down, and not at all should on-call end before.
  using Respond = std::function<void(TwilioCallbackAnswer)>;
  void answer(const TwilioCallback& callback, Respond respond);

 private:
  TwilioCallbackAnswer incoming(std::string_view form);

  TwilioOptions options_;
  TwilioSends& calls_;
  TwilioSends& messages_;
  TwilioInbox& inbox_;
  const Clock& clock_;
};

// Where messages that come in are reported to: set at the provider, by hand, as the number's webhook for messages. It
// is the one URL without a token of ours; the provider's signature is what counts.
inline constexpr std::string_view twilio_incoming_path = "/twilio/message/incoming";

// The URLs that we give to the provider. Pure.
struct TwilioTarget {
  enum class What : std::uint8_t { call_status, call_digits, message_status } what = What::call_status;
  std::string key;
  Language language = Language::en;
  unsigned digit_acknowledge = 1;
  unsigned digit_escalate = 2;
  unsigned digit_again = 9;
  bool operator==(const TwilioTarget&) const = default;
};
std::string twilio_url(const TwilioOptions& options, const TwilioTarget& target);
// Nothing: not one that twilio_url() made under this token.
std::optional<TwilioTarget> twilio_target(const TwilioOptions& options, std::string_view url);

// As Twilio describes it: base64 of HMAC-SHA1 under the token of the URL followed by each name and value of the form in
// the order of the names. The URL is also tried with its default port named or left out, as Twilio itself differs.
std::string twilio_signature(std::string_view token, std::string_view url, std::string_view form);
bool is_signed_by_twilio(std::string_view token, std::string_view url, std::string_view form,
                         std::string_view signature);

}  // namespace tenfold::oncall::channels
