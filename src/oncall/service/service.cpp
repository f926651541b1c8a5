#include "oncall/service/service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/log.hpp"
#include "base/thread.hpp"
#include "oncall/words/message.hpp"
#include "oncall/words/phrases.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_over_meanwhile = 10'000;
constexpr std::size_t most_shown_alerts = 200;
constexpr Duration shown_within = 100ms;
constexpr Duration clock_slack = 2s;  // so much back is a clock that is being kept right: time stands still for it

std::int64_t seconds_since_1970(WallTime at) {
  return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}

SendView view_of(const Send& send) {
  return {.key = send.key,
          .alert = send.order.alert,
          .kind = send.order.kind,
          .who = send.order.recipient.who,
          .channel = send.order.recipient.contact.channel,
          .to = send.order.recipient.contact.to,
          .by = send.attempts == 0 ? std::string() : send.by,
          .state = std::string(name(send.state)),
          .attempts = send.attempts,
          .created_at = send.created_at,
          .changed_at = send.changed_at,
          .next_try_at = send.next_try_at,
          .provider_id = send.provider_id,
          .detail = send.detail,
          .trouble = send.trouble};
}

}  // namespace

Result<std::unique_ptr<OnCall>> OnCall::make(Setup setup, Plan plan) {
  auto poller = transfer::Poller::make(setup.clock);
  if (!poller) return std::unexpected(poller.error());
  auto channels = setup.make_channels(**poller);
  if (!channels) return std::unexpected(channels.error());
  return std::make_unique<Service>(std::move(setup), std::move(plan), std::move(*poller), std::move(*channels));
}

Service::Service(Setup setup, Plan plan, std::unique_ptr<transfer::Poller> poller, Channels channels)
    : setup_(std::move(setup)),
      poller_(std::move(poller)),
      channels_(std::move(channels)),
      random_(entropy_seed()),
      book_(std::move(plan)),
      journal_(setup_.clock, setup_.store_file, setup_.store_largest_bytes),
      outbox_({.clock = setup_.clock,
               .random = random_,
               .channels = channels_,
               .need = [this](const Order& order) { return need(order); },
               .message = [this](const Order& order) { return message(order); },
               .about_uplink = [this](const Order& order) { return about_uplink(order); },
               .reported = [this] { want_turn(); }}),
      last_wall_(setup_.clock.wall_now()),
      last_steady_(setup_.clock.now()),
      view_(std::make_shared<const View>(make_view())) {}

// What was handed in before is done and written down; what is under way then is asked for at the next start.
Service::~Service() {
  if (!thread_.joinable()) return;
  if (!poller_->post([this] { poller_->stop(); })) poller_->stop();
  thread_.join();
}

Result<void> Service::start() {
  TENFOLD_ASSERT(!thread_.joinable());
  auto thread = start_thread("the thread that rings", [this] { run(); });
  if (!thread) return std::unexpected(thread.error());
  thread_ = std::move(*thread);
  return {};
}

void Service::run() {
  turn();
  poller_->run();
}

void Service::hand_in(transfer::Poller::Task task) {
  const bool taken = poller_->post([this, task = std::move(task)] {
    task();
    want_turn();
  });
  if (!taken) log::error("on call: too much waits for its thread; an act is lost");
}

void Service::replace_plan(Plan plan) {
  hand_in([this, plan = std::move(plan)] { book_.replace_plan(plan); });
}

// A post that is not taken is no loss: each of those that wait before it leads to a turn, which fetches the news.
void Service::tell(Inbox::News news) {
  if (inbox_.put(std::move(news)) == Inbox::Put::first) poller_->post([this] { want_turn(); });
}

void Service::trouble(Trouble trouble) {
  std::string source = trouble.source;
  tell({std::move(source), std::move(trouble)});
}

void Service::over(std::string source) { tell({std::move(source), {}}); }

void Service::fetch_news() {
  // Numbers of alerts that begin unread must not meet those in the file.
  if (earlier_ == Earlier::unread && !journal_.error().empty()) book_.number_from(seconds_since_1970(wall()));
  for (Inbox::News& news : inbox_.fetch()) {
    if (news.trouble) {
      over_meanwhile_.erase(news.source);
      add(book_.trouble(std::move(*news.trouble), wall()));
      continue;
    }
    const bool unread = earlier_ == Earlier::unread && !journal_.in_memory_only();
    if (unread && over_meanwhile_.size() < most_over_meanwhile) over_meanwhile_.insert(news.source);
    add(book_.over(news.source, wall()));
  }
}

void Service::drill(std::string escalation) {
  hand_in([this, escalation = std::move(escalation)] { add(book_.drill(escalation, wall())); });
}

void Service::acknowledge(std::int64_t alert, std::string by, std::string how) {
  hand_in([this, alert, by = std::move(by), how = std::move(how)] {
    acknowledged(alert, by, how, Alert::Means::elsewhere);
  });
}

