#include "oncall/service/desk.hpp"

#include <algorithm>
#include <chrono>

#include "base/log.hpp"
#include "oncall/escalate/act_outcomes.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

constexpr Duration clock_slack = 2s;  // so much back is a clock that is being kept right: time stands still for it

}  // namespace

Desk::Desk(Parts parts, Plan plan)
    : parts_(std::move(parts)),
      book_(std::move(plan)),
      outbox_({.clock = parts_.clock,
               .random = parts_.random,
               .channels = parts_.channels,
               .need = [this](const Order& order) { return need(order); },
               .message = [this](const Order& order) { return parts_.message(order); },
               .about_uplink = [this](const Order& order) { return about_uplink(order); },
               .reported = [this] { parts_.happened(); }}),
      last_wall_(parts_.clock.wall_now()),
      last_steady_(parts_.clock.now()) {}

// ---- What happens ----

void Desk::replace_plan(Plan plan) { book_.replace_plan(std::move(plan)); }
void Desk::trouble(Trouble trouble) { add(book_.trouble(std::move(trouble), wall())); }
void Desk::over(const std::string& source) { add(book_.over(source, wall())); }
void Desk::drill(const std::string& escalation) { add(book_.drill(escalation, wall())); }
void Desk::escalate(std::int64_t alert, const std::string& by) { add(book_.escalate(alert, by, wall())); }
void Desk::silence(std::int64_t alert, WallTime until) { add(book_.silence(alert, until, wall())); }

void Desk::add(const std::vector<Order>& orders) {
  outbox_.add(orders);
  book_changed_ = true;
}

ActOutcome Desk::acknowledge(std::int64_t alert, const std::string& by, const std::string& how, Alert::Means means) {
  const WallTime now = wall();
  const auto before = seen_before_act(book_, alert, by);
  add(book_.acknowledge(alert, by, how, now, means));
  ActOutcome outcome = outcome_of_acknowledging(book_, alert, before, by);
  using ActKind = ActOutcome::Kind;
  const bool counts = outcome.kind == ActKind::taken || outcome.kind == ActKind::drill_passed ||
                      outcome.kind == ActKind::theirs_if_it_comes_back || outcome.kind == ActKind::party_notes ||
                      outcome.kind == ActKind::party_is_noted;
  if (counts) ++acknowledged_total_;
  return outcome;
}

ActOutcome Desk::pass_on(std::int64_t alert, const std::string& by) {
  const WallTime now = wall();
  const auto before = seen_before_act(book_, alert, by);
  const auto orders = book_.pass_on(alert, by, now);
  add(orders);
  return outcome_of_passing_on(book_, alert, before, by, orders, now);
}

// It ends: each order fails and arrives once a try, and the book's next tick is later.
void Desk::decide() {
  while (true) {
    auto acts = outbox_.take_acts();
    const auto failed = outbox_.take_failed();
    const auto moved = outbox_.take_moved();
    const auto arrived = outbox_.take_arrived();
    for (Outbox::Act& each : acts) act(std::move(each));
    const auto changed = [&](const Order& order) { on_disk_.erase(order.alert); };  // it may be over: written once more
    for (const Order& order : failed) changed(order), add(book_.failed(order, wall()));
    for (const Order& order : moved) changed(order), add(book_.moved(order, wall()));
    for (const Order& order : arrived) changed(order), add(book_.arrived(order, wall()));
    tick();
    outbox_.begin_due();
    if (!outbox_.has_news()) return;
  }
}

void Desk::tick() {
  const WallTime now = wall();
  const auto next = book_.next_tick();
  if (!next || *next > now) return;
  add(book_.tick(now));
  outbox_.forget([&](std::int64_t alert) { return !book_.alerts().contains(alert); });
}

void Desk::act(Outbox::Act act) {
  const Recipient& who = act.order.recipient;
  const bool takes = act.kind == Outbox::Act::Kind::acknowledge;
  const bool on_a_call = who.contact.channel == ChannelKind::call;
  const auto means = on_a_call ? Alert::Means::call : Alert::Means::elsewhere;
  ActOutcome outcome =
      takes ? acknowledge(act.order.alert, who.who, act.how, means) : pass_on(act.order.alert, who.who);
  if (act.answer) answers_.emplace_back(std::move(act.answer), std::move(outcome));
}

void Desk::answer_acts(ActOutcome::Kept kept) {
  for (auto& [answer, outcome] : std::exchange(answers_, {})) {
    outcome.kept = kept;
    answer(outcome);
  }
}

