#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "oncall/channels/post_channel.hpp"

namespace tenfold::oncall::channels {

struct WebhookOptions {
  std::string url;
  std::string secret;  // signs; empty: unsigned
};

// A POST of JSON to a URL of the shop's own; docs/channels.md has the body's keys.
//   X-Tenfold-Timestamp: <seconds since 1970>
//   X-Tenfold-Signature: <hex HMAC-SHA256 under the secret of "timestamp.body">
//   Idempotency-Key: <the send's key, the same on every try>
class Webhook final : public PostChannel {
 public:
  Webhook(WebhookOptions options, transfer::Poller& poller, transfer::Transfers& transfers, const Clock& clock)
      : PostChannel(poller, transfers), options_(std::move(options)), clock_(clock) {}

  std::string_view name() const override { return "webhook"; }
  ChannelKind kind() const override { return ChannelKind::webhook; }

 private:
  Result<transfer::Request> request(const std::string& to, const Message& message, const std::string& key) override;
  Report judge(const transfer::Outcome& outcome) const override;

  WebhookOptions options_;
  const Clock& clock_;
};

}  // namespace tenfold::oncall::channels
