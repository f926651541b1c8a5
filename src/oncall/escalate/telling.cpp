#include <algorithm>
#include <iterator>
#include <utility>

#include "oncall/escalate/open_alert.hpp"

// Who is told, by which contact; and who instead, when a contact failed.
namespace tenfold::oncall {

// At once, or when the contact's own time has come.
void OpenAlert::order_all(Message::Kind kind, std::size_t step, std::vector<Recipient> recipients) {
  for (Recipient& recipient : recipients) {
    const WallTime at = now_ + recipient.contact.after;
    Order order{alert_.id, kind, std::move(recipient), progress_.round, step};
    if (at <= now_) {
      tell(std::move(order));
    } else {
      const auto place = std::ranges::upper_bound(progress_.pending, at, {}, &Progress::Pending::at);
      progress_.pending.insert(place, {at, std::move(order)});
    }
  }
}

bool OpenAlert::allowed(const Contact& contact) const {
  if (rings(alert_)) return true;
  return alert_.severity == "warning" && !is_loud(contact.channel);
}

std::vector<Recipient> OpenAlert::allowed_of(std::vector<Recipient> recipients) const {
  std::erase_if(recipients, [&](const Recipient& recipient) {
    return !allowed(recipient.contact) || std::ranges::count(alert_.heard, recipient.who) > 0;
  });
  if (alert_.kind != Alert::Kind::uplink) return recipients;
  std::vector<Recipient> surviving;
  std::ranges::copy_if(recipients, std::back_inserter(surviving), [&](const Recipient& recipient) {
    return std::ranges::count(plan_.without_uplink, recipient.contact.channel) > 0;
  });
  // Where none survives, the others are tried all the same: the verdict on the uplink may be wrong.
  return surviving.empty() ? recipients : surviving;
}

void OpenAlert::tell(Order order) {
  // It was ordered under an earlier plan.
  if (!is_current(plan_, order.recipient)) {
    const bool told = tell_one_of_theirs(order, Of::its_channel);
    const bool is_the_end = order.kind == Message::Kind::over && !knows_of_the_end(order.recipient.who);
    if (!told && is_the_end) tell_one_of_theirs(order, Of::any_channel);
    return;
  }
  if (!progress_.told.try_emplace(key(order), order).second) return;
  const Recipient& recipient = order.recipient;
  if (std::ranges::count(alert_.told, recipient.who) == 0) alert_.told.push_back(recipient.who);
  if (recipient.contact.channel == ChannelKind::call) alert_.rang = true;
  if (order.kind != Message::Kind::over && order.kind != Message::Kind::drill) note_told(recipient);
  orders_.push_back(std::move(order));
}

void OpenAlert::tell_instead(const Order& failed) {
  if (!rests(progress_, failed.recipient.who, failed.round)) tell_next_contact(failed);
  if (all_failed(failed)) next_step_at_once();
}

void OpenAlert::tell_next_contact(const Order& failed) {
  const auto waiting = std::ranges::find_if(progress_.pending, [&](const Progress::Pending& pending) {
    return pending.order.recipient.who == failed.recipient.who && pending.order.round == failed.round &&
           pending.order.step == failed.step;
  });
  if (waiting != progress_.pending.end()) {
    Order order = std::move(waiting->order);
    progress_.pending.erase(waiting);
    tell(std::move(order));
    return;
  }
  tell_one_of_theirs(failed, Of::any_channel);
}

// By the first of their contacts by which they have not been told the same, nor are about to be. False: there is none.
bool OpenAlert::tell_one_of_theirs(const Order& order, Of of) {
  for (const Contact& contact : contacts_of(plan_, order.recipient.who, now_)) {
    if (of == Of::its_channel && contact.channel != order.recipient.contact.channel) continue;
    const bool is_call_of_the_end = order.kind == Message::Kind::over && contact.channel == ChannelKind::call;
    if (is_call_of_the_end && plan_.over_calls == Plan::OverCalls::left_out) continue;
    Order other = order;
    other.recipient.contact = contact;
    const bool waits = std::ranges::any_of(
        progress_.pending, [&](const Progress::Pending& pending) { return key(pending.order) == key(other); });
    const std::size_t before = orders_.size();
    if (allowed(contact) && !waits) tell(std::move(other));
    if (orders_.size() > before) return true;
  }
  return false;
}

// Only of the step that was taken last, and not of the last one: all ways out may be dead, and a repeat waits its time.
bool OpenAlert::all_failed(const Order& order) const {
  const Escalation escalation = escalation_for(plan_, alert_);
  const bool latest =
      order.round == progress_.round && progress_.step == order.step + 1 && progress_.step < escalation.steps.size();
  if (!latest || order.kind == Message::Kind::reminder || order.kind == Message::Kind::over) return false;
  const auto of_the_step = [&](const Order& each) { return each.round == order.round && each.step == order.step; };
  return std::ranges::none_of(progress_.pending,
                              [&](const Progress::Pending& pending) { return of_the_step(pending.order); }) &&
         std::ranges::all_of(progress_.told, [&](const auto& each) {
           return !of_the_step(each.second) || progress_.failed.contains(each.first);
         });
}

// They have passed it on: nothing more to them in this round, nor in one that their passing it on begins.
void OpenAlert::leave_alone(const std::string& who) {
  std::erase_if(progress_.pending, [&](const auto& pending) { return pending.order.recipient.who == who; });
  const Escalation escalation = escalation_for(plan_, alert_);
  const Duration pause = progress_.repeats > 0 ? escalation.repeat_after : plan_.remind_every;
  const bool begins_anew = progress_.step >= escalation.steps.size() &&
                           progress_.remind_at.value_or(progress_.last_step_at + at_least_a_second(pause)) <= now_;
  progress_.resting[who] = std::max(progress_.round, 0) + (begins_anew ? 1 : 0);
}

}  // namespace tenfold::oncall
