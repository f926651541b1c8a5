#pragma once

#include <string>

#include "oncall/channels/twilio/sender.hpp"

namespace tenfold::oncall::channels {

// Calls by Twilio's API, or one that speaks as it does. Only a pressed digit acknowledges: that somebody, or a mailbox,
// has answered is said and no more. Without a public address a digit has nowhere to go (the API shows what was pressed
// to nobody but the callback; its log of a call opens a quarter of an hour after the end): the call then says how else
// to acknowledge.
class TwilioCalls final : public TwilioSender {
 public:
  TwilioCalls(TwilioOptions options, std::shared_ptr<TwilioSends> sends, transfer::Poller& poller,
              transfer::Transfers& transfers)
      : TwilioSender(std::move(options), std::move(sends), poller, transfers) {}

  std::string_view name() const override { return "twilio-call"; }
  ChannelKind kind() const override { return ChannelKind::call; }

 private:
  std::string resource() const override { return "Calls"; }
  Form form(const std::string& to, const Message& message, const std::string& key) const override;
};

// SMS by the same API. Delivered is what the network says; sent, what the provider does.
class TwilioMessages final : public TwilioSender {
 public:
  TwilioMessages(TwilioOptions options, std::shared_ptr<TwilioSends> sends, transfer::Poller& poller,
                 transfer::Transfers& transfers)
      : TwilioSender(std::move(options), std::move(sends), poller, transfers) {}

  std::string_view name() const override { return "twilio-sms"; }
  ChannelKind kind() const override { return ChannelKind::sms; }

 private:
  std::string resource() const override { return "Messages"; }
  Form form(const std::string& to, const Message& message, const std::string& key) const override;
};

}  // namespace tenfold::oncall::channels
