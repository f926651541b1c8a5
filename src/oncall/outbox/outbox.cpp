#include "oncall/outbox/outbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <tuple>

#include "base/log.hpp"

// What is to be tried, when, and by which channel. reports.cpp has what becomes of a try.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_gone = 50'000;  // what is left on the disk beyond it is deleted when it is read next
constexpr Duration slack = 5s;             // a channel's own time-out comes first

bool same_way(const Recipient& a, const Recipient& b) {
  return a.who == b.who && a.contact.channel == b.contact.channel && a.contact.to == b.contact.to;
}

}  // namespace

Outbox::Outbox(Parts parts) : parts_(std::move(parts)) {}

std::vector<Channel*> Outbox::ways(const Order& order) const {
  std::vector<Channel*> found;
  for (const auto& channel : parts_.channels) {
    if (channel->kind() == order.recipient.contact.channel) found.push_back(channel.get());
  }
  if (parts_.about_uplink && parts_.about_uplink(order)) {
    std::ranges::stable_partition(found, [](const Channel* channel) { return channel->survives_uplink(); });
  }
  return found;
}

Channel* Outbox::way_of(const Send& send) const {
  const auto all = ways(send.order);
  if (send.by.empty()) return all.empty() ? nullptr : all.front();
  const auto found = std::ranges::find(all, send.by, &Channel::name);
  return found == all.end() ? nullptr : *found;
}

void Outbox::due_at(TimePoint moment) { next_due_ = next_due_ ? std::min(*next_due_, moment) : moment; }

Outbox::Row& Outbox::insert(Send send) {
  const TimePoint now = parts_.clock.now();
  const Duration age = std::clamp<Duration>(parts_.clock.wall_now() - send.created_at, Duration::zero(), longest_age);
  Row row{.number = ++last_, .send = std::move(send), .due = now, .too_old_at = now + longest_age - age};
  by_key_.emplace(row.send.key, last_);
  by_alert_[row.send.order.alert].insert(last_);
  if (!is_final(row.send.state)) open_.insert(last_);
  return rows_.emplace(last_, std::move(row)).first->second;
}

void Outbox::add(const std::vector<Order>& orders) {
  for (const Order& order : orders) {
    std::string key = oncall::key(order);
    if (by_key_.contains(key)) continue;
    if (open_.size() >= most_open) {
      if (++unkept_ == 1) log::error("on call: {} sends wait: no further ones are kept", open_.size());
      continue;
    }
    replace_older(order);
    const bool is_news = order.kind != Message::Kind::over || is_news_to(order);
    Row& row = insert({.key = std::move(key), .order = order, .created_at = parts_.clock.wall_now()});
    unwritten_.insert(row.number);
    ++total_;
    if (!is_news) apply(row, SendEvent::unneeded, "was never told of the trouble");
    auto& of_the_alert = by_alert_[order.alert];
    const auto oldest =
        std::ranges::find_if(of_the_alert, [&](Number number) { return is_final(rows_.at(number).send.state); });
    if (of_the_alert.size() > most_of_an_alert && oldest != of_the_alert.end()) erase(*oldest);
  }
}

// One that still waits for its try says nothing that the newer one does not.
void Outbox::replace_older(const Order& order) {
  const auto found = by_alert_.find(order.alert);
  if (found == by_alert_.end()) return;
  for (const Number number : found->second) {
    Row& row = rows_.at(number);
    if (row.send.state == SendState::pending && row.send.order.round < order.round &&
        same_way(row.send.order.recipient, order.recipient)) {
      apply(row, SendEvent::unneeded, "a newer one takes its place");
    }
  }
}

// Whoever was to be told, but never was, need not hear that it is over.
bool Outbox::is_news_to(const Order& over) const {
  const auto found = by_alert_.find(over.alert);
  if (found == by_alert_.end()) return true;
  bool ordered = false;
  for (const Number number : found->second) {
    const Send& send = rows_.at(number).send;
    if (send.order.recipient.who != over.recipient.who) continue;
    if (send.attempts > 0) return true;
    ordered = true;
  }
  return !ordered;
}

void Outbox::restore(std::vector<Send> sends) {
  const TimePoint now = parts_.clock.now();
  const WallTime wall = parts_.clock.wall_now();
  for (Send& send : sends) {
    if (by_key_.contains(send.key)) continue;
    Row& row = insert(std::move(send));
    const Send& restored = row.send;
    if (restored.state == SendState::sending) apply(row, SendEvent::lost, "was under way when the program ended");
    if (restored.state == SendState::unsure) row.asked = Row::Asked::wanted;
    if (restored.state == SendState::sent) {
      if (wall - restored.tried_at.value_or(WallTime()) < outcome_within) {
        row.asked = Row::Asked::wanted;
      } else {
        open_.erase(row.number);
      }
    }
    if (restored.state == SendState::pending && restored.next_try_at) {
      row.due = now + std::clamp<Duration>(*restored.next_try_at - wall, 0s, longest_pause);
    }
  }
}

// False: the state does not know that event.
bool Outbox::apply(Row& row, SendEvent event, std::string_view detail) {
  const auto to = next_state(row.send.state, event);
  if (!to) return false;
  if (*to == SendState::failed) ++failed_total_;
  row.send.state = *to;
  row.send.changed_at = parts_.clock.wall_now();
  if (!detail.empty()) row.send.detail = detail;
  if (*to != SendState::pending) row.send.next_try_at.reset();
  if (*to == SendState::unsure) row.asked = Row::Asked::wanted;
  if (is_final(*to)) {
    open_.erase(row.number);
  } else {
    open_.insert(row.number);
  }
  unwritten_.insert(row.number);
  return true;
}

