#include "oncall/channels/twilio/inbox.hpp"

namespace tenfold::oncall::channels {

void TwilioInbox::take(const std::string& sid, const Reply& reply) {
  if (!hear_ || sid.empty() || !seen_.insert(sid).second) return;
  order_.push_back(sid);
  if (order_.size() > most_seen) {
    seen_.erase(order_.front());
    order_.pop_front();
  }
  const Channel::HearReply hear = hear_;  // it may end the listening
  hear(reply);
}

}  // namespace tenfold::oncall::channels
