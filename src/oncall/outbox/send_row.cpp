#include "oncall/outbox/send_row.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

constexpr Duration told_within = 15s;  // a pause longer than this is no time to wait before others are told
constexpr Duration slack = 5s;         // a channel's own time-out comes first

// The words that are kept of a try: what went wrong, or how it went.
std::string_view words(const Report& report) {
  if (!report.detail.empty()) return report.detail;
  switch (report.state) {
    case Report::State::sent: return "the provider has it";
    case Report::State::ringing: return "rings";
    case Report::State::answered: return "answered";
    case Report::State::delivered: return "delivered";
    case Report::State::acknowledged: return "acknowledged";
    case Report::State::escalate: return "passed on";
    case Report::State::busy: return "busy";
    case Report::State::no_answer: return "no answer";
    case Report::State::failed: return "failed";
    case Report::State::unknown: return "the answer was lost";
  }
  return "";
}

}  // namespace

SendRow::SendRow(Number number, Send send, const Surroundings& around)
    : around_(around), number_(number), send_(std::move(send)), due_(now()), waits_(!is_final(send_.state)) {
  const Duration age = std::clamp<Duration>(around_.clock.wall_now() - send_.created_at, Duration::zero(), longest_age);
  too_old_at_ = due_ + longest_age - age;
}

// False: the state does not know that event.
bool SendRow::apply(SendEvent event, std::string_view detail) {
  const auto to = next_state(send_.state, event);
  if (!to) return false;
  send_.state = *to;
  send_.changed_at = around_.clock.wall_now();
  if (!detail.empty()) send_.detail = detail;
  if (*to != SendState::pending) send_.next_try_at.reset();
  if (*to == SendState::unsure) asked_ = Asked::wanted;
  waits_ = !is_final(*to);
  changes_.failed = changes_.failed || *to == SendState::failed;
  // What a call says has been heard when it ends; what is written, once the provider has it.
  const bool is_call = send_.order.recipient.contact.channel == ChannelKind::call;
  changes_.arrived = changes_.arrived || *to == SendState::delivered || (*to == SendState::sent && !is_call);
  changes_.unwritten = true;
  return true;
}

// ---- Tries ----

void SendRow::take_up() {
  const WallTime wall = around_.clock.wall_now();
  begun_at_ = now();
  if (send_.state == SendState::sending) apply(SendEvent::lost, "was under way when the program ended");
  if (send_.state == SendState::unsure) asked_ = Asked::wanted;
  if (send_.state == SendState::sent) {
    waits_ = wall - send_.tried_at.value_or(WallTime()) < outcome_within;
    if (waits_) asked_ = Asked::wanted;
  }
  if (send_.state == SendState::pending && send_.next_try_at) {
    due_ = now() + std::clamp<Duration>(*send_.next_try_at - wall, 0s, longest_pause);
  }
}

std::optional<TimePoint> SendRow::on_the_line_until() const {
  const bool is_call = send_.order.recipient.contact.channel == ChannelKind::call;
  const bool is_under_way = send_.state == SendState::sending || send_.state == SendState::unsure ||
                            (send_.state == SendState::sent && waits_);
  const TimePoint until = begun_at_ + longest_call;
  return is_call && is_under_way && now() < until ? std::optional(until) : std::nullopt;
}

bool SendRow::has_tries_left() const { return send_.attempts < most_attempts && now() < too_old_at_; }

void SendRow::begin(std::string by) {
  send_.by = std::move(by);
  send_.tried_at = around_.clock.wall_now();
  send_.provider_id.clear();
  ++send_.attempts;
  due_ = now() + answer_within + slack;
  begun_at_ = now();
  asked_ = Asked::no;
  apply(SendEvent::begin, {});
}

void SendRow::try_again(Duration pause, std::string_view detail) {
  if (!has_tries_left()) return give_up(detail);
  if (!apply(SendEvent::again, detail)) return;
  due_ = now() + pause;
  send_.next_try_at = around_.clock.wall_now() + pause;
}

void SendRow::give_up(std::string_view why) {
  // Copied: it may be what the row says of itself.
  if (apply(SendEvent::give_up, std::string(why))) tell_failed();
}

void SendRow::tell_failed() { changes_.to_tell = !std::exchange(send_.told_failed, true) || changes_.to_tell; }

// ---- Questions: the answer was lost, or the program was ----

void SendRow::ask() {
  asked_ = Asked::yes;
  due_ = now() + answer_within + slack;
}

void SendRow::ask_nobody(std::string_view why) {
  asked_ = Asked::yes;
  hear_first_answer({.state = Report::State::unknown, .detail = std::string(why)});
}

// This is what the channel found out about it.
void SendRow::hear_first_answer(const Report& report) {
  asked_ = Asked::no;
  if (report.state == Report::State::unknown && send_.state == SendState::sent) {
    due_ = now() + outcome_within;
  } else if (report.state == Report::State::unknown) {
    // Twice is better than never. The next channel first: this one loses its answers.
    way_failed({.detail = fmt::format("nobody knows whether it arrived: {}", words(report)), .retry = true});
  } else if (report.state == Report::State::failed && report.retry) {
    try_again(send_.attempts <= 1 ? 0s : pause_after(send_.attempts - 1), "it had not arrived");
  } else {
    hear_bad_news(report);
  }
}

