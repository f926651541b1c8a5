#include "edge/identify/rehearsals.hpp"

#include "base/hmac.hpp"
#include "http/rehearsal_credential.hpp"

namespace tenfold::edge {

bool RehearsalGate::is_remembered(std::string_view text, std::string_view secret, WallTime now) const {
  // In constant time: how long a guess took must not tell how much of a good credential it had.
  return !text_.empty() && now < expires_ && secret == secret_ && equal_in_constant_time(text, text_);
}

std::string_view RehearsalGate::run_of(const http::Headers& headers, std::string_view secret, WallTime now) {
  if (secret.empty()) return {};
  std::string_view text;
  for (const http::Header& header : headers) {
    if (header.field != http::Field::tenfold_rehearsal) continue;
    if (!text.empty()) return {};
    text = header.value;
  }
  if (text.empty()) return {};
  if (is_remembered(text, secret, now)) return run_;
  const auto verified = http::verify_rehearsal_credential(text, secret, now);
  if (!verified) return {};
  run_ = verified->id;
  expires_ = verified->expires;
  secret_ = secret;
  text_ = text;
  return run_;
}

}  // namespace tenfold::edge