void Outbox::begin_due() {
  next_due_.reset();
  std::vector<Row*> to_begin;
  for (const Number number : std::vector<Number>(open_.begin(), open_.end())) look_at(rows_.at(number), to_begin);
  begin(std::move(to_begin));
}

void Outbox::look_at(Row& row, std::vector<Row*>& to_begin) {
  const TimePoint now = parts_.clock.now();
  if (row.send.state == SendState::sending && row.due <= now) apply(row, SendEvent::lost, "no word of it came");
  if (row.send.state == SendState::unsure && row.asked == Row::Asked::wanted &&
      parts_.need(row.send.order) == Need::never) {
    apply(row, SendEvent::unneeded, "nobody knows whether it arrived, and it is not needed any more");
    return;
  }
  if (row.asked == Row::Asked::wanted) ask(row);
  if (row.asked == Row::Asked::yes && row.due <= now) {
    on_first_answer_to_find(row, {.state = Report::State::unknown, .detail = "no word of it came"});
  }
  if (row.send.state == SendState::pending) return look_at_pending(row, to_begin);
  if (row.send.state == SendState::sent && row.due <= now) {
    open_.erase(row.number);  // no outcome will come any more
  } else if (!is_final(row.send.state)) {
    due_at(row.due);
  }
}

void Outbox::look_at_pending(Row& row, std::vector<Row*>& to_begin) {
  const Need need = parts_.need(row.send.order);
  if (need == Need::never) {
    apply(row, SendEvent::unneeded, "not needed any more");
  } else if (need == Need::moved) {
    apply(row, SendEvent::unneeded, "the configuration does not have this contact any more");
    moved_.push_back(row.send.order);
  } else if (!tries_left(row)) {
    give_up(row, row.send.detail.empty() ? "was not tried in time" : row.send.detail);
  } else if (need == Need::now && row.due <= parts_.clock.now()) {
    to_begin.push_back(&row);
  } else if (need == Need::now) {
    due_at(row.due);
  }
}

void Outbox::ask(Row& row) {
  if (way_of(row.send) == nullptr) {
    row.asked = Row::Asked::yes;
    on_first_answer_to_find(row, {.state = Report::State::unknown,
                                  .detail = fmt::format("the channel {} is not configured any more", row.send.by)});
    return;
  }
  row.asked = Row::Asked::yes;
  row.due = parts_.clock.now() + answer_within + slack;
  begun_.push_back({row.number, Doing::find});
}

// What says that it is over waits behind what says that something is wrong.
void Outbox::begin(std::vector<Row*> rows) {
  const auto rank = [](const Row* row) {
    return std::tuple(row->send.order.kind == Message::Kind::over, row->due, row->number);
  };
  std::ranges::sort(rows, {}, rank);
  const TimePoint now = parts_.clock.now();
  for (Row* const row : rows) {
    Send& send = row->send;
    Channel* channel = way_of(send);
    if (channel == nullptr && !send.by.empty()) send.by.clear(), channel = way_of(send);
    if (channel == nullptr) {
      give_up(*row, fmt::format("no channel for {} is configured", name(send.order.recipient.contact.channel)));
      continue;
    }
    if (const auto paced = next_by_pace_.find(channel); paced != next_by_pace_.end() && paced->second > now) {
      due_at(paced->second);
      continue;
    }
    next_by_pace_[channel] = now + channel->pace();
    send.by = channel->name();
    send.tried_at = parts_.clock.wall_now();
    send.provider_id.clear();
    ++send.attempts;
    row->due = now + answer_within + slack;
    row->asked = Row::Asked::no;
    apply(*row, SendEvent::begin, {});
    due_at(row->due);
    begun_.push_back({row->number, Doing::send});
  }
}

void Outbox::start_begun() {
  for (const Begun& begun : std::exchange(begun_, {})) {
    const auto found = rows_.find(begun.number);
    if (found == rows_.end()) continue;
    // Copied: a report may come at once and change the row.
    const Send send = found->second.send;
    Channel* const channel = way_of(send);
    if (channel == nullptr) continue;
    const std::string& to = send.order.recipient.contact.to;
    if (begun.doing == Doing::send) {
      channel->send(to, parts_.message(send.order), send.key, answer_within, reporter(found->second, Doing::send));
    } else {
      channel->find(to, send.key, send.provider_id, send.tried_at.value_or(send.created_at),
                    reporter(found->second, Doing::find));
    }
  }
}

std::vector<const Send*> Outbox::unwritten() const {
  std::vector<const Send*> sends;
  for (const Number number : unwritten_) sends.push_back(&rows_.at(number).send);
  return sends;
}

void Outbox::write_all() {
  for (const auto& [number, row] : rows_) unwritten_.insert(number);
}

void Outbox::erase(Number number) {
  const auto found = rows_.find(number);
  const Send& send = found->second.send;
  gone_.push_back(send.key);
  if (gone_.size() > most_gone) gone_.pop_front();
  by_key_.erase(send.key);
  if (const auto alert = by_alert_.find(send.order.alert); alert != by_alert_.end()) {
    alert->second.erase(number);
    if (alert->second.empty()) by_alert_.erase(alert);
  }
  open_.erase(number);
  unwritten_.erase(number);
  rows_.erase(found);
}

void Outbox::forget(const std::function<bool(std::int64_t)>& is_forgotten) {
  std::vector<Number> numbers;
  for (const auto& [alert, of_it] : by_alert_) {
    if (is_forgotten(alert)) numbers.insert(numbers.end(), of_it.begin(), of_it.end());
  }
  for (const Number number : numbers) erase(number);
}

void Outbox::visit(const std::function<void(const Send&)>& see) const {
  for (const auto& [number, row] : rows_) see(row.send);
}

}  // namespace tenfold::oncall
