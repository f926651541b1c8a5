#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "oncall/channels/post_channel.hpp"

namespace tenfold::oncall::channels {

struct TeamsOptions {
  std::string url;  // of a workflow or of a connector; whoever knows it may write there, so it is never logged
};

// Microsoft Teams: an Adaptive Card in the envelope that both the workflow "When a Teams webhook request is received"
// and the incoming webhooks of old take. The older MessageCard is not spoken: workflows refuse it.
class Teams final : public PostChannel {
 public:
  Teams(TeamsOptions options, transfer::Poller& poller, transfer::Transfers& transfers)
      : PostChannel(poller, transfers), options_(std::move(options)) {}

  std::string_view name() const override { return "teams"; }
  ChannelKind kind() const override { return ChannelKind::teams; }
  Duration pace() const override { return std::chrono::milliseconds(250); }  // four a second

 private:
  Result<transfer::Request> request(const std::string& to, const Message& message, const std::string& key) override;
  Report judge(const transfer::Outcome& outcome) const override;

  TeamsOptions options_;
};

}  // namespace tenfold::oncall::channels
