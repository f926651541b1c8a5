#include "oncall/channels/sip/preparation.hpp"

#include "oncall/channels/act_words.hpp"
#include "oncall/channels/phrases.hpp"
#include "oncall/channels/sip/lookup.hpp"

namespace tenfold::oncall::sip {
namespace {

constexpr Duration longest_lookup = std::chrono::seconds(15);

Sound short_phrase(Speech& speech, std::string_view words, Language language, const std::stop_token& stop) {
  return speech.say(std::string(words), language, stop).value_or(nullptr);
}

}  // namespace

Result<Prepared> prepare(const SipOptions& options, Speech& speech, const CallOrder& order,
                         const std::stop_token& stop) {
  const auto server = address_of(options.host, options.port, longest_lookup, stop);
  if (!server) return std::unexpected(server.error());
  const auto local = local_address_towards(*server);
  if (!local) return std::unexpected(local.error());
  auto message = speech.say(order.spoken, order.language, stop);
  if (!message) return std::unexpected(message.error());

  const channels::Phrases& words = channels::phrases(order.language);
  return Prepared{
      .route = {.server = *server, .local = *local},
      .message = *message,
      .heard = short_phrase(speech, channels::key_was_heard(order.language), order.language, stop),
      .not_understood = short_phrase(speech, words.not_understood, order.language, stop),
      .goodbye = short_phrase(speech, channels::goodbye(order.kind, order.language), order.language, stop),
  };
}

}  // namespace tenfold::oncall::sip
