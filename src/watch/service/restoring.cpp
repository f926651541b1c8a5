// What Core takes over from a run before it.
#include <algorithm>
#include <utility>

#include "watch/history/tables.hpp"
#include "watch/service/core.hpp"

namespace tenfold::watch {

void Core::restore(Restored restored, Before before, Moment now) {
  restore_states(restored, before, now);
  for (HourRecord& record : restored.hours) {
    Entry* const entry = find(record.check);
    if (entry == nullptr) {
      if (record.start == open_hour_) departed_.push_back(std::move(record));
    } else if (record.start == open_hour_) {
      entry->hour.merge(record.summary);
    } else {
      entry->day.merge(record.summary);
      entry->hours.push_back(std::move(record));
    }
  }
}

void Core::restore_states(Restored& restored, Before before, Moment now) {
  if (before == Before::unreadable) {
    for (auto& [id, entry] : entries_) entry.told = Told::unsure;
    uplink_told_ = Told::unsure;
  }
  if (restored.uplink_down) {
    uplink_told_ = Told::yes;
    uplink_.restore({.down = true, .since = *restored.uplink_down, .why = "no anchor answered before the restart"});
  }
  // While nobody watched nobody was silent.
  const Duration away = std::max<Duration>(now.wall - restored.alive_at.value_or(now.wall), Duration::zero());
  for (StateRecord& record : restored.states) {
    Entry* const entry = find(record.check);
    if (entry == nullptr) {
      output_.batch.forgotten.push_back(record.check);
      if (record.told != Told::no) gone_.push_back(std::move(record));
      continue;
    }
    entry->told = record.told;
    entry->needs_uplink = record.needs_uplink;
    record.state.last_result = entry->heartbeat() ? std::min(record.state.last_result + away, now.wall) : now.wall;
    entry->state.restore(record.state);
    // Down and not told (in maintenance, or for the uplink's sake): it is told when the next round fails as well.
    if (record.state.state == State::down && record.told != Told::yes) {
      entry->untold = Change{.check = record.check,
                             .from = State::failing,
                             .to = State::down,
                             .at = record.state.since,
                             .what = record.state.what};
      entry->down_at = now.time;
    }
  }
}

}  // namespace tenfold::watch
