#pragma once

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "oncall/channels/post_channel.hpp"

namespace tenfold::oncall::channels {

struct TelegramOptions {
  std::string token;                                  // the bot's; part of every URL, so that no URL is ever logged
  std::string base_url = "https://api.telegram.org";  // or a Bot API server of one's own
  enum class Replies : std::uint8_t {
    read,
    left
  } replies = Replies::read;                      // left: to another program, which reads them
  Duration poll_every = std::chrono::seconds(3);  // while somebody may reply; ever more seldom, to ten times as much
};

// A bot's message to a chat: plain text, the link as a button below it. What is written to the bot, and which button is
// pressed, is asked for while somebody may reply: the bot is this channel's own. Bounds: 100 updates each time, of
// which the next begin where these end.
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
  bool takes_replies() const override { return options_.replies == TelegramOptions::Replies::read; }
  void hear_replies(HearReply hear) override;

 private:
  Result<transfer::Request> request(const std::string& to, const Message& message, const std::string& key) override;
  Report judge(const transfer::Outcome& outcome) const override;
  std::string method(std::string_view name) const;  // its URL
  void ask_later(std::uint64_t turn, Duration after);
  void ask(std::uint64_t turn);
  void take(std::uint64_t turn, const transfer::Outcome& outcome);
  void take_update(const nlohmann::json& update);
  void thank(const std::string& press);
  Duration patience() const;

  TelegramOptions options_;
  HearReply hear_;
  std::uint64_t listening_turn_ = 0;  // another one each time that somebody begins to listen
  TimePoint listening_since_{};
  std::int64_t next_update_ = 0;  // those before are done; 0: whatever waits
  bool is_deaf_ = false;          // the last time it was asked, and it has been said
};

}  // namespace tenfold::oncall::channels
