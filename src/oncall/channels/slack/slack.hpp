#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "oncall/channels/post_channel.hpp"

namespace tenfold::oncall::channels {

struct SlackOptions {
  std::string url;  // of an incoming webhook; whoever knows it may write there, so it is never logged
};

// An incoming webhook of Slack. Its link is a link in the text: a button would need an app that answers to it.
class Slack final : public PostChannel {
 public:
  Slack(SlackOptions options, transfer::Poller& poller, transfer::Transfers& transfers)
      : PostChannel(poller, transfers), options_(std::move(options)) {}

  std::string_view name() const override { return "slack"; }
  ChannelKind kind() const override { return ChannelKind::slack; }
  Duration pace() const override { return std::chrono::seconds(1); }  // what Slack allows a webhook

 private:
  Result<transfer::Request> request(const std::string& to, const Message& message, const std::string& key) override;
  Report judge(const transfer::Outcome& outcome) const override;

  SlackOptions options_;
};

// For mrkdwn and the text of a notification: `&`, `<` and `>` would begin links and mentions of everybody.
std::string slack_escaped(std::string_view text);

}  // namespace tenfold::oncall::channels