void Service::escalate(std::int64_t alert, std::string by) {
  hand_in([this, alert, by = std::move(by)] { add(book_.escalate(alert, by, wall())); });
}

void Service::silence(std::int64_t alert, WallTime until) {
  hand_in([this, alert, until] { add(book_.silence(alert, until, wall())); });
}

void Service::acknowledged(std::int64_t alert, const std::string& by, const std::string& how, Alert::Means means) {
  const auto state = [&] {
    const auto found = book_.alerts().find(alert);
    return found == book_.alerts().end() ? std::pair<std::optional<WallTime>, std::size_t>()
                                         : std::pair(found->second.acknowledged_at, found->second.heard.size());
  };
  const auto before = state();
  add(book_.acknowledge(alert, by, how, wall(), means));
  if (state() != before) ++acknowledged_total_;
}

void Service::add(const std::vector<Order>& orders) {
  outbox_.add(orders);
  book_changed_ = true;
}

// Many pieces of news make one turn, and one transaction.
void Service::want_turn() {
  if (std::exchange(turn_wanted_, true)) return;
  poller_->at(setup_.clock.now(), [this] { turn(); });
}

void Service::turn() {
  turn_wanted_ = false;
  open_journal();
  fetch_news();
  decide();
  write_down();
  show_new_alerts();
  outbox_.start_begun();
  view_outdated_ = true;
  publish();
  wait_for_next();
}

// Until nothing follows from anything any more. It ends: each order fails once, and the book's next tick is later.
void Service::decide() {
  while (true) {
    const auto acts = outbox_.take_acts();
    const auto failed = outbox_.take_failed();
    const auto moved = outbox_.take_moved();
    for (const Outbox::Act& each : acts) act(each);
    for (const Order& order : failed) {
      on_disk_.erase(order.alert);  // it may be over, and is to be written once more
      add(book_.failed(order, wall()));
    }
    for (const Order& order : moved) {
      on_disk_.erase(order.alert);
      add(book_.moved(order, wall()));
    }
    tick();
    outbox_.begin_due();
    if (!outbox_.has_news()) return;
  }
}

void Service::tick() {
  const WallTime now = wall();
  const auto next = book_.next_tick();
  if (!next || *next > now) return;
  add(book_.tick(now));
  outbox_.forget([&](std::int64_t alert) { return !book_.alerts().contains(alert); });
}

void Service::act(const Outbox::Act& act) {
  const Recipient& who = act.order.recipient;
  if (act.kind == Outbox::Act::Kind::acknowledge) {
    const bool on_a_call = who.contact.channel == ChannelKind::call;
    return acknowledged(act.order.alert, who.who, act.how, on_a_call ? Alert::Means::call : Alert::Means::elsewhere);
  }
  add(book_.pass_on(act.order.alert, act.order.recipient.who, wall()));
}

void Service::open_journal() {
  if (journal_.open() != Journal::Opening::opened) return;
  if (earlier_ == Earlier::unread) {
    auto kept = journal_.read();
    if (!kept) return journal_.close(kept.error());
    if (!take_up(std::move(*kept))) return;
  }
  // Whatever the file lacks now, it gets.
  outbox_.write_all();
  // Anew, but not forgotten: what the book has let go of meanwhile is still to be deleted there.
  for (auto& [id, state] : on_disk_) state = Alert::State::ringing;
  book_changed_ = true;
}

// False: the file's content is not understood. It is not overwritten, then.
bool Service::take_up(Ledger::Kept kept) {
  if (!kept.book.book.empty()) {
    auto earlier = AlertBook::load(book_.plan(), kept.book);
    if (!earlier) {
      journal_.close(earlier.error());
      return false;
    }
    earlier->go_on_from(wall());
    book_.take_in(std::move(*earlier));
  }
  outbox_.restore(std::move(kept.sends));
  // Rows whose alert is no more: off the disk too.
  outbox_.forget([&](std::int64_t alert) { return !book_.alerts().contains(alert); });
  earlier_ = Earlier::read;
  for (const std::string& source : std::exchange(over_meanwhile_, {})) add(book_.over(source, wall()));
  return true;
}

void Service::write_down() {
  const auto page = next_page();
  if (!book_changed_ && page->sends.empty() && page->gone_sends.empty()) return;
  if (journal_.write(page) != Journal::Writing::done) return;
  note_written(*page);
}