std::optional<TimePoint> Desk::next_due() {
  std::optional<TimePoint> next = outbox_.next_due();
  const WallTime now = wall();
  if (const auto tick = book_.next_tick()) {
    const TimePoint at = parts_.clock.now() + std::max<Duration>(*tick - now, 0ns);
    next = next ? std::min(*next, at) : at;
  }
  return next;
}

// ---- What an alert says of a send ----

Need Desk::need(const Order& order) const {
  const Need need = need_of_alert(order);
  return need == Need::now && !is_current(book_.plan(), order.recipient) ? Need::moved : need;
}

Need Desk::need_of_alert(const Order& order) const {
  const auto found = book_.alerts().find(order.alert);
  if (found == book_.alerts().end()) return Need::never;
  if (order.kind == Message::Kind::over) return Need::now;
  const Alert& alert = found->second;
  if (std::ranges::find(alert.heard, order.recipient.who) != alert.heard.end()) return Need::never;
  if (book_.is_passed_on(order)) return Need::never;
  switch (alert.state) {
    case Alert::State::ringing: return Need::now;
    case Alert::State::settling: return Need::later;
    case Alert::State::acknowledged:
    case Alert::State::silenced:
    case Alert::State::resting:
    case Alert::State::over: break;
  }
  return Need::never;
}

// Its reminders too; that it is over goes by any channel again.
bool Desk::about_uplink(const Order& order) const {
  const auto found = book_.alerts().find(order.alert);
  return found != book_.alerts().end() && found->second.kind == Alert::Kind::uplink &&
         order.kind != Message::Kind::over;
}

// ---- The disk ----

// Alerts that are over do not change any more, and are left out once they are on the disk as such.
std::shared_ptr<const Ledger::Page> Desk::next_page() const {
  const auto made = std::make_shared<Ledger::Page>();
  Ledger::Page& page = *made;
  for (const Send* send : outbox_.unwritten()) page.sends.push_back(*send);
  page.gone_sends.assign(outbox_.gone().begin(), outbox_.gone().end());
  if (!book_changed_) return made;
  page.book = book_.save_book();
  for (const auto& [id, alert] : book_.alerts()) {
    const auto written = on_disk_.find(id);
    const bool is_there = written != on_disk_.end() && written->second == Alert::State::over;
    if (!is_there || alert.state != Alert::State::over) page.alerts.emplace_back(id, book_.save_alert(id));
  }
  for (const auto& [id, state] : on_disk_) {
    if (!book_.alerts().contains(id)) page.gone_alerts.push_back(id);
  }
  return made;
}

bool Desk::is_empty(const Ledger::Page& page) {
  return page.book.empty() && page.sends.empty() && page.gone_sends.empty();
}

void Desk::note_written(const Ledger::Page& page) {
  for (const auto& [id, saved] : page.alerts) on_disk_[id] = book_.alerts().at(id).state;
  for (const std::int64_t id : page.gone_alerts) on_disk_.erase(id);
  book_changed_ = false;
  outbox_.written();
}

// Anew, but not forgotten: what the book has let go of meanwhile is still to be deleted there.
void Desk::write_all() {
  outbox_.write_all();
  for (auto& [id, state] : on_disk_) state = Alert::State::ringing;
  book_changed_ = true;
}

Result<void> Desk::take_up(Ledger::Kept kept) {
  if (!kept.book.book.empty()) {
    auto earlier = AlertBook::load(book_.plan(), kept.book);
    if (!earlier) return std::unexpected(earlier.error());
    earlier->go_on_from(wall());
    book_.take_in(std::move(*earlier));
  }
  outbox_.restore(std::move(kept.sends));
  // Rows whose alert is no more: off the disk too.
  outbox_.forget([&](std::int64_t alert) { return !book_.alerts().contains(alert); });
  return {};
}

// Where the clock is set back, what waits for a moment is brought forward by as much, or nobody would be rung for so
// long. Set forward it looks as if the machine had slept: what is late by it is done at once.
WallTime Desk::wall() {
  const TimePoint steady = parts_.clock.now();
  const WallTime clock = parts_.clock.wall_now();
  const Duration set_back = last_wall_ + (steady - last_steady_) - clock;
  last_steady_ = steady;
  if (set_back <= clock_slack) return last_wall_ = std::max(last_wall_, clock);
  log::warn("on call: the clock was set back by {} s",
            std::chrono::duration_cast<std::chrono::seconds>(set_back).count());
  book_.clock_set_back(set_back, clock);
  book_changed_ = true;
  return last_wall_ = clock;
}

}  // namespace tenfold::oncall
