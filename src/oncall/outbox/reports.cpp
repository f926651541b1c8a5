#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "oncall/outbox/outbox.hpp"

// What becomes of a try: the channels' reports, and the next try.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

constexpr Duration told_within = 15s;  // a pause longer than this is no time to wait before others are told

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

Channel::Reporter Outbox::reporter(const Row& row, Doing doing) {
  return [this, alive = std::weak_ptr<bool>(alive_), number = row.number, attempt = row.send.attempts,
          doing](Report report) {
    if (!alive.expired()) on_report(number, attempt, doing, report);
  };
}

void Outbox::on_report(Number number, unsigned attempt, Doing doing, const Report& report) {
  const auto found = rows_.find(number);
  if (found == rows_.end()) return;
  Row& row = found->second;
  const bool is_latest = attempt == row.send.attempts;
  if (is_latest && !report.id.empty() && report.id != row.send.provider_id) {
    row.send.provider_id = report.id;
    unwritten_.insert(number);
  }
  const bool first_answer = doing == Doing::find && row.asked == Row::Asked::yes && is_latest;
  switch (report.state) {
    case Report::State::sent:
    case Report::State::ringing:
    case Report::State::answered:
      if (row.send.state == SendState::sent) {
        row.send.detail = words(report);
      } else {
        apply(row, SendEvent::taken, words(report));
      }
      if (row.send.state == SendState::sent) row.due = parts_.clock.now() + outcome_within;
      row.asked = Row::Asked::no;
      break;
    case Report::State::acknowledged:
    case Report::State::escalate: note_act(row.send, report); [[fallthrough]];
    case Report::State::delivered:
      apply(row, SendEvent::done, words(report));
      row.asked = Row::Asked::no;
      break;
    case Report::State::busy:
    case Report::State::no_answer:
    case Report::State::failed:
    case Report::State::unknown:
      // Bad news of an earlier try is old: a later one is under way.
      if (first_answer) {
        on_first_answer_to_find(row, report);
      } else if (is_latest) {
        on_bad_news(row, report);
      }
  }
  parts_.reported();
}

void Outbox::on_bad_news(Row& row, const Report& report) {
  const SendState state = row.send.state;
  if (report.state == Report::State::unknown) {
    if (state == SendState::sending) apply(row, SendEvent::lost, words(report));
    return;
  }
  if (state != SendState::sending && state != SendState::unsure && state != SendState::sent) return;
  row.asked = Row::Asked::no;
  if (report.state == Report::State::failed) return way_failed(row, report);
  line_failed(row, report);
}

// The answer was lost, or the program was; this is what the channel found out about it.
void Outbox::on_first_answer_to_find(Row& row, const Report& report) {
  row.asked = Row::Asked::no;
  const bool was_sent = row.send.state == SendState::sent;
  if (report.state == Report::State::unknown && was_sent) {
    row.due = parts_.clock.now() + outcome_within;
  } else if (report.state == Report::State::unknown) {
    // Twice is better than never. The next channel first: this one loses its answers.
    way_failed(row, {.detail = fmt::format("nobody knows whether it arrived: {}", words(report)), .retry = true});
  } else if (report.state == Report::State::failed && report.retry) {
    try_again(row, row.send.attempts <= 1 ? 0s : pause_after(row.send.attempts - 1), "it had not arrived");
  } else {
    on_bad_news(row, report);
  }
}

void Outbox::try_again(Row& row, Duration pause, std::string_view detail) {
  if (!tries_left(row)) return give_up(row, detail);
  if (!apply(row, SendEvent::again, detail)) return;
  row.due = parts_.clock.now() + pause;
  row.send.next_try_at = parts_.clock.wall_now() + pause;
}

void Outbox::way_failed(Row& row, const Report& report) {
  Send& send = row.send;
  send.may_help = send.may_help || report.retry;
  const TimePoint asked_for =
      parts_.clock.now() + std::clamp<Duration>(report.retry_after, Duration::zero(), longest_pause);
  row.not_before = std::max(row.not_before, asked_for);
  const auto all = ways(send.order);
  const auto mine = std::ranges::find(all, send.by, &Channel::name);
  const std::string detail =
      send.by.empty() ? std::string(words(report)) : fmt::format("{}: {}", send.by, words(report));
  note_trouble(row, detail);
  if (mine == all.end() && !all.empty()) {
    send.by = all.front()->name();
    return try_again(row, Duration::zero(), detail);
  }
  if (mine != all.end() && mine + 1 != all.end()) {
    send.by = (*(mine + 1))->name();
    return try_again(row, Duration::zero(), detail);
  }
  all_ways_failed(row, detail);
}

void Outbox::all_ways_failed(Row& row, std::string_view detail) {
  Send& send = row.send;
  ++send.rounds;
  if (!std::exchange(send.may_help, false)) return give_up(row, detail);
  const Duration pause =
      std::max<Duration>(pause_after(send.rounds), std::exchange(row.not_before, TimePoint()) - parts_.clock.now());
  if (const auto all = ways(send.order); !all.empty()) send.by = all.front()->name();
  // It goes on trying, but the others need not wait for it.
  if (send.rounds >= 2 || pause > told_within) tell_failed(row);
  try_again(row, pause, detail);
}

// The person's line, not the channel: the same number once more, since a phone that is set to be quiet often lets a
// second call through.
void Outbox::line_failed(Row& row, const Report& report) {
  note_trouble(row, fmt::format("{}: {}", row.send.by, words(report)));
  if (++row.send.unanswered >= most_unanswered) return give_up(row, words(report));
  try_again(row, redial_pause, words(report));
}

// What went well in the end must not hide what went wrong before: the password is still to be mended.
void Outbox::note_trouble(Row& row, std::string_view detail) {
  row.send.trouble = detail;
  unwritten_.insert(row.number);
  const Recipient& to = row.send.order.recipient;
  log::warn("on call: {} to {} ({}): {}", name(to.contact.channel), to.contact.to, to.who, detail);
}

void Outbox::give_up(Row& row, std::string_view detail) {
  if (apply(row, SendEvent::give_up, std::string(detail))) tell_failed(row);
}

void Outbox::tell_failed(Row& row) {
  if (!std::exchange(row.send.told_failed, true)) failed_.push_back(row.send.order);
}

bool Outbox::tries_left(const Row& row) const {
  return row.send.attempts < most_attempts && parts_.clock.now() < row.too_old_at;
}

// Half of it is chance, so that what failed together does not try again together.
Duration Outbox::pause_after(unsigned failures) {
  const unsigned doublings = std::min(failures > 0 ? failures - 1 : 0, 20u);
  const Duration longest = std::min<Duration>(longest_pause, shortest_pause * (1 << doublings));
  return longest / 2 +
         Duration(static_cast<Duration::rep>(parts_.random.unit() * static_cast<double>((longest / 2).count())));
}

void Outbox::note_act(const Send& send, const Report& report) {
  const Contact& contact = send.order.recipient.contact;
  const auto kind = report.state == Report::State::acknowledged ? Act::Kind::acknowledge : Act::Kind::escalate;
  acts_.push_back({kind, send.order,
                   report.detail.empty() ? fmt::format("{} to {}", name(contact.channel), contact.to) : report.detail});
}

}  // namespace tenfold::oncall
