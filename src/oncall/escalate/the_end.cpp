#include <algorithm>
#include <optional>
#include <utility>

#include "oncall/escalate/open_alert.hpp"

// Who is told that it is over, and how: whoever was reached, by the way that reached them.
namespace tenfold::oncall {
namespace {

constexpr std::size_t most_reached = 2'000;  // contacts; the first are forgotten

using Arrival = Progress::Reached::Arrival;

bool same_contact(const Recipient& a, const Recipient& b) {
  return a.who == b.who && a.contact.channel == b.contact.channel && a.contact.to == b.contact.to;
}

bool is_answered_by(ChannelKind channel, Alert::Means means) {
  return (means == Alert::Means::call && channel == ChannelKind::call) ||
         (means == Alert::Means::reply && channel == ChannelKind::sms);
}

}  // namespace

std::string_view name(Progress::Reached::Arrival arrival) {
  switch (arrival) {
    case Progress::Reached::Arrival::unknown: return "unknown";
    case Progress::Reached::Arrival::arrived: return "arrived";
    case Progress::Reached::Arrival::failed: return "failed";
  }
  return "?";
}

Progress::Reached* OpenAlert::reached_by(const Recipient& recipient) {
  const auto found = std::ranges::find_if(
      progress_.reached, [&](const Progress::Reached& each) { return same_contact(each.recipient, recipient); });
  return found == progress_.reached.end() ? nullptr : &*found;
}

void OpenAlert::note_told(const Recipient& recipient) {
  if (reached_by(recipient) != nullptr) return;
  if (progress_.reached.size() >= most_reached) progress_.reached.erase(progress_.reached.begin());
  progress_.reached.push_back({recipient, Arrival::unknown});
}

void OpenAlert::note_arrival(const Recipient& recipient, Arrival arrival) {
  Progress::Reached* const reached = reached_by(recipient);
  if (reached != nullptr && reached->arrival != Arrival::arrived) reached->arrival = arrival;
}

// Whoever answers has heard it, whatever the provider says.
void OpenAlert::note_answer(const std::string& by, Alert::Means means) {
  for (Progress::Reached& each : progress_.reached) {
    if (each.recipient.who == by && is_answered_by(each.recipient.contact.channel, means)) {
      each.arrival = Arrival::arrived;
    }
  }
}

void OpenAlert::announce_over() {
  std::vector<std::string> who;
  for (const Progress::Reached& each : progress_.reached) {
    if (std::ranges::count(who, each.recipient.who) == 0) who.push_back(each.recipient.who);
  }
  progress_ = Progress{.round = progress_.round + 1, .reached = std::move(progress_.reached), .end = progress_.end};
  if (progress_.end == Progress::End::untold) return;
  for (const std::string& each : who) {
    for (Recipient& recipient : ways_to_tell_the_end(each)) {
      tell({alert_.id, Message::Kind::over, std::move(recipient), progress_.round, 0});
    }
  }
}

// One loud way, and all quiet ones. What failed for good is left out: nobody has heard anything by it.
std::vector<Recipient> OpenAlert::ways_to_tell_the_end(const std::string& who) const {
  std::vector<Recipient> ways;
  if (auto loud = loud_way_to_tell_the_end(who)) ways.push_back(std::move(*loud));
  for (const Progress::Reached& each : progress_.reached) {
    const bool quiet = each.recipient.who == who && !is_loud(each.recipient.contact.channel);
    if (quiet && each.arrival != Arrival::failed) ways.push_back(each.recipient);
  }
  return ways;
}

// First the way by which they have answered, then what arrived, then a call.
std::optional<Recipient> OpenAlert::loud_way_to_tell_the_end(const std::string& who) const {
  const bool calls = plan_.over_calls == Plan::OverCalls::made;
  std::optional<Recipient> best;
  int best_rank = -1;
  bool was_called = false;
  for (const Progress::Reached& each : progress_.reached) {
    const ChannelKind channel = each.recipient.contact.channel;
    if (each.recipient.who != who || !is_loud(channel) || each.arrival == Arrival::failed) continue;
    was_called = was_called || channel == ChannelKind::call;
    if (channel == ChannelKind::call && !calls) continue;
    const bool answered = alert_.acknowledged_by == who && is_answered_by(channel, alert_.acknowledged_by_means);
    const int rank =
        (answered ? 4 : 0) + (each.arrival == Arrival::arrived ? 2 : 0) + (channel == ChannelKind::call ? 1 : 0);
    if (rank > best_rank) best = each.recipient, best_rank = rank;
  }
  if (best || !was_called) return best;
  for (const Progress::Reached& each : progress_.reached) {  // an SMS instead of the call, for those who have one
    if (each.recipient.who != who) continue;
    for (const Contact& contact : contacts_of(plan_, who, now_)) {
      if (contact.channel != ChannelKind::sms) continue;
      Recipient instead = each.recipient;
      instead.contact = contact;
      return instead;
    }
  }
  return std::nullopt;
}

bool OpenAlert::knows_of_the_end(const std::string& who) const {
  return std::ranges::any_of(progress_.told, [&](const auto& each) {
    const Order& order = each.second;
    return order.kind == Message::Kind::over && order.recipient.who == who && !progress_.failed.contains(each.first);
  });
}

}  // namespace tenfold::oncall
