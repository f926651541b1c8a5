#include "oncall/escalate/open_alert.hpp"

#include <algorithm>
#include <utility>

#include "base/result.hpp"
#include "oncall/plain_text.hpp"

// What happens to one alert: troubles, people's acts, time; and the actions of the transition table.
namespace tenfold::oncall {
namespace {

constexpr std::size_t most_past = 1'000;
constexpr std::size_t most_name_bytes = 200;
constexpr std::size_t most_how_bytes = 1'000;

std::optional<WallTime> ringing_due(const Plan& plan, const Alert& alert, const Progress& progress) {
  const Escalation escalation = escalation_for(plan, alert);
  std::optional<WallTime> next;
  if (progress.step < escalation.steps.size()) {
    next = progress.round_began + escalation.steps[progress.step].after;
  } else if (alert.kind == Alert::Kind::drill || progress.repeats > 0) {
    next = progress.last_step_at + at_least_a_second(escalation.repeat_after);
  } else if (rings(alert)) {
    next = progress.remind_at.value_or(progress.last_step_at + at_least_a_second(plan.remind_every));
  }
  if (progress.pending.empty()) return next;
  const WallTime first = progress.pending.front().at;
  return next ? std::min(*next, first) : first;
}

Event wake_to(Alert::State rested_from) {
  switch (rested_from) {
    case Alert::State::acknowledged: return Event::wake_acknowledged;
    case Alert::State::silenced: return Event::wake_silenced;
    case Alert::State::ringing:
    case Alert::State::resting:
    case Alert::State::settling:
    case Alert::State::over: return Event::wake_ringing;
  }
  return Event::wake_ringing;
}

Event back_to(Alert::State before) {
  switch (before) {
    case Alert::State::acknowledged: return Event::back_acknowledged;
    case Alert::State::silenced: return Event::back_silenced;
    case Alert::State::ringing:
    case Alert::State::resting:
    case Alert::State::settling:
    case Alert::State::over: return Event::back_ringing;
  }
  return Event::back_ringing;
}

}  // namespace

bool rests(const Progress& progress, const std::string& who, int round) {
  const auto found = progress.resting.find(who);
  return found != progress.resting.end() && found->second >= round;
}

Duration at_least_a_second(Duration duration) { return std::max<Duration>(duration, std::chrono::seconds(1)); }

int severity_rank(std::string_view severity) { return severity == "critical" ? 2 : severity == "warning" ? 1 : 0; }

bool is_shown_only(std::string_view severity) { return severity_rank(severity) == 0; }

bool rings(const Alert& alert) { return alert.severity == "critical"; }

Escalation escalation_for(const Plan& plan, const Alert& alert) {
  Escalation escalation = escalation_of(plan, alert.escalation);
  if (escalation.steps.empty()) escalation.steps.emplace_back();  // reaches nobody: everybody is told
  return escalation;
}

std::optional<WallTime> due(const Plan& plan, const Alert& alert, const Progress& progress) {
  switch (alert.state) {
    case Alert::State::ringing: return ringing_due(plan, alert, progress);
    case Alert::State::acknowledged: return progress.expires_at;
    case Alert::State::silenced: return alert.quiet_until;
    case Alert::State::settling: return progress.settled_at;
    case Alert::State::resting:
    case Alert::State::over: return std::nullopt;
  }
  return std::nullopt;
}

// ---- Troubles ----

void OpenAlert::take_up(Trouble trouble, Comes comes) {
  const bool fresh = alert_.troubles.empty() && alert_.past.empty();
  std::erase(alert_.past, trouble.source);
  alert_.troubles.push_back(std::move(trouble));
  if (!fresh) alert_.joined_at = now_;
  progress_.end = Progress::End::told;
  if (alert_.state == Alert::State::settling) {
    apply(back_to(progress_.before));
  } else if (fresh && is_shown_only(alert_.severity)) {
    alert_.state = Alert::State::silenced;
  } else if (fresh) {
    ring_anew();
  } else if (comes == Comes::late) {
    apply(Event::expire);
  }
  if (alert_.state == Alert::State::resting) rest_or_wake();
}

void OpenAlert::rest_or_wake() {
  if (all_rest()) {
    apply(Event::rest);
  } else if (alert_.state == Alert::State::resting) {
    apply(wake_to(progress_.rested_from));
  }
}

bool OpenAlert::all_rest() const {
  return !alert_.troubles.empty() && std::ranges::all_of(alert_.troubles, [](const Trouble& trouble) {
    return trouble.rests == Trouble::Rests::yes;
  });
}

void OpenAlert::take_out(const std::string& source, News news) {
  const auto found = std::ranges::find(alert_.troubles, source, &Trouble::source);
  TENFOLD_ASSERT(found != alert_.troubles.end());
  alert_.troubles.erase(found);
  if (std::ranges::count(alert_.past, source) == 0 && alert_.past.size() < most_past) alert_.past.push_back(source);
  if (!alert_.troubles.empty()) return rest_or_wake();
  if (news == News::no) progress_.end = Progress::End::untold;
  apply(Event::calm);
}

// ---- People's acts ----

void OpenAlert::acknowledge(std::string by, std::string how, Alert::Means means) {
  by = plain(by, most_name_bytes);
  if (find_outside_party(plan_, by) != nullptr) {
    if (std::ranges::count(alert_.heard, by) == 0) alert_.heard.push_back(by);
    std::erase_if(progress_.pending, [&](const auto& pending) { return pending.order.recipient.who == by; });
    tell_our_own(by);
    return;
  }
  const Event event = alert_.kind == Alert::Kind::drill ? Event::answered : Event::acknowledge;
  if (find_transition(alert_.state, event) == nullptr) return;
  alert_.acknowledged_at = now_;
  note_answer(by, means);
  alert_.acknowledged_by = std::move(by);
  alert_.acknowledged_how = plain(how, most_how_bytes);
  alert_.acknowledged_by_means = means;
  apply(event);
}

void OpenAlert::escalate(const std::string& by) {
  std::erase_if(progress_.pending, [&](const auto& pending) { return pending.order.recipient.who == by; });
  if (is_shown_only(alert_.severity)) {  // somebody wants people to be told
    alert_.severity = "critical";
    apply(Event::expire);
    return;
  }
  apply(Event::escalate);
}

void OpenAlert::pass_on(const std::string& by) {
  const bool is_anothers = alert_.state == Alert::State::acknowledged && alert_.acknowledged_by != by;
  if (is_anothers || alert_.state == Alert::State::silenced) return;
  if (alert_.state == Alert::State::settling || alert_.state == Alert::State::resting) return give_back(by);
  // A reply that comes twice must not pass the next one over.
  const bool again = alert_.state == Alert::State::ringing && rests(progress_, by, progress_.round);
  if (again) return;
  leave_alone(by);
  apply(Event::pass_on);
  if (find_outside_party(plan_, by) != nullptr) tell_our_own(by);
}

// Nobody is rung at the moment. Should it go on, it is not theirs any more.
void OpenAlert::give_back(const std::string& by) {
  Alert::State& was = alert_.state == Alert::State::resting ? progress_.rested_from : progress_.before;
  if (was != Alert::State::acknowledged || alert_.acknowledged_by != by) return;
  was = Alert::State::ringing;
  progress_.expires_at.reset();
  progress_.interrupted = true;
}

void OpenAlert::silence(WallTime until) {
  if (until <= now_ || find_transition(alert_.state, Event::silence) == nullptr) return;
  apply(Event::silence);
  alert_.quiet_until = std::min(until, now_ + longest_silence);
}

// ---- What did not get through ----

// Nothing: it is not one of those that are told, or it is known already.
std::optional<Order> OpenAlert::note_failed(const Order& order) {
  const auto known = progress_.told.find(key(order));
  if (known == progress_.told.end() || !progress_.failed.insert(known->first).second) return std::nullopt;
  return known->second;
}

void OpenAlert::failed(const Order& order) {
  const auto mine = note_failed(order);
  if (!mine) return;
  if (mine->kind != Message::Kind::over) note_arrival(mine->recipient, Progress::Reached::Arrival::failed);
  // A mail that failed is no reason to wake somebody who has the end by SMS.
  if (mine->kind == Message::Kind::over && knows_of_the_end(mine->recipient.who)) return;
  if (mine->kind == Message::Kind::over || alert_.state == Alert::State::ringing) {
    tell_instead(*mine);
  } else if (alert_.state == Alert::State::settling && progress_.before == Alert::State::ringing) {
    progress_.failed_calm.push_back(key(*mine));
  }
}

void OpenAlert::moved(const Order& order) {
  const auto mine = note_failed(order);
  if (!mine) return;
  std::erase_if(progress_.reached, [&](const Progress::Reached& each) { return each.recipient == mine->recipient; });
  const bool wanted = mine->kind == Message::Kind::over || alert_.state == Alert::State::ringing;
  if (wanted && !tell_one_of_theirs(*mine, Of::its_channel)) tell_instead(*mine);
}

void OpenAlert::arrived(const Order& order) {
  progress_.failed.erase(key(order));
  if (order.kind == Message::Kind::over || order.kind == Message::Kind::drill) return;
  note_arrival(order.recipient, Progress::Reached::Arrival::arrived);
  const bool was_announced = alert_.state == Alert::State::over && progress_.end == Progress::End::told;
  if (!was_announced || knows_of_the_end(order.recipient.who)) return;
  tell({alert_.id, Message::Kind::over, order.recipient, progress_.round, 0});
}

// ---- Time ----

void OpenAlert::go_on() {
  for (auto at = due(plan_, alert_, progress_); at && *at <= now_; at = due(plan_, alert_, progress_)) {
    if (alert_.state == Alert::State::ringing) {
      go_on_ringing();
    } else {
      apply(Event::expire);
    }
  }
}

WallTime OpenAlert::seen() const {
  return std::max({alert_.began, progress_.round_began, progress_.last_step_at,
                   alert_.acknowledged_at.value_or(WallTime()), alert_.over_at.value_or(WallTime())});
}

void OpenAlert::bring_forward(Duration by) {
  progress_.round_began -= by;
  progress_.last_step_at -= by;
  for (auto* moment : {&progress_.remind_at, &progress_.expires_at, &progress_.settled_at}) {
    if (*moment) **moment -= by;
  }
  for (Progress::Pending& pending : progress_.pending) pending.at -= by;
  if (alert_.quiet_until) alert_.quiet_until = std::min(*alert_.quiet_until - by, now_ + longest_silence);
  if (alert_.replied_at) *alert_.replied_at -= by;
  // What has happened has happened by now: a restart would take it for what the clock is still to come to.
  alert_.began = std::min(alert_.began, now_);
  for (auto* moment : {&alert_.joined_at, &alert_.acknowledged_at, &alert_.over_at}) {
    if (*moment) *moment = std::min(**moment, now_);
  }
}

// ---- The transition table ----

void OpenAlert::apply(Event event) {
  const Transition* transition = find_transition(alert_.state, event);
  if (transition == nullptr) return;
  if (transition->action == Action::settle) {
    const bool rested = transition->from == Alert::State::resting;
    progress_.before = rested ? progress_.rested_from : transition->from;
  }
  if (transition->action == Action::rest) progress_.rested_from = transition->from;
  alert_.state = transition->to;
  act(transition->action);
}

void OpenAlert::act(Action action) {
  switch (action) {
    case Action::hold: hold(); return;
    case Action::hold_for:
      hold();
      if (rings(alert_)) progress_.expires_at = now_ + at_least_a_second(plan_.acknowledged_for);
      return;
    case Action::ring_anew: ring_anew(); return;
    case Action::next_step: next_step_at_once(); return;
    case Action::next_of_round: next_of_round(); return;
    case Action::settle:
      alert_.over_at = now_;
      progress_.settled_at = now_ + std::max(plan_.over_after, Duration::zero());
      return;
    case Action::note:
      (alert_.state == Alert::State::resting ? progress_.rested_from : progress_.before) = Alert::State::acknowledged;
      act(Action::hold_for);
      return;
    case Action::resume: resume(); return;
    case Action::rest: rest(); return;
    case Action::wake: return;
    case Action::announce: announce_over(); return;
    case Action::close:
      alert_.over_at = now_;
      progress_ = Progress{.round = progress_.round};
      return;
  }
}

void OpenAlert::hold() {
  alert_.quiet_until.reset();
  progress_.drop_what_is_under_way();
}

void OpenAlert::resume() {
  alert_.over_at.reset();
  progress_.settled_at.reset();
  if (alert_.state != Alert::State::ringing) return;
  // It was in maintenance from its beginning, or meanwhile.
  if (progress_.round < 0 || progress_.interrupted) return ring_anew();
  for (const std::string& key : std::exchange(progress_.failed_calm, {})) {
    if (const auto known = progress_.told.find(key); known != progress_.told.end()) tell_instead(Order(known->second));
  }
  go_on_ringing();
}

// When the acknowledgement or the silence ends stays known: it may end meanwhile.
void OpenAlert::rest() {
  if (progress_.rested_from == Alert::State::ringing) progress_.interrupted = true;
  progress_.pending.clear();
  progress_.failed_calm.clear();
  progress_.remind_at.reset();
}

}  // namespace tenfold::oncall
