#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "oncall/escalate/alert_book.hpp"

// What one alert does: the actions of the transition table, and the rounds of its ringing.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_gaps = 100;

// Whatever a plan says, an alert that comes due again does so later than now.
Duration at_least_a_second(Duration duration) { return std::max<Duration>(duration, 1s); }

bool rings(const Alert& alert) { return alert.severity == "critical"; }

bool same_contact(const Recipient& a, const Recipient& b) {
  return a.who == b.who && a.contact.channel == b.contact.channel && a.contact.to == b.contact.to;
}

Message::Kind kind_told(const Alert& alert) {
  switch (alert.kind) {
    case Alert::Kind::drill: return Message::Kind::drill;
    case Alert::Kind::uplink: return Message::Kind::uplink;
    case Alert::Kind::trouble: return Message::Kind::alert;
  }
  return Message::Kind::alert;
}

void drop_what_is_under_way(Progress& progress) {
  progress.pending.clear();
  progress.failed_calm.clear();
  progress.remind_at.reset();
  progress.expires_at.reset();
}

}  // namespace

Escalation AlertBook::escalation_for(const Alert& alert) const {
  Escalation escalation = escalation_of(plan_, alert.escalation);
  if (escalation.steps.empty()) escalation.steps.emplace_back();  // reaches nobody: everybody is told
  return escalation;
}

void AlertBook::apply(Open open, Event event, WallTime now, Orders& out) {
  const Transition* transition = find_transition(open.alert.state, event);
  if (transition == nullptr) return;
  if (transition->action == Action::settle) open.progress.before = transition->from;
  open.alert.state = transition->to;
  act(open, transition->action, now, out);
}

void AlertBook::act(Open open, Action action, WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  switch (action) {
    case Action::hold:
      alert.quiet_until.reset();
      drop_what_is_under_way(progress);
      return;
    case Action::hold_for:
      alert.quiet_until.reset();
      drop_what_is_under_way(progress);
      if (rings(alert)) progress.expires_at = now + at_least_a_second(plan_.acknowledged_for);
      return;
    case Action::ring_anew: ring_anew(open, now, out); return;
    case Action::next_step: next_step_at_once(open, now, out); return;
    case Action::settle:
      alert.over_at = now;
      progress.settled_at = now + std::max(plan_.over_after, Duration::zero());
      return;
    case Action::note:
      progress.before = Alert::State::acknowledged;
      act(open, Action::hold_for, now, out);
      return;
    case Action::resume:
      alert.over_at.reset();
      progress.settled_at.reset();
      if (alert.state != Alert::State::ringing) return;
      for (const std::string& key : std::exchange(progress.failed_calm, {})) {
        if (const auto known = progress.told.find(key); known != progress.told.end()) {
          pass_on(open, Order(known->second), now, out);
        }
      }
      go_on(open, now, out);
      return;
    case Action::announce: announce_over(open, now, out); return;
    case Action::close:
      alert.over_at = now;
      progress = Progress{.round = progress.round};
      return;
  }
}

