// A callback whose URL, form and signature are the input's: nothing of it may acknowledge, and what is signed rightly
// (by the fuzzer itself) may do no more than be answered.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "oncall/channels/twilio/callbacks.hpp"

using namespace tenfold::oncall;
using namespace tenfold::oncall::channels;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t first = text.find('\n');
  const std::size_t second = first == std::string_view::npos ? first : text.find('\n', first + 1);
  const TwilioOptions options{.account = "AC1", .token = "t0ken", .public_url = "https://a.example"};
  TwilioSends calls;
  TwilioSends messages;
  TwilioInbox inbox;
  const tenfold::ManualClock clock;
  TwilioCallbacks callbacks(options, calls, messages, inbox, clock);

  TwilioCallback callback{.method = "POST", .url = std::string(text.substr(0, first)), .form = {}, .signature = {}};
  if (first != std::string_view::npos) callback.form = text.substr(first + 1, second - first - 1);
  if (second != std::string_view::npos) callback.signature = text.substr(second + 1);
  int status = 0;
  const auto respond = [&](const TwilioCallbackAnswer& answer) { status = answer.status; };
  callbacks.answer(callback, respond);
  if (status == 200) std::abort();  // a signature guessed
  if (calls.size() + messages.size() != 0) std::abort();

  callback.url = twilio_url(options, {.what = TwilioTarget::What::call_digits, .key = "k"});
  callback.signature = twilio_signature(options.token, callback.url, callback.form);
  status = 200;  // of a digit that waits for what it leads to
  callbacks.answer(callback, respond);
  if (status != 200 && status != 400 && status != 403 && status != 413) std::abort();
  if (calls.size() > 1) std::abort();
  return 0;
}
