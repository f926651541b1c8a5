#include "oncall/outbox/outbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <tuple>

#include "base/log.hpp"

// What is to be tried, when, and by which channel. SendRow has what becomes of a try.
namespace tenfold::oncall {
namespace {

constexpr std::size_t most_gone = 50'000;  // what is left on the disk beyond it is deleted when it is read next

bool same_way(const Recipient& a, const Recipient& b) {
  return a.who == b.who && a.contact.channel == b.contact.channel && a.contact.to == b.contact.to;
}

}  // namespace

Outbox::Outbox(Parts parts)
    : parts_(std::move(parts)), around_{parts_.clock, parts_.random, [this](const Order& order) {
                                          std::vector<std::string> names;
                                          for (const Channel* each : ways(order)) names.emplace_back(each->name());
                                          return names;
                                        }} {}

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

SendRow& Outbox::insert(Send send) {
  const Number number = ++last_;
  by_key_.emplace(send.key, number);
  by_alert_[send.order.alert].insert(number);
  return rows_.try_emplace(number, number, std::move(send), around_).first->second;
}

// Takes over what a step has changed.
void Outbox::settle(SendRow& row) {
  const auto changes = row.changes();
  if (changes.unwritten) unwritten_.insert(row.number());
  if (changes.failed) ++failed_total_;
  if (changes.to_tell) failed_.push_back(row.send().order);
  if (changes.arrived) arrived_.push_back(row.send().order);
  if (row.waits()) {
    open_.insert(row.number());
  } else {
    open_.erase(row.number());
  }
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
    SendRow& row = insert({.key = std::move(key), .order = order, .created_at = parts_.clock.wall_now()});
    unwritten_.insert(row.number());
    ++total_;
    if (!is_news) row.drop("was never told of the trouble");
    settle(row);
    auto& of_the_alert = by_alert_[order.alert];
    const auto oldest =
        std::ranges::find_if(of_the_alert, [&](Number number) { return is_final(rows_.at(number).send().state); });
    if (of_the_alert.size() > most_of_an_alert && oldest != of_the_alert.end()) erase(*oldest);
  }
}

// One that still waits for its try says nothing that the newer one does not.
void Outbox::replace_older(const Order& order) {
  const auto found = by_alert_.find(order.alert);
  if (found == by_alert_.end()) return;
  for (const Number number : found->second) {
    SendRow& row = rows_.at(number);
    const Send& send = row.send();
    if (send.state == SendState::pending && send.order.round < order.round &&
        same_way(send.order.recipient, order.recipient)) {
      row.drop("a newer one takes its place");
      settle(row);
    }
  }
}

// Whoever was to be told, but never was, need not hear that it is over.
bool Outbox::is_news_to(const Order& over) const {
  const auto found = by_alert_.find(over.alert);
  if (found == by_alert_.end()) return true;
  bool ordered = false;
  for (const Number number : found->second) {
    const Send& send = rows_.at(number).send();
    if (send.order.recipient.who != over.recipient.who) continue;
    const bool by_call = send.order.recipient.contact.channel == ChannelKind::call;
    // A phone that has not rung for it does not ring for its end.
    const bool is_other_way = over.recipient.contact.channel == ChannelKind::call && !by_call;
    if (send.attempts > 0 && !is_other_way) return true;
    ordered = true;
  }
  return !ordered;
}

void Outbox::restore(std::vector<Send> sends) {
  for (Send& send : sends) {
    if (by_key_.contains(send.key)) continue;
    SendRow& row = insert(std::move(send));
    row.take_up();
    settle(row);
  }
}

void Outbox::begin_due() {
  next_due_.reset();
  std::vector<SendRow*> to_begin;
  for (const Number number : std::vector<Number>(open_.begin(), open_.end())) {
    SendRow& row = rows_.at(number);
    look_at(row, to_begin);
    settle(row);
  }
  begin(std::move(to_begin));
}

void Outbox::look_at(SendRow& row, std::vector<SendRow*>& to_begin) {
  row.notice_silence();
  const bool is_in_doubt = row.send().state == SendState::unsure && row.is_to_be_asked_for();
  if (is_in_doubt && parts_.need(row.send().order) == Need::never) {
    row.drop("nobody knows whether it arrived, and it is not needed any more");
    return;
  }
  if (row.is_to_be_asked_for()) ask(row);
  row.notice_no_answer();
  if (row.send().state == SendState::pending) return look_at_pending(row, to_begin);
  row.notice_no_outcome();
  if (row.waits()) due_at(row.due());
}

void Outbox::look_at_pending(SendRow& row, std::vector<SendRow*>& to_begin) {
  const Need need = parts_.need(row.send().order);
  if (need == Need::never) {
    row.drop("not needed any more");
  } else if (need == Need::moved) {
    row.drop("the configuration does not have this contact any more");
    moved_.push_back(row.send().order);
  } else if (!row.has_tries_left()) {
    row.give_up(row.send().detail.empty() ? "was not tried in time" : row.send().detail);
  } else if (need == Need::now && row.due() <= parts_.clock.now()) {
    to_begin.push_back(&row);
  } else if (need == Need::now) {
    due_at(row.due());
  }
}

