#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "oncall/channels/twilio/inbox.hpp"
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

// SMS by the same API. Delivered is what the network says; sent, what the provider does. Replies come by callback, and
// are asked for as well while somebody may reply: the callback is set at the provider, by hand.
class TwilioMessages final : public TwilioSender {
 public:
  static constexpr int most_asked = 50;  // the newest that came in, each time

  TwilioMessages(TwilioOptions options, std::shared_ptr<TwilioSends> sends, std::shared_ptr<TwilioInbox> inbox,
                 transfer::Poller& poller, transfer::Transfers& transfers)
      : TwilioSender(std::move(options), std::move(sends), poller, transfers), inbox_(std::move(inbox)) {}

  std::string_view name() const override { return "twilio-sms"; }
  ChannelKind kind() const override { return ChannelKind::sms; }
  bool takes_replies() const override { return true; }
  void hear_replies(HearReply hear) override;

 private:
  std::string resource() const override { return "Messages"; }
  Form form(const std::string& to, const Message& message, const std::string& key) const override;
  void ask_for_replies_later(std::uint64_t turn);
  void ask_for_replies(std::uint64_t turn);

  std::shared_ptr<TwilioInbox> inbox_;
  TimePoint listening_since_{};
  std::uint64_t listening_turn_ = 0;  // another one each time that somebody begins to listen
};

}  // namespace tenfold::oncall::channels
