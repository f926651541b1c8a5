#include "oncall/escalate/alert_book.hpp"

#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

#include "oncall/plain_text.hpp"

// What happens to the book: troubles, people's acts, time. ringing.cpp has what an alert does about it.
namespace tenfold::oncall {
namespace {

constexpr std::size_t most_source_bytes = 200;
constexpr std::size_t most_what_bytes = 1'000;

bool is_in(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

Alert::Kind kind_of(const Trouble& trouble) {
  return trouble.about == Trouble::About::uplink ? Alert::Kind::uplink : Alert::Kind::trouble;
}

int rank(const std::string& severity) { return severity == "critical" ? 2 : severity == "warning" ? 1 : 0; }

bool is_shown_only(const std::string& severity) { return rank(severity) == 0; }

}  // namespace

AlertBook::AlertBook(Plan plan) : plan_(std::move(plan)) {}

void AlertBook::replace_plan(Plan plan) { plan_ = std::move(plan); }

std::optional<AlertBook::Open> AlertBook::open(std::int64_t id) {
  const auto alert = alerts_.find(id);
  if (alert == alerts_.end() || alert->second.state == Alert::State::over) return std::nullopt;
  return Open{alert->second, progress_[id]};
}

std::size_t AlertBook::count_open() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      alerts_ | std::views::values, [](const Alert& alert) { return alert.state != Alert::State::over; }));
}

Alert& AlertBook::add(Alert alert) {
  alert.id = next_id_++;
  progress_.emplace(alert.id, Progress());
  return alerts_.emplace(alert.id, std::move(alert)).first->second;
}

bool AlertBook::takes_up(const Alert& alert, const Trouble& trouble, WallTime now) const {
  if (alert.kind != kind_of(trouble) || alert.escalation != trouble.escalation || alert.severity != trouble.severity ||
      alert.troubles.size() >= most_troubles) {
    return false;
  }
  Alert::State state = alert.state;
  if (state == Alert::State::over) return false;
  if (state == Alert::State::settling) {
    if (is_in(alert.past, trouble.source)) return true;
    state = progress_.at(alert.id).before;
  }
  // Who is being rung hears of it with the next call. A warning is told only once: what comes later is told anew.
  if (state == Alert::State::ringing && alert.severity == "critical") return true;
  return is_shown_only(alert.severity) || now - alert.began <= grouping;
}

Alert* AlertBook::alert_for(const Trouble& trouble, WallTime now) {
  for (auto& [id, alert] : alerts_ | std::views::reverse) {
    if (takes_up(alert, trouble, now)) return &alert;
  }
  if (count_open() < most_open) {
    return &add(
        {.kind = kind_of(trouble), .escalation = trouble.escalation, .severity = trouble.severity, .began = now});
  }
  return make_room_for(trouble, now);
}

// Where the book is full: the newest alert of the same kind and severity, which rings anew; or the place of the oldest
// that is less severe.
Alert* AlertBook::make_room_for(const Trouble& trouble, WallTime now) {
  Alert* least = nullptr;
  for (auto& [id, alert] : alerts_ | std::views::reverse) {
    if (alert.state == Alert::State::over || alert.kind == Alert::Kind::drill) continue;
    const bool fits = alert.kind == kind_of(trouble) && alert.severity == trouble.severity;
    if (fits && alert.troubles.size() < most_troubles) return &alert;
    if (rank(alert.severity) < rank(trouble.severity) && (!least || rank(alert.severity) <= rank(least->severity))) {
      least = &alert;
    }
  }
  if (least == nullptr) return nullptr;
  progress_.erase(least->id);
  alerts_.erase(least->id);
  return &add({.kind = kind_of(trouble), .escalation = trouble.escalation, .severity = trouble.severity, .began = now});
}

std::vector<Order> AlertBook::trouble(Trouble trouble, WallTime now) {
  Orders out;
  trouble.source = plain(trouble.source, most_source_bytes);
  trouble.what = plain(trouble.what, most_what_bytes);
  trouble.severity = plain(trouble.severity, most_source_bytes);
  trouble.escalation = escalation_of(plan_, trouble.escalation).name;
  for (auto& [id, alert] : alerts_) {
    const auto known = std::ranges::find(alert.troubles, trouble.source, &Trouble::source);
    if (alert.state == Alert::State::over || known == alert.troubles.end()) continue;
    if (known->severity == trouble.severity && known->escalation == trouble.escalation &&
        known->about == trouble.about) {
      known->what = trouble.what;
      return out;
    }
    // Worse or better than it was: it goes on in another alert, so that its end in this one is no news.
    take_out(trouble.source, News::no, now, out);
    break;
  }
  Alert* const alert = alert_for(trouble, now);
  if (alert == nullptr) return out;
  const bool fits = takes_up(*alert, trouble, now);
  const bool fresh = alert->troubles.empty() && alert->past.empty();
  std::erase(alert->past, trouble.source);
  alert->troubles.push_back(std::move(trouble));
  const Open opened{*alert, progress_[alert->id]};
  if (alert->state == Alert::State::settling) {
    const auto before = opened.progress.before;
    apply(opened,
          before == Alert::State::acknowledged ? Event::back_acknowledged
          : before == Alert::State::silenced   ? Event::back_silenced
                                               : Event::back_ringing,
          now, out);
  } else if (fresh && is_shown_only(alert->severity)) {
    alert->state = Alert::State::silenced;
  } else if (fresh) {
    ring_anew(opened, now, out);
  } else if (!fits) {
    apply(opened, Event::expire, now, out);
  }
  return out;
}

