#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "oncall/channels/post_channel.hpp"

namespace tenfold::oncall::channels {

struct TelegramOptions {
  std::string token;                                  // the bot's; part of every URL, so that no URL is ever logged
  std::string base_url = "https://api.telegram.org";  // or a Bot API server of one's own
};

// A bot's message to a chat: plain text, the link as a button below it.
class Telegram final : public PostChannel {
 public:
  Telegram(TelegramOptions options, transfer::Poller& poller, transfer::Transfers& transfers)
      : PostChannel(poller, transfers), options_(std::move(options)) {}

  std::string_view name() const override { return "telegram"; }
  ChannelKind kind() const override { return ChannelKind::telegram; }
  Duration pace() const override { return std::chrono::seconds(1); }  // to one chat
  // A link that Telegram will not have on a button (one to a name of the house, for instance) goes into the text.
  void send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
            Reporter report) override;

 private:
  Result<transfer::Request> request(const std::string& to, const Message& message, const std::string& key) override;
  Report judge(const transfer::Outcome& outcome) const override;

  TelegramOptions options_;
};

}  // namespace tenfold::oncall::channels