void Outbox::ask(SendRow& row) {
  if (way_of(row.send()) == nullptr) {
    row.ask_nobody(fmt::format("the channel {} is not configured any more", row.send().by));
    return;
  }
  row.ask();
  begun_.push_back({row.number(), Doing::find});
}

// What says that it is over waits behind what says that something is wrong.
void Outbox::begin(std::vector<SendRow*> rows) {
  const auto rank = [](const SendRow* row) {
    return std::tuple(row->send().order.kind == Message::Kind::over, row->due(), row->number());
  };
  std::ranges::sort(rows, {}, rank);
  note_lines();
  for (SendRow* const row : rows) {
    begin(*row);
    settle(*row);
  }
}

void Outbox::note_lines() {
  std::erase_if(goodbyes_, [now = parts_.clock.now()](const auto& each) { return each.second <= now; });
  lines_ = goodbyes_;
  for (const Number number : open_) {
    const SendRow& row = rows_.at(number);
    const auto until = row.on_the_line_until();
    if (!until) continue;
    TimePoint& latest = lines_[row.send().order.recipient.contact.to];
    latest = std::max(latest, *until);
  }
}

// The word that the other call has ended leads to a turn; without one it is tried when that call must have ended.
bool Outbox::waits_for_the_line(const SendRow& row) {
  const Contact& contact = row.send().order.recipient.contact;
  const auto taken = lines_.find(contact.to);
  if (contact.channel != ChannelKind::call || taken == lines_.end()) return false;
  due_at(taken->second);
  return true;
}

void Outbox::begin(SendRow& row) {
  if (waits_for_the_line(row)) return;
  Channel* channel = way_of(row.send());
  if (channel == nullptr && !row.send().by.empty()) row.forget_way(), channel = way_of(row.send());
  if (channel == nullptr) {
    row.give_up(fmt::format("no channel for {} is configured", name(row.send().order.recipient.contact.channel)));
    return;
  }
  const TimePoint now = parts_.clock.now();
  if (const auto paced = next_by_pace_.find(channel); paced != next_by_pace_.end() && paced->second > now) {
    due_at(paced->second);
    return;
  }
  next_by_pace_[channel] = now + channel->pace();
  row.begin(std::string(channel->name()));
  if (const auto until = row.on_the_line_until()) lines_[row.send().order.recipient.contact.to] = *until;
  due_at(row.due());
  begun_.push_back({row.number(), Doing::send});
}

void Outbox::start_begun() {
  for (const Begun& begun : std::exchange(begun_, {})) {
    const auto found = rows_.find(begun.number);
    if (found == rows_.end()) continue;
    // Copied: a report may come at once and change the row.
    const Send send = found->second.send();
    Channel* const channel = way_of(send);
    if (channel == nullptr) continue;
    const std::string& to = send.order.recipient.contact.to;
    if (begun.doing == Doing::send) {
      channel->send(to, parts_.message(send.order), send.key, SendRow::answer_within,
                    reporter(found->second, Doing::send));
    } else {
      channel->find(to, send.key, send.provider_id, send.tried_at.value_or(send.created_at),
                    reporter(found->second, Doing::find));
    }
  }
}

Channel::Reporter Outbox::reporter(const SendRow& row, Doing doing) {
  return [this, alive = std::weak_ptr<bool>(alive_), number = row.number(), attempt = row.send().attempts,
          doing](Report report) {
    if (!alive.expired()) on_report(number, attempt, doing, report);
  };
}

void Outbox::on_report(Number number, unsigned attempt, Doing doing, const Report& report) {
  const auto found = rows_.find(number);
  if (found == rows_.end()) return;
  SendRow& row = found->second;
  note_act(row.send(), report);
  row.hear(attempt, doing, report);
  settle(row);
  parts_.reported();
}

// A person's answer counts, whichever try it is to.
void Outbox::note_act(const Send& send, const Report& report) {
  const bool acknowledges = report.state == Report::State::acknowledged;
  if (!acknowledges && report.state != Report::State::escalate) return;
  const Contact& contact = send.order.recipient.contact;
  if (contact.channel == ChannelKind::call) goodbyes_[contact.to] = parts_.clock.now() + goodbye_lasts;
  acts_.push_back({acknowledges ? Act::Kind::acknowledge : Act::Kind::escalate, send.order,
                   report.detail.empty() ? fmt::format("{} to {}", name(contact.channel), contact.to) : report.detail,
                   report.answer});
}

std::vector<const Send*> Outbox::unwritten() const {
  std::vector<const Send*> sends;
  for (const Number number : unwritten_) sends.push_back(&rows_.at(number).send());
  return sends;
}

void Outbox::write_all() {
  for (const auto& [number, row] : rows_) unwritten_.insert(number);
}

void Outbox::erase(Number number) {
  const auto found = rows_.find(number);
  const Send& send = found->second.send();
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
  for (const auto& [number, row] : rows_) see(row.send());
}

}  // namespace tenfold::oncall