void AlertBook::take_out(const std::string& source, News news, WallTime now, Orders& out) {
  for (auto& [id, alert] : alerts_) {
    const auto found = std::ranges::find(alert.troubles, source, &Trouble::source);
    if (alert.state == Alert::State::over || found == alert.troubles.end()) continue;
    alert.troubles.erase(found);
    if (!is_in(alert.past, source) && alert.past.size() < most_troubles) alert.past.push_back(source);
    if (!alert.troubles.empty()) return;
    const Open opened{alert, progress_[id]};
    if (news == News::no) opened.progress.to_be_told_over.clear();
    apply(opened, Event::calm, now, out);
    return;
  }
}

std::vector<Order> AlertBook::over(const std::string& source, WallTime now) {
  Orders out;
  take_out(plain(source, most_source_bytes), News::yes, now, out);
  return out;
}

std::vector<Order> AlertBook::drill(const std::string& escalation, WallTime now) {
  Orders out;
  const std::string name = escalation_of(plan_, escalation).name;
  const bool under_way = std::ranges::any_of(alerts_ | std::views::values, [&](const Alert& alert) {
    return alert.kind == Alert::Kind::drill && alert.state != Alert::State::over && alert.escalation == name;
  });
  if (under_way || count_open() >= most_open) return out;
  Alert& alert = add({.kind = Alert::Kind::drill, .escalation = name, .severity = "critical", .began = now});
  ring_anew({alert, progress_[alert.id]}, now, out);
  return out;
}

std::vector<Order> AlertBook::acknowledge(std::int64_t id, std::string by, std::string how, WallTime now,
                                          Alert::Means means) {
  Orders out;
  const auto found = open(id);
  if (!found) return out;
  Alert& alert = found->alert;
  by = plain(by, most_source_bytes);
  if (find_outside_party(plan_, by) != nullptr) {
    if (!is_in(alert.heard, by)) alert.heard.push_back(by);
    std::erase_if(found->progress.pending, [&](const auto& pending) { return pending.order.recipient.who == by; });
    tell_our_own(*found, by, now, out);
    return out;
  }
  const Event event = alert.kind == Alert::Kind::drill ? Event::answered : Event::acknowledge;
  if (find_transition(alert.state, event) == nullptr) return out;
  alert.acknowledged_at = now;
  alert.acknowledged_by = std::move(by);
  alert.acknowledged_how = plain(how, most_what_bytes);
  alert.acknowledged_by_means = means;
  apply(*found, event, now, out);
  return out;
}

std::vector<Order> AlertBook::escalate(std::int64_t id, const std::string& by, WallTime now) {
  Orders out;
  const auto found = open(id);
  if (!found) return out;
  std::erase_if(found->progress.pending, [&](const auto& pending) { return pending.order.recipient.who == by; });
  if (is_shown_only(found->alert.severity)) {  // somebody wants people to be told
    found->alert.severity = "critical";
    apply(*found, Event::expire, now, out);
    return out;
  }
  apply(*found, Event::escalate, now, out);
  return out;
}

std::vector<Order> AlertBook::pass_on(std::int64_t id, const std::string& by, WallTime now) {
  const auto found = open(id);
  if (!found) return {};
  const Alert& alert = found->alert;
  const bool is_anothers = alert.state == Alert::State::acknowledged && alert.acknowledged_by != by;
  if (is_anothers || alert.state == Alert::State::silenced) return {};
  Orders out = escalate(id, by, now);
  if (find_outside_party(plan_, by) != nullptr) tell_our_own(*found, by, now, out);
  return out;
}

void AlertBook::note_reply(std::int64_t id, WallTime at) {
  const auto found = alerts_.find(id);
  if (found != alerts_.end()) found->second.replied_at = std::max(found->second.replied_at.value_or(at), at);
}

std::vector<Order> AlertBook::silence(std::int64_t id, WallTime until, WallTime now) {
  Orders out;
  const auto found = open(id);
  if (!found || until <= now || find_transition(found->alert.state, Event::silence) == nullptr) return out;
  apply(*found, Event::silence, now, out);
  found->alert.quiet_until = std::min(until, now + longest_silence);
  return out;
}

// Nothing: it is not one of those that are told, or it is known already.
std::optional<Order> AlertBook::note_failed(Open open, const Order& order) {
  const auto known = open.progress.told.find(key(order));
  if (known == open.progress.told.end() || !open.progress.failed.insert(known->first).second) return std::nullopt;
  return known->second;
}

