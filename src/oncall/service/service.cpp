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
      journal_(setup_.clock, setup_.store_file, setup_.store_largest_bytes),
      desk_({.clock = setup_.clock,
             .random = random_,
             .channels = channels_,
             .message = [this](const Order& order) { return message(order); },
             .happened = [this] { want_turn(); }},
            std::move(plan)),
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
  hand_in([this, plan = std::move(plan)] { desk_.replace_plan(plan); });
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
  if (earlier_ == Earlier::unread && !journal_.error().empty())
    desk_.book().number_from(seconds_since_1970(desk_.wall()));
  for (Inbox::News& news : inbox_.fetch()) {
    if (news.trouble) {
      over_meanwhile_.erase(news.source);
      desk_.trouble(std::move(*news.trouble));
      continue;
    }
    const bool unread = earlier_ == Earlier::unread && !journal_.in_memory_only();
    if (unread && over_meanwhile_.size() < most_over_meanwhile) over_meanwhile_.insert(news.source);
    desk_.over(news.source);
  }
}

void Service::drill(std::string escalation) {
  hand_in([this, escalation = std::move(escalation)] { desk_.drill(escalation); });
}

void Service::acknowledge(std::int64_t alert, std::string by, std::string how) {
  hand_in([this, alert, by = std::move(by), how = std::move(how)] {
    desk_.acknowledge(alert, by, how, Alert::Means::elsewhere);
  });
}

void Service::escalate(std::int64_t alert, std::string by) {
  hand_in([this, alert, by = std::move(by)] { desk_.escalate(alert, by); });
}

void Service::silence(std::int64_t alert, WallTime until) {
  hand_in([this, alert, until] { desk_.silence(alert, until); });
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
  desk_.decide();
  write_down();
  desk_.answer_acts(journal_.error().empty() ? ActOutcome::Kept::on_disk : ActOutcome::Kept::in_memory);
  show_new_alerts();
  desk_.start_begun();
  view_outdated_ = true;
  publish();
  wait_for_next();
}

void Service::open_journal() {
  if (journal_.open() != Journal::Opening::opened) return;
  if (earlier_ == Earlier::unread) {
    auto kept = journal_.read();
    if (!kept) return journal_.close(kept.error());
    if (!take_up(std::move(*kept))) return;
  }
  desk_.write_all();  // whatever the file lacks now, it gets
}

// False: the file's content is not understood. It is not overwritten, then.
bool Service::take_up(Ledger::Kept kept) {
  if (auto taken = desk_.take_up(std::move(kept)); !taken) {
    journal_.close(taken.error());
    return false;
  }
  earlier_ = Earlier::read;
  for (const std::string& source : std::exchange(over_meanwhile_, {})) desk_.over(source);
  return true;
}

void Service::write_down() {
  const auto page = desk_.next_page();
  if (Desk::is_empty(*page)) return;
  if (journal_.write(page) == Journal::Writing::done) desk_.note_written(*page);
}

void Service::wait_for_next() {
  std::optional<TimePoint> next = desk_.next_due();
  if (const auto retry = journal_.retry_at()) next = next ? std::min(*next, *retry) : *retry;
  poller_->cancel(wakeup_);
  wakeup_ = next ? poller_->at(*next, [this] { turn(); }) : 0;
}

// Before anybody is told of one: who opens the link at once must find it.
void Service::show_new_alerts() {
  const auto& alerts = desk_.book().alerts();
  if (!alerts.empty() && alerts.rbegin()->first > newest_shown_) render();
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
  desk_.listen();
  view_outdated_ = false;
  published_at_ = setup_.clock.now();
  const auto& alerts = desk_.book().alerts();
  if (!alerts.empty()) newest_shown_ = alerts.rbegin()->first;
  auto view = std::make_shared<const View>(make_view());
  view_.with([&](auto& shown) { shown.swap(view); });
}

View Service::make_view() const {
  View view{.from_memory = !journal_.error().empty(),
            .store_error = journal_.error(),
            .sends_total = desk_.outbox().total(),
            .sends_failed_total = desk_.outbox().failed_total(),
            .acknowledged_total = desk_.acknowledged_total()};
  for (const auto& channel : channels_) view.channels.emplace_back(channel->name());
  const auto show = [&](const Alert& alert) {
    if (view.alerts.size() < most_shown_alerts) view.alerts.push_back({alert, {}});
  };
  for (const auto& [id, alert] : desk_.book().alerts() | std::views::reverse) {
    if (alert.state != Alert::State::over) show(alert);
  }
  for (const auto& [id, alert] : desk_.book().alerts() | std::views::reverse) {
    if (alert.state == Alert::State::over) show(alert);
  }
  std::map<std::int64_t, AlertView*> by_number;
  for (AlertView& each : view.alerts) by_number[each.alert.id] = &each;
  desk_.outbox().visit([&](const Send& send) {
    const auto found = by_number.find(send.order.alert);
    if (found != by_number.end()) found->second->sends.push_back(view_of(send));
  });
  return view;
}

Message Service::message(const Order& order) const {
  const Wording wording{
      .plan = desk_.book().plan(),
      .link_url = setup_.link_url,
      .link_secret = setup_.link_secret,
      .note = note(order.recipient.language),
      .open_alerts = desk_.book().count_open() > 1 ? Wording::OpenAlerts::several : Wording::OpenAlerts::one};
  const auto& alerts = desk_.book().alerts();
  const auto found = alerts.find(order.alert);
  TENFOLD_ASSERT(found != alerts.end());  // need() has just found it
  return make_message(wording, found->second, order, setup_.clock.wall_now());
}

std::string Service::note(Language language) const {
  if (journal_.error().empty()) return {};
  if (!setup_.cannot_write_note.empty()) return fmt::format("{} ({})", setup_.cannot_write_note, journal_.error());
  return fmt::format(fmt::runtime(phrases(language).from_memory), journal_.error());
}

}  // namespace tenfold::oncall
