#include "watch/service/core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "watch/history/tables.hpp"

namespace tenfold::watch {

namespace {

std::vector<std::shared_ptr<const Check>> anchor_checks(const std::vector<Anchor>& anchors) {
  std::vector<std::shared_ptr<const Check>> checks;
  for (const Anchor& anchor : anchors) {
    Check check;
    check.name = fmt::format("anchor {}:{}", anchor.host, anchor.port);
    check.probe = TcpProbe{.host = anchor.host, .port = anchor.port};
    check.timeout = UplinkWatch::timeout;
    checks.push_back(std::make_shared<const Check>(std::move(check)));
  }
  return checks;
}

}  // namespace

Core::Core(Listener& listener, Settings settings, Restored restored, Before before, Moment now)
    : listener_(listener),
      settings_(std::move(settings)),
      schedule_(now.time),
      uplink_(now.time),
      anchors_(anchor_checks(settings_.anchors)),
      open_hour_(tables::hour_of(now.wall)),
      started_at_(now.time),
      last_step_(now),
      next_tick_(now.time),
      next_alive_(now.time) {
  for (const Check& check : settings_.checks) add(check, now);
  output_.batch.keep_results = settings_.keep_results;
  restore(std::move(restored), before, now);
  // Without anchors it is up; whether that is news is told with the first step.
  static_cast<void>(uplink_.replace(anchors_.size(), now.time, now.wall));
}

void Core::add(const Check& check, Moment now) {
  const std::uint64_t id = ++last_id_;
  ids_.emplace(check.name, id);
  Entry& entry = entries_.emplace(id, Entry(id, std::make_shared<const Check>(check))).first->second;
  if (entry.heartbeat()) {
    // One that never reports is missed from now on, over restarts too.
    entry.state.tick(now.wall);
    unsaved_.insert(id);
  } else {
    schedule_.add(id, std::max<Duration>(check.every, least_interval), now.time);
  }
}

Core::Entry* Core::find(const std::string& name) {
  const auto found = ids_.find(name);
  return found == ids_.end() ? nullptr : &entries_.at(found->second);
}

void Core::replace(Settings settings, Moment now) {
  std::set<std::string_view> names;
  for (const Check& check : settings.checks) names.insert(check.name);
  for (auto place = entries_.begin(); place != entries_.end();) {
    Entry& entry = (place++)->second;
    if (!names.contains(entry.check->name)) leave(entry, now);
  }
  for (const Check& check : settings.checks) {
    Entry* const entry = find(check.name);
    if (entry == nullptr) {
      add(check, now);
    } else if (entry->heartbeat() != std::holds_alternative<HeartbeatProbe>(check.probe)) {
      leave(*entry, now);
      add(check, now);
    } else if (!(*entry->check == check)) {
      change_settings(*entry, check, now);
    }
  }
  const auto same = [](const Anchor& one, const Anchor& other) {
    return one.host == other.host && one.port == other.port;
  };
  const bool anchors_stay = std::ranges::equal(settings_.anchors, settings.anchors, same);
  settings_ = std::move(settings);
  output_.batch.keep_results = settings_.keep_results;
  if (anchors_stay) return;
  anchors_ = anchor_checks(settings_.anchors);
  if (const auto verdict = uplink_.replace(anchors_.size(), now.time, now.wall)) uplink_changed(*verdict, now);
}

void Core::change_settings(Entry& entry, const Check& check, Moment now) {
  if (entry.check->every != check.every && !entry.heartbeat()) {
    schedule_.remove(entry.id);
    schedule_.add(entry.id, std::max<Duration>(check.every, least_interval), now.time);
  }
  if (!(entry.check->probe == check.probe)) {
    entry.rounds.clear();  // what is under way was asked of something else
    entry.usual_time = {};
  }
  entry.check = std::make_shared<const Check>(check);
  entry.state.replace(check);
}

// Ends the entry.
void Core::leave(Entry& entry, Moment now) {
  const std::string name = entry.check->name;
  if (entry.told != Told::no) {
    listener_.over(*entry.check, {.check = name,
                                  .from = entry.state.state(),
                                  .to = State::unknown,
                                  .at = now.wall,
                                  .what = "is not checked any more"});
  }
  if (!entry.hour.empty()) departed_.push_back({name, open_hour_, std::move(entry.hour)});
  output_.batch.forgotten.push_back(name);
  schedule_.remove(entry.id);
  unsaved_.erase(entry.id);
  ids_.erase(name);
  entries_.erase(entry.id);
}

void Core::step(Moment now) {
  notice_leaps(now);
  for (const StateRecord& gone : std::exchange(gone_, {})) {
    Check check;
    check.name = gone.check;
    listener_.over(check, {.check = gone.check,
                           .from = gone.state.state,
                           .to = State::unknown,
                           .at = now.wall,
                           .what = "is not checked any more"});
  }
  tell_uplink_if_unsure(now);
  for (const UplinkWatch::Ask& ask : uplink_.due(now.time)) {
    output_.looks.push_back({.of = DueLook::Of::anchor,
                             .id = ask.anchor,
                             .round = ask.sweep,
                             .path = CheckResult::Path::usual,
                             .check = anchors_[ask.anchor],
                             .timeout = anchors_[ask.anchor]->timeout});
  }
  for (const Schedule::Id id : schedule_.due(now.time)) begin_round(entries_.at(id), now);
  hedge_due(now.time);
  if (now.time >= next_tick_) tick(now);
}

TimePoint Core::next() const {
  TimePoint next = next_tick_;
  if (const auto due = schedule_.next()) next = std::min(next, *due);
  if (const auto due = uplink_.next()) next = std::min(next, *due);
  if (!hedges_.empty()) next = std::min(next, hedges_.top().at);
  return next;
}

// A job that began and does not end is as silent as one that never began, also while others of its runs report.
CheckState::Step Core::tick(Entry& entry, WallTime wall) {
  const auto* const heartbeat = std::get_if<HeartbeatProbe>(&entry.check->probe);
  const auto overdue =
      heartbeat == nullptr ? std::nullopt : entry.runs.give_up_overdue(wall, heartbeat->every + heartbeat->grace);
  CheckState::Step silence = entry.state.tick(wall);
  if (silence.change || !overdue) return silence;
  CheckResult hung;
  hung.at = wall;
  hung.cause = CheckResult::Cause::heartbeat;
  hung.what = fmt::format("the job began {} ago and has not ended", rough_words(*overdue));
  return entry.state.take(hung);
}

void Core::tick(Moment now) {
  next_tick_ = now.time + tick_every;
  for (auto& [id, entry] : entries_) {
    const CheckState::Step step = tick(entry, now.wall);
    if (!step.change) continue;
    if (entry.heartbeat() && step.change->to == State::down) {
      CheckResult missed;
      missed.at = now.wall;
      missed.cause = CheckResult::Cause::heartbeat;
      missed.what = step.change->what;
      count(entry, missed, Counts::failed);
      entry.last = missed;
    }
    changed(entry, step.change, now);
  }
  tell_all(now);
  roll_hours(now.wall);
  if (now.time < next_alive_) return;
  next_alive_ = now.time + alive_every;
  output_.batch.alive_at = now.wall;
}

void Core::notice_leaps(Moment now) {
  const Duration passed = now.time - last_step_.time;
  const Duration parted = (now.wall - last_step_.wall) - passed;
  Duration silent_for{};
  if (passed > stall) silent_for += passed;
  if (parted > leap || parted < -leap) silent_for += parted;
  last_step_ = now;
  if (silent_for == Duration::zero()) return;
  for (auto& [id, entry] : entries_) {
    entry.state.clock_moved(silent_for);
    entry.runs.clock_moved(silent_for);
  }
}

// Of the wall's hours, whichever comes: the clock may be set back, too.
void Core::roll_hours(WallTime wall) {
  const WallTime hour = tables::hour_of(wall);
  if (hour == open_hour_) return;
  const WallTime over = std::exchange(open_hour_, hour);
  for (auto& [id, entry] : entries_) {
    if (!entry.hour.empty()) {
      entry.hours.push_back({entry.check->name, over, std::exchange(entry.hour, Summary())});
      output_.batch.hours.push_back(entry.hours.back());
    }
    std::erase_if(entry.hours, [&](const HourRecord& record) {
      return record.start < hour - std::chrono::hours(24) || record.start > hour;
    });
    entry.day = {};
    for (const HourRecord& record : entry.hours) entry.day.merge(record.summary);
  }
  std::ranges::move(departed_, std::back_inserter(output_.batch.hours));
  departed_.clear();
  output_.batch.hours_until = hour;
}

Core::Output Core::drain() {
  for (const std::uint64_t id : std::exchange(unsaved_, {})) {
    const Entry& entry = entries_.at(id);
    output_.batch.states.push_back({entry.check->name, entry.state.save(), entry.told, entry.needs_uplink});
  }
  return std::exchange(output_, {});
}

}  // namespace tenfold::watch
