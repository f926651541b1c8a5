#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "oncall/escalate/open_alert.hpp"

// The rounds of an alert's ringing: steps, repeats, reminders, the end.
namespace tenfold::oncall {
namespace {

constexpr std::size_t most_gaps = 100;

Message::Kind kind_told(const Alert& alert) {
  switch (alert.kind) {
    case Alert::Kind::drill: return Message::Kind::drill;
    case Alert::Kind::uplink: return Message::Kind::uplink;
    case Alert::Kind::trouble: return Message::Kind::alert;
  }
  return Message::Kind::alert;
}

}  // namespace

void OpenAlert::ring_anew() {
  alert_.quiet_until.reset();
  progress_.drop_what_is_under_way();
  if (all_rest()) return apply(Event::rest);
  const bool repeats = rings(alert_) && alert_.kind != Alert::Kind::drill;
  progress_.repeats = repeats ? escalation_for(plan_, alert_).repeat : 0;
  begin_round(now_);
  go_on_ringing();
}

void OpenAlert::begin_round(WallTime began) {
  ++progress_.round;
  progress_.step = 0;
  progress_.round_began = began;
  progress_.remind_at.reset();
  progress_.failed_calm.clear();
  progress_.interrupted = false;
  std::erase_if(progress_.resting, [&](const auto& each) { return each.second < progress_.round; });
  std::erase_if(progress_.told, [&](const auto& each) { return each.second.round < progress_.round - 1; });
  std::erase_if(progress_.failed, [&](const std::string& each) { return !progress_.told.contains(each); });
}

// Does all that is due. What is late is done once and counts from now: a machine that slept does not ring three rounds.
void OpenAlert::go_on_ringing() {
  while (alert_.state == Alert::State::ringing) {
    const auto at = due(plan_, alert_, progress_);
    if (!at || *at > now_) return;
    if (!progress_.pending.empty() && progress_.pending.front().at <= now_) {
      Order order = std::move(progress_.pending.front().order);
      progress_.pending.erase(progress_.pending.begin());
      tell(std::move(order));
      continue;
    }
    const Escalation escalation = escalation_for(plan_, alert_);
    if (progress_.step < escalation.steps.size()) {
      take_step(escalation);
    } else if (alert_.kind == Alert::Kind::drill) {
      apply(Event::end);
    } else if (progress_.repeats > 0) {
      --progress_.repeats;
      begin_round(now_);
    } else {
      remind();
    }
  }
}

void OpenAlert::take_step(const Escalation& escalation) {
  const std::size_t step = progress_.step++;
  progress_.last_step_at = now_;
  StepRecipients found = recipients_of(plan_, escalation, step, now_);
  if (!found.gap.empty()) note_gap(found.gap);
  const bool gap = !found.gap.empty() && alert_.kind == Alert::Kind::trouble;
  std::vector<Recipient> recipients = allowed_of(std::move(found.recipients));
  if (recipients.empty() && !alert_.heard.empty() && !reaches_our_own()) {
    recipients = allowed_of(everybody(plan_, {}, "outside parties have answered"));
  }
  const bool reaches_somebody = !recipients.empty();
  std::erase_if(recipients, [&](const Recipient& each) { return rests(progress_, each.who, progress_.round); });
  if (reaches_somebody && recipients.empty()) return skip_to_next_step(escalation);
  order_all(gap ? Message::Kind::gap : kind_told(alert_), step, std::move(recipients));
}

// The next step of this round is due; if there is none, the round ends when it would have.
void OpenAlert::skip_to_next_step(const Escalation& escalation) {
  if (progress_.step < escalation.steps.size()) progress_.round_began = now_ - escalation.steps[progress_.step].after;
}

// Somebody has passed it on: the others of this round are asked at once. Whoever has passed it on is not asked again
// until the next round, which comes when it would have come; otherwise a plan all of whom pass on would ring without
// end.
void OpenAlert::next_of_round() {
  alert_.quiet_until.reset();
  progress_.expires_at.reset();
  if (progress_.round < 0) begin_round(now_);
  skip_to_next_step(escalation_for(plan_, alert_));
  go_on_ringing();
}

void OpenAlert::next_step_at_once() {
  alert_.quiet_until.reset();
  progress_.expires_at.reset();
  const Escalation escalation = escalation_for(plan_, alert_);
  if (progress_.round < 0) begin_round(now_);  // it was only shown until now
  if (progress_.step < escalation.steps.size()) {
    progress_.round_began = now_ - escalation.steps[progress_.step].after;
  } else if (alert_.kind != Alert::Kind::drill && progress_.repeats > 0) {
    --progress_.repeats;
    begin_round(now_ - escalation.steps.front().after);
  } else if (alert_.kind != Alert::Kind::drill && rings(alert_)) {
    progress_.remind_at = now_;
  }
  go_on_ringing();
}

void OpenAlert::remind() {
  const Escalation escalation = escalation_for(plan_, alert_);
  begin_round(now_);
  progress_.step = escalation.steps.size();
  progress_.remind_at = now_ + at_least_a_second(plan_.remind_every);
  std::vector<std::string> reminded;  // or left alone
  const auto remind_each = [&](std::vector<Recipient> recipients) {
    for (Recipient& recipient : allowed_of(std::move(recipients))) {
      const bool again = std::ranges::find(reminded, recipient.who) != reminded.end();
      if (again || recipient.kind == Recipient::Kind::outside_party) continue;
      reminded.push_back(recipient.who);
      if (rests(progress_, recipient.who, progress_.round)) continue;
      tell({alert_.id, Message::Kind::reminder, std::move(recipient), progress_.round, 0});
    }
  };
  for (std::size_t step = 0; step < escalation.steps.size(); ++step) {
    remind_each(recipients_of(plan_, escalation, step, now_).recipients);
  }
  // An escalation of outside parties, none of whom is reminded: then all of ours are.
  if (reminded.empty()) remind_each(everybody(plan_, {}, "nobody of the escalation can be reminded"));
}

// Whether a step of its escalation would tell somebody who is no outside party.
bool OpenAlert::reaches_our_own() const {
  const Escalation escalation = escalation_for(plan_, alert_);
  for (std::size_t step = 0; step < escalation.steps.size(); ++step) {
    const auto found = recipients_of(plan_, escalation, step, now_).recipients;
    if (std::ranges::any_of(found, [](const Recipient& each) { return each.kind == Recipient::Kind::person; })) {
      return true;
    }
  }
  return false;
}

// Once a party has pressed a key, an escalation of outside parties would ring nobody, and nobody of ours would know.
void OpenAlert::tell_our_own(const std::string& party) {
  const bool is_ringing = alert_.state == Alert::State::ringing && alert_.kind != Alert::Kind::drill;
  if (!is_ringing || reaches_our_own()) return;
  const std::string why = fmt::format("{} has answered, and {} names nobody of yours", party, alert_.escalation);
  note_gap(why);
  // As a step of its own, behind those of the plan.
  order_all(kind_told(alert_), escalation_for(plan_, alert_).steps.size(), allowed_of(everybody(plan_, {}, why)));
}

void OpenAlert::note_gap(const std::string& why) {
  if (alert_.gaps.size() < most_gaps && std::ranges::count(alert_.gaps, why) == 0) alert_.gaps.push_back(why);
}

}  // namespace tenfold::oncall