std::optional<WallTime> AlertBook::due(const Alert& alert, const Progress& progress) const {
  switch (alert.state) {
    case Alert::State::ringing: return ringing_due(alert, progress);
    case Alert::State::acknowledged: return progress.expires_at;
    case Alert::State::silenced: return alert.quiet_until;
    case Alert::State::settling: return progress.settled_at;
    case Alert::State::over: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<WallTime> AlertBook::ringing_due(const Alert& alert, const Progress& progress) const {
  const Escalation escalation = escalation_for(alert);
  std::optional<WallTime> next;
  if (progress.step < escalation.steps.size()) {
    next = progress.round_began + escalation.steps[progress.step].after;
  } else if (alert.kind == Alert::Kind::drill || progress.repeats > 0) {
    next = progress.last_step_at + at_least_a_second(escalation.repeat_after);
  } else if (rings(alert)) {
    next = progress.remind_at.value_or(progress.last_step_at + at_least_a_second(plan_.remind_every));
  }
  if (progress.pending.empty()) return next;
  const WallTime first = progress.pending.front().at;
  return next ? std::min(*next, first) : first;
}

void AlertBook::ring_anew(Open open, WallTime now, Orders& out) {
  open.alert.quiet_until.reset();
  drop_what_is_under_way(open.progress);
  const bool repeats = rings(open.alert) && open.alert.kind != Alert::Kind::drill;
  open.progress.repeats = repeats ? escalation_for(open.alert).repeat : 0;
  begin_round(open, now);
  go_on(open, now, out);
}

void AlertBook::begin_round(Open open, WallTime now) {
  Progress& progress = open.progress;
  ++progress.round;
  progress.step = 0;
  progress.round_began = now;
  progress.remind_at.reset();
  progress.failed_calm.clear();
  std::erase_if(progress.told, [&](const auto& each) { return each.second.round < progress.round - 1; });
  std::erase_if(progress.failed, [&](const std::string& each) { return !progress.told.contains(each); });
}

// Does all that is due. What is late is done once and counts from now: a machine that slept does not ring three rounds.
void AlertBook::go_on(Open open, WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  while (alert.state == Alert::State::ringing) {
    const auto at = ringing_due(alert, progress);
    if (!at || *at > now) return;
    if (!progress.pending.empty() && progress.pending.front().at <= now) {
      Order order = std::move(progress.pending.front().order);
      progress.pending.erase(progress.pending.begin());
      tell(open, std::move(order), now, out);
      continue;
    }
    const Escalation escalation = escalation_for(alert);
    if (progress.step < escalation.steps.size()) {
      take_step(open, escalation, now, out);
    } else if (alert.kind == Alert::Kind::drill) {
      apply(open, Event::end, now, out);
    } else if (progress.repeats > 0) {
      --progress.repeats;
      begin_round(open, now);
    } else {
      remind(open, now, out);
    }
  }
}

void AlertBook::take_step(Open open, const Escalation& escalation, WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  const std::size_t step = progress.step++;
  progress.last_step_at = now;
  StepRecipients found = recipients_of(plan_, escalation, step, now);
  if (!found.gap.empty() && alert.gaps.size() < most_gaps && std::ranges::count(alert.gaps, found.gap) == 0) {
    alert.gaps.push_back(found.gap);
  }
  const bool gap = !found.gap.empty() && alert.kind == Alert::Kind::trouble;
  std::vector<Recipient> recipients = allowed_of(alert, std::move(found.recipients));
  if (recipients.empty() && !alert.heard.empty() && !reaches_our_own(alert, now)) {
    recipients = allowed_of(alert, everybody(plan_, {}, "outside parties have answered"));
  }
  order_all(open, gap ? Message::Kind::gap : kind_told(alert), step, std::move(recipients), now, out);
}

// At once, or when the contact's own time has come.
void AlertBook::order_all(Open open, Message::Kind kind, std::size_t step, std::vector<Recipient> recipients,
                          WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  for (Recipient& recipient : recipients) {
    const WallTime at = now + recipient.contact.after;
    Order order{alert.id, kind, std::move(recipient), progress.round, step};
    if (at <= now) {
      tell(open, std::move(order), now, out);
    } else {
      const auto place = std::ranges::upper_bound(progress.pending, at, {}, &Progress::Pending::at);
      progress.pending.insert(place, {at, std::move(order)});
    }
  }
}

// Whether a step of its escalation would tell somebody who is no outside party.
bool AlertBook::reaches_our_own(const Alert& alert, WallTime now) const {
  const Escalation escalation = escalation_for(alert);
  for (std::size_t step = 0; step < escalation.steps.size(); ++step) {
    const auto found = recipients_of(plan_, escalation, step, now).recipients;
    if (std::ranges::any_of(found, [](const Recipient& each) { return each.kind == Recipient::Kind::person; })) {
      return true;
    }
  }
  return false;
}

// Once a party has pressed a key, an escalation of outside parties would ring nobody, and nobody of ours would know.
void AlertBook::tell_our_own(Open open, const std::string& party, WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  const bool is_ringing = alert.state == Alert::State::ringing && alert.kind != Alert::Kind::drill;
  if (!is_ringing || reaches_our_own(alert, now)) return;
  const std::string why = fmt::format("{} has answered, and {} names nobody of yours", party, alert.escalation);
  if (alert.gaps.size() < most_gaps && std::ranges::count(alert.gaps, why) == 0) alert.gaps.push_back(why);
  // As a step of its own, behind those of the plan.
  order_all(open, kind_told(alert), escalation_for(alert).steps.size(), allowed_of(alert, everybody(plan_, {}, why)),
            now, out);
}

void AlertBook::next_step_at_once(Open open, WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  alert.quiet_until.reset();
  progress.expires_at.reset();
  const Escalation escalation = escalation_for(alert);
  if (progress.round < 0) begin_round(open, now);  // it was only shown until now
  if (progress.step < escalation.steps.size()) {
    progress.round_began = now - escalation.steps[progress.step].after;
  } else if (alert.kind != Alert::Kind::drill && progress.repeats > 0) {
    --progress.repeats;
    begin_round(open, now - escalation.steps.front().after);
  } else if (alert.kind != Alert::Kind::drill && rings(alert)) {
    progress.remind_at = now;
  }
  go_on(open, now, out);
}

void AlertBook::remind(Open open, WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  const Escalation escalation = escalation_for(alert);
  begin_round(open, now);
  progress.step = escalation.steps.size();
  progress.remind_at = now + at_least_a_second(plan_.remind_every);
  std::vector<std::string> reminded;
  const auto remind_each = [&](std::vector<Recipient> recipients) {
    for (Recipient& recipient : allowed_of(alert, std::move(recipients))) {
      const bool again = std::ranges::find(reminded, recipient.who) != reminded.end();
      if (again || recipient.kind == Recipient::Kind::outside_party) continue;
      reminded.push_back(recipient.who);
      tell(open, {alert.id, Message::Kind::reminder, std::move(recipient), progress.round, 0}, now, out);
    }
  };
  for (std::size_t step = 0; step < escalation.steps.size(); ++step) {
    remind_each(recipients_of(plan_, escalation, step, now).recipients);
  }
  // An escalation of outside parties, none of whom is reminded: then all of ours are.
  if (reminded.empty()) remind_each(everybody(plan_, {}, "nobody of the escalation can be reminded"));
}

void AlertBook::announce_over(Open open, WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  const auto recipients = std::exchange(progress.to_be_told_over, {});
  progress = Progress{.round = progress.round + 1};
  for (const Recipient& recipient : recipients) {
    tell(open, {alert.id, Message::Kind::over, recipient, progress.round, 0}, now, out);
  }
}

bool AlertBook::allowed(const Alert& alert, const Contact& contact) const {
  if (rings(alert)) return true;
  return alert.severity == "warning" && !is_loud(contact.channel);
}

std::vector<Recipient> AlertBook::allowed_of(const Alert& alert, std::vector<Recipient> recipients) const {
  std::erase_if(recipients, [&](const Recipient& recipient) {
    return !allowed(alert, recipient.contact) || std::ranges::count(alert.heard, recipient.who) > 0;
  });
  if (alert.kind != Alert::Kind::uplink) return recipients;
  std::vector<Recipient> surviving;
  std::ranges::copy_if(recipients, std::back_inserter(surviving), [&](const Recipient& recipient) {
    return std::ranges::count(plan_.without_uplink, recipient.contact.channel) > 0;
  });
  // Where none survives, the others are tried all the same: the verdict on the uplink may be wrong.
  return surviving.empty() ? recipients : surviving;
}

void AlertBook::tell(Open open, Order order, WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  // It was ordered under an earlier plan.
  if (!is_current(plan_, order.recipient)) {
    tell_one_of_theirs(open, order, Of::its_channel, now, out);
    return;
  }
  if (!progress.told.try_emplace(key(order), order).second) return;
  const Recipient& recipient = order.recipient;
  if (std::ranges::count(alert.told, recipient.who) == 0) alert.told.push_back(recipient.who);
  if (recipient.contact.channel == ChannelKind::call) alert.rang = true;
  if (order.kind != Message::Kind::over && order.kind != Message::Kind::drill) {
    const bool enough = std::ranges::any_of(progress.to_be_told_over, [&](const Recipient& each) {
      return same_contact(each, recipient) ||
             (each.who == recipient.who && is_loud(each.contact.channel) && is_loud(recipient.contact.channel));
    });
    if (!enough) progress.to_be_told_over.push_back(recipient);
  }
  out.push_back(std::move(order));
}

// By a contact that did not work nobody hears that it is over; by another one of theirs that did, they do.
void AlertBook::leave_out_of_the_end(Progress& progress, const Recipient& failed) {
  auto& list = progress.to_be_told_over;
  if (std::erase_if(list, [&](const Recipient& each) { return same_contact(each, failed); }) == 0) return;
  for (const auto& [key, order] : progress.told) {
    const bool other = order.recipient.who == failed.who && !same_contact(order.recipient, failed);
    const bool listed = std::ranges::any_of(list, [&](const Recipient& each) { return each.who == failed.who; });
    if (other && !listed && order.kind != Message::Kind::over && !progress.failed.contains(key)) {
      list.push_back(order.recipient);
    }
  }
}

void AlertBook::pass_on(Open open, const Order& failed, WallTime now, Orders& out) {
  tell_next_contact(open, failed, now, out);
  if (all_failed(open.progress, failed)) next_step_at_once(open, now, out);
}

void AlertBook::tell_next_contact(Open open, const Order& failed, WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  const auto waiting = std::ranges::find_if(progress.pending, [&](const Progress::Pending& pending) {
    return pending.order.recipient.who == failed.recipient.who && pending.order.round == failed.round &&
           pending.order.step == failed.step;
  });
  if (waiting != progress.pending.end()) {
    Order order = std::move(waiting->order);
    progress.pending.erase(waiting);
    tell(open, std::move(order), now, out);
    return;
  }
  tell_one_of_theirs(open, failed, Of::any_channel, now, out);
}

// By the first of their contacts by which they have not been told the same, nor are about to be. False: there is none.
bool AlertBook::tell_one_of_theirs(Open open, const Order& order, Of of, WallTime now, Orders& out) {
  auto& [alert, progress] = open;
  for (const Contact& contact : contacts_of(plan_, order.recipient.who, now)) {
    if (of == Of::its_channel && contact.channel != order.recipient.contact.channel) continue;
    Order other = order;
    other.recipient.contact = contact;
    const bool waits = std::ranges::any_of(
        progress.pending, [&](const Progress::Pending& pending) { return key(pending.order) == key(other); });
    const std::size_t before = out.size();
    if (allowed(alert, contact) && !waits) tell(open, std::move(other), now, out);
    if (out.size() > before) return true;
  }
  return false;
}

// Only of the step that was taken last, and not of the last one: all ways out may be dead, and a repeat waits its time.
bool AlertBook::all_failed(const Progress& progress, const Order& order) const {
  const Escalation escalation = escalation_for(alerts_.at(order.alert));
  const bool latest =
      order.round == progress.round && progress.step == order.step + 1 && progress.step < escalation.steps.size();
  if (!latest || order.kind == Message::Kind::reminder || order.kind == Message::Kind::over) return false;
  const auto of_the_step = [&](const Order& each) { return each.round == order.round && each.step == order.step; };
  return std::ranges::none_of(progress.pending,
                              [&](const Progress::Pending& pending) { return of_the_step(pending.order); }) &&
         std::ranges::all_of(progress.told, [&](const auto& each) {
           return !of_the_step(each.second) || progress.failed.contains(each.first);
         });
}

}  // namespace tenfold::oncall
