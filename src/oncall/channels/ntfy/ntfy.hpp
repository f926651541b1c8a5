#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "oncall/channels/post_channel.hpp"

namespace tenfold::oncall::channels {

struct NtfyOptions {
  std::string server = "https://ntfy.sh";
  std::string token;  // empty: a topic that anybody may write to
};

// ntfy: `to` is the topic. What rings (an alert, a gap, a drill) has a priority that ends a phone's silence.
class Ntfy final : public PostChannel {
 public:
  Ntfy(NtfyOptions options, transfer::Poller& poller, transfer::Transfers& transfers)
      : PostChannel(poller, transfers), options_(std::move(options)) {}

  std::string_view name() const override { return "ntfy"; }
  ChannelKind kind() const override { return ChannelKind::ntfy; }

 private:
  Result<transfer::Request> request(const std::string& to, const Message& message, const std::string& key) override;
  Report judge(const transfer::Outcome& outcome) const override;

  NtfyOptions options_;
};

}  // namespace tenfold::oncall::channels
