// How Core looks: rounds, second looks, and what becomes of answers.
#include <algorithm>
#include <utility>

#include "watch/service/core.hpp"

namespace tenfold::watch {

using Outcome = CheckResult::Outcome;
using Path = CheckResult::Path;

void Core::begin_round(Entry& entry, Moment now) {
  if (entry.rounds.full()) {
    ++not_begun_;
    return;
  }
  const bool suspect = !entry.rounds.empty() && entry.state.state() != State::down;
  Rounds::Round& round = entry.rounds.begin(now.time);
  output_.looks.push_back({.of = DueLook::Of::check,
                           .id = entry.id,
                           .round = round.number,
                           .path = Path::usual,
                           .check = entry.check,
                           .timeout = patience(entry)});
  if (suspect) begin_other(entry, round);
  hedges_.push({now.time + hedge_after(entry), entry.id, round.number});
}

void Core::begin_other(Entry& entry, Rounds::Round& round) {
  if (std::exchange(round.other_begun, true)) return;
  output_.looks.push_back({.of = DueLook::Of::check,
                           .id = entry.id,
                           .round = round.number,
                           .path = Path::other,
                           .check = entry.check,
                           .timeout = patience(entry)});
}

// What is down already gets all its time, so that a page that is merely slow by now is seen to be.
Duration Core::patience(const Entry& entry) const {
  const Check& check = *entry.check;
  const bool is_quick = entry.usual_time > Duration::zero() && entry.state.state() != State::down;
  if (!is_quick || check.hung_after == Duration::zero()) return check.timeout;
  return std::min(check.timeout, std::max(check.hung_after, hung_after_usual * entry.usual_time));
}

Duration Core::hedge_after(const Entry& entry) const {
  return std::max(hedge_at_least, hedge_after_usual * entry.usual_time);
}

void Core::hedge_due(TimePoint now) {
  while (!hedges_.empty() && hedges_.top().at <= now) {
    const Hedge due = hedges_.top();
    hedges_.pop();
    const auto entry = entries_.find(due.id);
    if (entry == entries_.end()) continue;
    Rounds::Round* const round = entry->second.rounds.find(due.round);
    if (round != nullptr && !round->usual) hedge(entry->second, *round, now);
  }
}

// What is down already is not in a hurry.
void Core::hedge(Entry& entry, Rounds::Round& round, TimePoint now) {
  if (entry.state.state() == State::down) return;
  begin_other(entry, round);
  if (entry.rounds.size() < entry.check->failing_after) {
    const Duration retry = std::min(entry.check->every, retry_after);
    schedule_.hasten(entry.id, std::max(now, round.begun + retry));
  }
}

void Core::take(const DueLook& look, CheckResult result, Moment now) {
  result.at = std::min(result.at, now.wall);  // the clock may have been set back meanwhile
  if (look.of == DueLook::Of::anchor) return take_anchor(look, result, now);
  ++looks_;
  if (look.path == Path::other) ++second_looks_;
  const auto found = entries_.find(look.id);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  Rounds::Round* const round = entry.rounds.find(look.round);
  if (round == nullptr) return;  // a second look that nobody needed any more
  result.path = look.path;
  if (look.path == Path::usual) {
    entry.last = result;
    const bool failed = result.outcome == Outcome::failed;
    if (failed && !entry.suspect_since) entry.suspect_since = now.time;
    // Whether it is our own uplink must be known by the time that it is called down.
    if (failed && needs_uplink(result) && !uplink_.judged_since(*entry.suspect_since)) uplink_.hasten(now.time);
    round->usual = std::move(result);
    if (failed) begin_other(entry, *round);
  } else {
    round->other = std::move(result);
  }
  while (auto done = entry.rounds.take_done()) judge(entry, *std::move(done), now);
}

void Core::take_anchor(const DueLook& look, const CheckResult& result, Moment now) {
  const auto verdict = uplink_.take({look.round, static_cast<std::size_t>(look.id)}, result, now.time, now.wall);
  if (verdict) uplink_changed(*verdict, now);
  tell_all(now);
}

void Core::judge(Entry& entry, Rounds::Round round, Moment now) {
  const CheckResult& usual = *round.usual;
  const bool good = usual.outcome == Outcome::good;
  CheckState::Step step = entry.state.take(usual);
  entry.fails = false;
  bool muted = false;
  if (!good) {
    if (step.next == CheckState::Next::look_again) step = entry.state.take(*round.other);
    const bool both = round.other->outcome == Outcome::failed;
    const bool unsteady = step.change && step.change->to == State::down;
    entry.fails = both || unsteady;
    const bool needs = needs_uplink(usual) && (!both || needs_uplink(*round.other));
    if (std::exchange(entry.needs_uplink, needs) != needs) unsaved_.insert(entry.id);
    const bool cut_off = entry.needs_uplink && (uplink_.verdict().down || round.begun < uplink_back_at_);
    if (cut_off) entry.fails = false;
    muted = both && (cut_off || in_maintenance(settings_.maintenance, entry.check->name, now.wall));
    count(entry, usual, Counts::none);
    count(entry, *round.other, !both ? Counts::good : muted ? Counts::muted : Counts::failed);
  } else {
    const Duration took = usual.phases.total;
    entry.usual_time = entry.usual_time == Duration::zero() ? took : (4 * entry.usual_time + took) / 5;
    count(entry, usual, Counts::good);
  }
  changed(entry, step.change, now);
  // Down, and the last round says otherwise; while the uplink is down its word is worth nothing.
  const bool wavers = entry.state.state() == State::down && entry.untold && !entry.fails &&
                      !(entry.needs_uplink && uplink_.verdict().down);
  const bool in_doubt = entry.state.state() == State::failing || wavers;
  if (in_doubt && entry.rounds.empty()) {
    const Duration retry = std::min(entry.check->every, retry_after);
    schedule_.hasten(entry.id, std::max(now.time, round.begun + retry));
  }
  // News that were held may go out, or are needless now.
  tell(entry, now);
  if (!entry.fails && entry.rounds.empty()) entry.suspect_since.reset();
}

void Core::count(Entry& entry, const CheckResult& result, Counts counts) {
  std::optional<Duration> took;
  // Of a job that has said when it began, how long it took.
  const bool has_time = !entry.heartbeat() || result.phases.total > Duration::zero();
  if (result.outcome == Outcome::good && result.path == Path::usual && has_time) took = result.phases.total;
  entry.hour.add(counts, took);
  output_.batch.results.push_back({entry.check->name, result, counts});
}

void Core::beat(const std::string& check, const Beat& beat, Moment now) {
  Entry* const entry = find(check);
  if (entry == nullptr || !entry->heartbeat()) return;
  if (beat.outcome == Beat::Outcome::begun) return entry->runs.begin(beat.run, now.wall);
  CheckResult result;
  result.at = now.wall;
  result.phases.total = entry->runs.end(beat.run, now.wall).value_or(Duration::zero());
  const bool good = beat.outcome == Beat::Outcome::good;
  result.outcome = good ? Outcome::good : Outcome::failed;
  if (!good) {
    result.cause = CheckResult::Cause::heartbeat;
    result.what = beat.what;
  }
  const bool muted = in_maintenance(settings_.maintenance, entry->check->name, now.wall);
  count(*entry, result, good ? Counts::good : muted ? Counts::muted : Counts::failed);
  entry->last = result;
  unsaved_.insert(entry->id);
  changed(*entry, entry->state.take(result).change, now);
  tell(*entry, now);
}

}  // namespace tenfold::watch