// Alerts that are over do not change any more, and are left out once they are on the disk as such.
std::shared_ptr<const Ledger::Page> Service::next_page() const {
  const auto made = std::make_shared<Ledger::Page>();
  Ledger::Page& page = *made;
  for (const Send* send : outbox_.unwritten()) page.sends.push_back(*send);
  page.gone_sends.assign(outbox_.gone().begin(), outbox_.gone().end());
  if (!book_changed_ || journal_.in_memory_only()) return made;
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

void Service::note_written(const Ledger::Page& page) {
  for (const auto& [id, saved] : page.alerts) on_disk_[id] = book_.alerts().at(id).state;
  for (const std::int64_t id : page.gone_alerts) on_disk_.erase(id);
  book_changed_ = false;
  outbox_.written();
}

void Service::wait_for_next() {
  std::optional<TimePoint> next = outbox_.next_due();
  const auto sooner = [&](TimePoint moment) { next = next ? std::min(*next, moment) : moment; };
  const WallTime now = wall();
  if (const auto tick = book_.next_tick()) sooner(setup_.clock.now() + std::max<Duration>(*tick - now, 0ns));
  if (const auto retry = journal_.retry_at()) sooner(*retry);
  poller_->cancel(wakeup_);
  wakeup_ = next ? poller_->at(*next, [this] { turn(); }) : 0;
}

// Before anybody is told of one: who opens the link at once must find it.
void Service::show_new_alerts() {
  if (!book_.alerts().empty() && book_.alerts().rbegin()->first > newest_shown_) render();
}

// Rendered at most ten times a second, however much happens; but for new alerts.
void Service::publish() {
  if (!view_outdated_) return;
  const TimePoint now = setup_.clock.now();
  if (published_at_ != TimePoint() && now < published_at_ + shown_within) {
    poller_->at(published_at_ + shown_within, [this] { publish(); });
    return;
  }
  render();
}

void Service::render() {
  listen();
  view_outdated_ = false;
  published_at_ = setup_.clock.now();
  if (!book_.alerts().empty()) newest_shown_ = book_.alerts().rbegin()->first;
  auto view = std::make_shared<const View>(make_view());
  view_.with([&](auto& shown) { shown.swap(view); });
}

View Service::make_view() const {
  View view{.from_memory = !journal_.error().empty(),
            .store_error = journal_.error(),
            .sends_total = outbox_.total(),
            .sends_failed_total = outbox_.failed_total(),
            .acknowledged_total = acknowledged_total_};
  for (const auto& channel : channels_) view.channels.emplace_back(channel->name());
  const auto show = [&](const Alert& alert) {
    if (view.alerts.size() < most_shown_alerts) view.alerts.push_back({alert, {}});
  };
  for (const auto& [id, alert] : book_.alerts() | std::views::reverse) {
    if (alert.state != Alert::State::over) show(alert);
  }
  for (const auto& [id, alert] : book_.alerts() | std::views::reverse) {
    if (alert.state == Alert::State::over) show(alert);
  }
  std::map<std::int64_t, AlertView*> by_number;
  for (AlertView& each : view.alerts) by_number[each.alert.id] = &each;
  outbox_.visit([&](const Send& send) {
    const auto found = by_number.find(send.order.alert);
    if (found != by_number.end()) found->second->sends.push_back(view_of(send));
  });
  return view;
}

Need Service::need(const Order& order) const {
  const Need need = need_of_alert(order);
  return need == Need::now && !is_current(book_.plan(), order.recipient) ? Need::moved : need;
}

Need Service::need_of_alert(const Order& order) const {
  const auto found = book_.alerts().find(order.alert);
  if (found == book_.alerts().end()) return Need::never;
  if (order.kind == Message::Kind::over) return Need::now;
  const Alert& alert = found->second;
  if (std::ranges::find(alert.heard, order.recipient.who) != alert.heard.end()) return Need::never;
  switch (alert.state) {
    case Alert::State::ringing: return Need::now;
    case Alert::State::settling: return Need::later;
    case Alert::State::acknowledged:
    case Alert::State::silenced:
    case Alert::State::over: break;
  }
  return Need::never;
}

// Its reminders too; that it is over goes by any channel again.
bool Service::about_uplink(const Order& order) const {
  const auto found = book_.alerts().find(order.alert);
  return found != book_.alerts().end() && found->second.kind == Alert::Kind::uplink &&
         order.kind != Message::Kind::over;
}

Message Service::message(const Order& order) const {
  const Wording wording{
      .plan = book_.plan(),
      .link_url = setup_.link_url,
      .link_secret = setup_.link_secret,
      .note = note(order.recipient.language),
      .open_alerts = book_.count_open() > 1 ? Wording::OpenAlerts::several : Wording::OpenAlerts::one};
  const auto found = book_.alerts().find(order.alert);
  TENFOLD_ASSERT(found != book_.alerts().end());  // need() has just found it
  return make_message(wording, found->second, order, setup_.clock.wall_now());
}

std::string Service::note(Language language) const {
  if (journal_.error().empty()) return {};
  if (!setup_.cannot_write_note.empty()) return fmt::format("{} ({})", setup_.cannot_write_note, journal_.error());
  return fmt::format(fmt::runtime(phrases(language).from_memory), journal_.error());
}

// The time of day. Where the clock is set back, what waits for a moment is brought forward by as much, or nobody would
// be rung for so long. Set forward it looks as if the machine had slept: what is late by it is done at once.
WallTime Service::wall() {
  const TimePoint steady = setup_.clock.now();
  const WallTime clock = setup_.clock.wall_now();
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