std::vector<Order> AlertBook::failed(const Order& order, WallTime now) {
  Orders out;
  const auto alert = alerts_.find(order.alert);
  const auto progress = progress_.find(order.alert);
  if (alert == alerts_.end() || progress == progress_.end()) return out;
  const Open found{alert->second, progress->second};
  const auto mine = note_failed(found, order);
  if (!mine) return out;
  leave_out_of_the_end(found.progress, mine->recipient);
  const Alert::State state = alert->second.state;
  if (mine->kind == Message::Kind::over || state == Alert::State::ringing) {
    pass_on(found, *mine, now, out);
  } else if (state == Alert::State::settling && found.progress.before == Alert::State::ringing) {
    found.progress.failed_calm.push_back(key(*mine));
  }
  return out;
}

std::vector<Order> AlertBook::moved(const Order& order, WallTime now) {
  Orders out;
  const auto alert = alerts_.find(order.alert);
  const auto progress = progress_.find(order.alert);
  if (alert == alerts_.end() || progress == progress_.end()) return out;
  const Open found{alert->second, progress->second};
  const auto mine = note_failed(found, order);
  if (!mine) return out;
  std::erase_if(found.progress.to_be_told_over, [&](const Recipient& each) { return each == mine->recipient; });
  const bool wanted = mine->kind == Message::Kind::over || alert->second.state == Alert::State::ringing;
  if (wanted && !tell_one_of_theirs(found, *mine, Of::its_channel, now, out)) pass_on(found, *mine, now, out);
  return out;
}

std::vector<Order> AlertBook::tick(WallTime now) {
  Orders out;
  for (auto& [id, alert] : alerts_) {
    if (alert.state == Alert::State::over) continue;
    const Open found{alert, progress_[id]};
    for (auto at = due(alert, found.progress); at && *at <= now; at = due(alert, found.progress)) {
      if (alert.state == Alert::State::ringing) {
        go_on(found, now, out);
      } else {
        apply(found, Event::expire, now, out);
      }
    }
  }
  forget_old();
  return out;
}

std::optional<WallTime> AlertBook::next_tick() const {
  std::optional<WallTime> first;
  for (const auto& [id, alert] : alerts_) {
    if (alert.state == Alert::State::over) continue;
    const auto at = due(alert, progress_.at(id));
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

void AlertBook::take_in(AlertBook earlier) {
  next_id_ = std::max(next_id_, earlier.next_id_);
  std::set<std::string> wrong;
  for (const auto& [id, alert] : alerts_) {
    if (alert.state == Alert::State::over) continue;
    for (const Trouble& trouble : alert.troubles) wrong.insert(trouble.source);
  }
  for (auto& [id, alert] : earlier.alerts_) {
    if (alerts_.contains(id)) continue;
    const bool had = !alert.troubles.empty();
    std::erase_if(alert.troubles, [&](const Trouble& trouble) { return wrong.contains(trouble.source); });
    Progress& progress = progress_[id] = std::move(earlier.progress_.at(id));
    if (alert.state != Alert::State::over && had && alert.troubles.empty()) {
      alert.state = Alert::State::over;  // without a word: it is not
      progress = Progress{.round = progress.round};
    }
    alerts_.emplace(id, std::move(alert));
  }
}

void AlertBook::go_on_from(WallTime now) {
  for (auto& [id, alert] : alerts_) {
    if (alert.state == Alert::State::over) continue;
    Progress& progress = progress_[id];
    const WallTime seen = std::max({alert.began, progress.round_began, progress.last_step_at,
                                    alert.acknowledged_at.value_or(WallTime()), alert.over_at.value_or(WallTime())});
    bring_forward({alert, progress}, std::max<Duration>(seen - now, Duration::zero()), now);
  }
}

void AlertBook::bring_forward(Open open, Duration by, WallTime now) {
  auto& [alert, progress] = open;
  progress.round_began -= by;
  progress.last_step_at -= by;
  for (auto* moment : {&progress.remind_at, &progress.expires_at, &progress.settled_at}) {
    if (*moment) **moment -= by;
  }
  for (Progress::Pending& pending : progress.pending) pending.at -= by;
  if (alert.quiet_until) alert.quiet_until = std::min(*alert.quiet_until - by, now + longest_silence);
  if (alert.replied_at) *alert.replied_at -= by;
}

void AlertBook::clock_set_back(Duration by, WallTime now) {
  for (auto& [id, alert] : alerts_) {
    if (alert.state == Alert::State::over) continue;
    alert.began = std::min(alert.began, now);  // what joins it is measured by it
    bring_forward({alert, progress_[id]}, by, now);
  }
}

void AlertBook::forget_old() {
  std::size_t over = alerts_.size() - count_open();
  for (auto at = alerts_.begin(); at != alerts_.end() && over > most_over;) {
    if (at->second.state != Alert::State::over) {
      ++at;
      continue;
    }
    progress_.erase(at->first);
    at = alerts_.erase(at);
    --over;
  }
}

}  // namespace tenfold::oncall
