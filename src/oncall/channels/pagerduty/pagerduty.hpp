#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "oncall/channels/post_channel.hpp"

namespace tenfold::oncall::channels {

struct PagerDutyOptions {
  std::string key;     // the integration's
  std::string source;  // the shop: tells its alerts from those of another with the same key
  std::string base_url = "https://events.pagerduty.com";
};

// PagerDuty's Events API v2. An alert is one incident there whatever is sent of it: the same dedup_key each time, so a
// repeat does no harm; its end resolves it.
class PagerDuty final : public PostChannel {
 public:
  PagerDuty(PagerDutyOptions options, transfer::Poller& poller, transfer::Transfers& transfers)
      : PostChannel(poller, transfers), options_(std::move(options)) {}

  std::string_view name() const override { return "pagerduty"; }
  ChannelKind kind() const override { return ChannelKind::pagerduty; }

 private:
  Result<transfer::Request> request(const std::string& to, const Message& message, const std::string& key) override;
  Report judge(const transfer::Outcome& outcome) const override;

  PagerDutyOptions options_;
};

}  // namespace tenfold::oncall::channels
