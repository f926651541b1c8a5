#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "oncall/plain_text.hpp"
#include "oncall/service/desk.hpp"

// What people write back to an SMS, or by Telegram: who may, to which alert, and what it does.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

// The clocks of networks and ours, and the whole seconds in which they tell the time. Nobody reads and answers faster.
constexpr Duration clocks_differ = 5s;
constexpr Duration answerable_for = 24h;  // as long as a link is good

bool is_answerable(const Send& send) {
  const ChannelKind by = send.order.recipient.contact.channel;
  return (by == ChannelKind::sms || by == ChannelKind::telegram) && send.attempts > 0 &&
         send.order.kind != Message::Kind::over;
}

bool is_from(const Reply& reply, const Contact& contact) {
  if (reply.by != contact.channel) return false;
  return reply.by == ChannelKind::sms ? is_number_of(reply.from, contact.to) : reply.from == contact.to;
}

std::string_view by_words(const Reply& reply) { return reply.by == ChannelKind::sms ? "SMS" : "Telegram"; }

}  // namespace

// Replies are looked for while an open alert may get one; anew with each SMS, since channels look ever more seldom.
void Desk::listen() {
  const WallTime now = wall();
  std::optional<WallTime> told_at;
  outbox_.visit([&](const Send& send) {
    if (!is_answerable(send) || now - send.created_at > answerable_for) return;
    const auto alert = book_.alerts().find(send.order.alert);
    if (alert == book_.alerts().end() || alert->second.state == Alert::State::over) return;
    told_at = std::max(told_at.value_or(send.created_at), send.created_at);
  });
  if (told_at == listening_since_) return;
  listening_since_ = told_at;
  for (const auto& channel : parts_.channels) {
    if (!channel->takes_replies()) continue;
    channel->hear_replies(told_at ? [this](const Reply& reply) { heard(reply); } : Channel::HearReply());
  }
}

// Open alerts of which an SMS had gone to that number, still the plan's, when the reply was written; what an earlier
// reply has done is not done again.
std::vector<Answerable> Desk::answerable(const Reply& reply) const {
  std::vector<Answerable> found;
  outbox_.visit([&](const Send& send) {
    const Recipient& told = send.order.recipient;
    if (!is_answerable(send) || reply.at + clocks_differ < send.created_at) return;
    if (reply.at - send.created_at > answerable_for || !is_from(reply, told.contact)) return;
    if (!is_current(book_.plan(), told)) return;  // a phone that was lost, somebody who has left
    const auto alert = book_.alerts().find(send.order.alert);
    if (alert == book_.alerts().end() || alert->second.state == Alert::State::over) return;
    if (alert->second.replied_at && *alert->second.replied_at >= reply.at) return;
    const Answerable answerable{send.order.alert, told.who, told.contact.to};
    const auto known = std::ranges::find(found, answerable.alert, &Answerable::alert);
    // Of two who share the number the one who was told last is who answers.
    known == found.end() ? found.push_back(answerable) : static_cast<void>(*known = answerable);
  });
  return found;
}

void Desk::heard(const Reply& reply) {
  const auto act = read_reply(reply.text, book_.plan().digits, answerable(reply));
  if (!act) {
    return log::info("on call: {} from {} does nothing: {}",
                     reply.by == ChannelKind::sms ? "an SMS" : "a message by Telegram", plain(reply.from, 40),
                     act.error().detail);
  }
  const Digits& digits = book_.plan().digits;
  const bool takes = act->kind == ReplyAct::Kind::acknowledge;
  if (takes) {
    acknowledge(act->of.alert, act->of.who,
                fmt::format("reply {} by {} from {}", digits.acknowledge, by_words(reply), act->of.to),
                Alert::Means::reply);
  } else {
    pass_on(act->of.alert, act->of.who);
  }
  log::info("on call: {} has replied {} by {} to alert {}", act->of.who, takes ? digits.acknowledge : digits.escalate,
            by_words(reply), act->of.alert);
  book_.note_reply(act->of.alert, reply.at);
  book_changed_ = true;
  parts_.happened();
}

}  // namespace tenfold::oncall
