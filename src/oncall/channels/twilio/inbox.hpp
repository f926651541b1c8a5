#pragma once

#include <deque>
#include <string>
#include <unordered_set>
#include <utility>

#include "oncall/channels/channel.hpp"

namespace tenfold::oncall::channels {

// Messages that came in, by callback or by asking: each is heard once. On the on-call thread only.
class TwilioInbox {
 public:
  static constexpr std::size_t most_seen = 1000;  // the oldest is forgotten; the service knows what it has done

  void hear(Channel::HearReply hear) { hear_ = std::move(hear); }
  bool is_heard() const { return static_cast<bool>(hear_); }
  // While nobody listens a reply is dropped: there is nothing open that it could be of.
  void take(const std::string& sid, const Reply& reply);

 private:
  Channel::HearReply hear_;
  std::unordered_set<std::string> seen_;
  std::deque<std::string> order_;
};

}  // namespace tenfold::oncall::channels
