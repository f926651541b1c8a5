#include "oncall/escalate/alert_book.hpp"

#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

#include "oncall/plain_text.hpp"

// Which alert something happens to. OpenAlert has what the alert does about it.
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

}  // namespace

AlertBook::AlertBook(Plan plan) : plan_(std::move(plan)) {}

void AlertBook::replace_plan(Plan plan) { plan_ = std::move(plan); }

OpenAlert AlertBook::at(Alert& alert, WallTime now, Orders& out) {
  return {plan_, alert, progress_[alert.id], now, out};
}

template <class Happens>
AlertBook::Orders AlertBook::to_open(std::int64_t id, WallTime now, Happens happens) {
  Orders out;
  const auto found = alerts_.find(id);
  if (found != alerts_.end() && found->second.state != Alert::State::over) happens(at(found->second, now, out));
  return out;
}

template <class Happens>
AlertBook::Orders AlertBook::to_any(std::int64_t id, WallTime now, Happens happens) {
  Orders out;
  if (const auto found = alerts_.find(id); found != alerts_.end()) happens(at(found->second, now, out));
  return out;
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
  if (state == Alert::State::resting) state = progress_.at(alert.id).rested_from;
  // Who is being rung hears of it with the next call. A warning is told only once: what comes later is told anew.
  if (state == Alert::State::ringing && alert.severity == "critical") return true;
  const bool soon = now - alert.joined_at.value_or(alert.began) <= grouping && now - alert.began <= longest_grouping;
  return is_shown_only(alert.severity) || soon;
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
    if (severity_rank(alert.severity) < severity_rank(trouble.severity) &&
        (!least || severity_rank(alert.severity) <= severity_rank(least->severity))) {
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
  if (Alert* const open = open_with(trouble.source)) {
    const auto known = std::ranges::find(open->troubles, trouble.source, &Trouble::source);
    if (known->severity == trouble.severity && known->escalation == trouble.escalation &&
        known->about == trouble.about) {
      known->what = trouble.what;
      if (std::exchange(known->rests, trouble.rests) != trouble.rests) at(*open, now, out).rest_or_wake();
      return out;
    }
    // Worse or better than it was: it goes on in another alert, so that its end in this one is no news.
    at(*open, now, out).take_out(trouble.source, OpenAlert::News::no);
  }
  Alert* const alert = alert_for(trouble, now);
  if (alert == nullptr) return out;
  const auto comes = takes_up(*alert, trouble, now) ? OpenAlert::Comes::in_time : OpenAlert::Comes::late;
  at(*alert, now, out).take_up(std::move(trouble), comes);
  return out;
}

Alert* AlertBook::open_with(const std::string& source) {
  for (auto& [id, alert] : alerts_) {
    const bool has = std::ranges::find(alert.troubles, source, &Trouble::source) != alert.troubles.end();
    if (alert.state != Alert::State::over && has) return &alert;
  }
  return nullptr;
}

std::vector<Order> AlertBook::over(const std::string& source, WallTime now) {
  Orders out;
  const std::string cleaned = plain(source, most_source_bytes);
  if (Alert* const open = open_with(cleaned)) at(*open, now, out).take_out(cleaned, OpenAlert::News::yes);
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
  at(alert, now, out).begin_drill();
  return out;
}

std::vector<Order> AlertBook::acknowledge(std::int64_t id, std::string by, std::string how, WallTime now,
                                          Alert::Means means) {
  return to_open(id, now, [&](OpenAlert alert) { alert.acknowledge(std::move(by), std::move(how), means); });
}

std::vector<Order> AlertBook::escalate(std::int64_t id, const std::string& by, WallTime now) {
  return to_open(id, now, [&](OpenAlert alert) { alert.escalate(by); });
}

std::vector<Order> AlertBook::pass_on(std::int64_t id, const std::string& by, WallTime now) {
  return to_open(id, now, [&](OpenAlert alert) { alert.pass_on(by); });
}

void AlertBook::note_reply(std::int64_t id, WallTime moment) {
  const auto found = alerts_.find(id);
  if (found == alerts_.end()) return;
  found->second.replied_at = std::max(found->second.replied_at.value_or(moment), moment);
}

std::vector<Order> AlertBook::silence(std::int64_t id, WallTime until, WallTime now) {
  return to_open(id, now, [&](OpenAlert alert) { alert.silence(until); });
}

std::vector<Order> AlertBook::failed(const Order& order, WallTime now) {
  return to_any(order.alert, now, [&](OpenAlert alert) { alert.failed(order); });
}

std::vector<Order> AlertBook::moved(const Order& order, WallTime now) {
  return to_any(order.alert, now, [&](OpenAlert alert) { alert.moved(order); });
}

std::vector<Order> AlertBook::arrived(const Order& order, WallTime now) {
  return to_any(order.alert, now, [&](OpenAlert alert) { alert.arrived(order); });
}

bool AlertBook::is_passed_on(const Order& order) const {
  const auto found = progress_.find(order.alert);
  return found != progress_.end() && order.kind != Message::Kind::over &&
         rests(found->second, order.recipient.who, order.round);
}

bool AlertBook::has_passed_on(std::int64_t alert, const std::string& who) const {
  const auto found = progress_.find(alert);
  return found != progress_.end() && rests(found->second, who, found->second.round);
}

std::vector<Order> AlertBook::tick(WallTime now) {
  Orders out;
  for (auto& [id, alert] : alerts_) {
    if (alert.state != Alert::State::over) at(alert, now, out).go_on();
  }
  forget_old();
  return out;
}

std::optional<WallTime> AlertBook::next_tick() const {
  std::optional<WallTime> first;
  for (const auto& [id, alert] : alerts_) {
    if (alert.state == Alert::State::over) continue;
    const auto moment = due(plan_, alert, progress_.at(id));
    if (moment && (!first || *moment < *first)) first = moment;
  }
  return first;
}

std::optional<WallTime> AlertBook::next_tick(std::int64_t alert) const {
  const auto found = alerts_.find(alert);
  return found == alerts_.end() ? std::nullopt : due(plan_, found->second, progress_.at(alert));
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
      progress = Progress{.round = progress.round, .end = Progress::End::untold};
    }
    alerts_.emplace(id, std::move(alert));
  }
}

void AlertBook::go_on_from(WallTime now) {
  Orders none;
  for (auto& [id, alert] : alerts_) {
    if (alert.state == Alert::State::over) continue;
    OpenAlert open = at(alert, now, none);
    open.bring_forward(std::max<Duration>(open.seen() - now, Duration::zero()));
  }
}

void AlertBook::clock_set_back(Duration by, WallTime now) {
  Orders none;
  for (auto& [id, alert] : alerts_) {
    if (alert.state == Alert::State::over) continue;
    at(alert, now, none).bring_forward(by);
  }
}

void AlertBook::forget_old() {
  std::size_t over = alerts_.size() - count_open();
  for (auto each = alerts_.begin(); each != alerts_.end() && over > most_over;) {
    if (each->second.state != Alert::State::over) {
      ++each;
      continue;
    }
    progress_.erase(each->first);
    each = alerts_.erase(each);
    --over;
  }
}

}  // namespace tenfold::oncall