// ---- Time ----

void SendRow::notice_silence() {
  if (send_.state == SendState::sending && due_ <= now()) apply(SendEvent::lost, "no word of it came");
}

void SendRow::notice_no_answer() {
  if (asked_ != Asked::yes || due_ > now()) return;
  hear_first_answer({.state = Report::State::unknown, .detail = "no word of it came"});
}

void SendRow::notice_no_outcome() {
  if (send_.state == SendState::sent && due_ <= now()) waits_ = false;
}

// ---- Reports ----

void SendRow::hear(unsigned attempt, Doing doing, const Report& report) {
  const bool is_latest = attempt == send_.attempts;
  if (is_latest && !report.id.empty() && report.id != send_.provider_id) {
    send_.provider_id = report.id;
    changes_.unwritten = true;
  }
  const bool first_answer = doing == Doing::find && asked_ == Asked::yes && is_latest;
  switch (report.state) {
    case Report::State::sent:
    case Report::State::ringing:
    case Report::State::answered: hear_taken(report); return;
    case Report::State::acknowledged:
    case Report::State::escalate:
    case Report::State::delivered:
      apply(SendEvent::done, words(report));
      asked_ = Asked::no;
      return;
    case Report::State::busy:
    case Report::State::no_answer:
    case Report::State::failed:
    case Report::State::unknown:
      // Bad news of an earlier try is old: a later one is under way.
      if (first_answer) {
        hear_first_answer(report);
      } else if (is_latest) {
        hear_bad_news(report);
      }
  }
}

void SendRow::hear_taken(const Report& report) {
  if (send_.state == SendState::sent) {
    send_.detail = words(report);
  } else {
    apply(SendEvent::taken, words(report));
  }
  if (send_.state == SendState::sent) due_ = now() + outcome_within;
  asked_ = Asked::no;
}

void SendRow::hear_bad_news(const Report& report) {
  const SendState state = send_.state;
  if (report.state == Report::State::unknown) {
    if (state == SendState::sending) apply(SendEvent::lost, words(report));
    return;
  }
  if (state != SendState::sending && state != SendState::unsure && state != SendState::sent) return;
  asked_ = Asked::no;
  if (report.state == Report::State::failed) return way_failed(report);
  line_failed(report);
}

void SendRow::way_failed(const Report& report) {
  send_.may_help = send_.may_help || report.retry;
  const TimePoint asked_for = now() + std::clamp<Duration>(report.retry_after, Duration::zero(), longest_pause);
  not_before_ = std::max(not_before_, asked_for);
  const auto all = around_.ways(send_.order);
  const auto mine = std::ranges::find(all, send_.by);
  const std::string detail =
      send_.by.empty() ? std::string(words(report)) : fmt::format("{}: {}", send_.by, words(report));
  note_trouble(detail);
  const auto next = mine == all.end() ? all.begin() : mine + 1;
  if (next == all.end()) return all_ways_failed(detail);
  send_.by = *next;
  try_again(Duration::zero(), detail);
}

void SendRow::all_ways_failed(std::string_view detail) {
  ++send_.rounds;
  if (!std::exchange(send_.may_help, false)) return give_up(detail);
  const Duration pause = std::max<Duration>(pause_after(send_.rounds), std::exchange(not_before_, TimePoint()) - now());
  if (const auto all = around_.ways(send_.order); !all.empty()) send_.by = all.front();
  // It goes on trying, but the others need not wait for it.
  if (send_.rounds >= 2 || pause > told_within) tell_failed();
  try_again(pause, detail);
}

// The person's line, not the channel: the same number once more, since a phone that is set to be quiet often lets a
// second call through.
void SendRow::line_failed(const Report& report) {
  note_trouble(fmt::format("{}: {}", send_.by, words(report)));
  if (++send_.unanswered >= most_unanswered) return give_up(words(report));
  try_again(redial_pause, words(report));
}

// What went well in the end must not hide what went wrong before: the password is still to be mended.
void SendRow::note_trouble(std::string_view detail) {
  send_.trouble = detail;
  changes_.unwritten = true;
  const Recipient& to = send_.order.recipient;
  log::warn("on call: {} to {} ({}): {}", name(to.contact.channel), to.contact.to, to.who, detail);
}

// Half of it is chance, so that what failed together does not try again together.
Duration SendRow::pause_after(unsigned failures) {
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0, 20u);
  const Duration longest = std::min<Duration>(longest_pause, shortest_pause * (1 << doublings));
  return longest / 2 +
         Duration(static_cast<Duration::rep>(around_.random.unit() * static_cast<double>((longest / 2).count())));
}

}  // namespace tenfold::oncall
