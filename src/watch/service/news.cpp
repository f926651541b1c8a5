// Whom Core tells what.
#include <utility>

#include "watch/service/core.hpp"

namespace tenfold::watch {

void Core::changed(Entry& entry, const std::optional<Change>& change, Moment now) {
  if (!change) return;
  output_.batch.changes.push_back(*change);
  unsaved_.insert(entry.id);
  if (change->to == State::down) {
    entry.untold = *change;
    entry.down_at = now.time;
  } else if (change->to != State::unknown) {
    entry.untold.reset();
  }
  if ((change->to == State::up || change->to == State::slow) && entry.told != Told::no) {
    entry.told = Told::no;
    entry.maintenance_told.reset();
    listener_.over(*entry.check, *change);
  }
}

bool Core::may_tell(const Entry& entry, Moment now) const {
  if (entry.check->severity == Severity::info) return false;
  if (in_maintenance(settings_.maintenance, entry.check->name, now.wall)) return false;
  if (entry.heartbeat()) return true;
  if (!entry.fails) return false;
  if (!entry.needs_uplink) return true;
  if (uplink_.verdict().down) return false;
  const bool anchors_spoke = entry.suspect_since && uplink_.judged_since(*entry.suspect_since);
  return anchors_spoke || now.time - entry.down_at >= (uplink_.in_doubt() ? 2 * most_hold : most_hold);
}

void Core::tell(Entry& entry, Moment now) {
  if (entry.state.state() != State::down || !entry.untold) return;
  if (entry.told == Told::yes) {
    entry.untold.reset();
    return;
  }
  if (!may_tell(entry, now)) return;
  entry.told = Told::yes;
  unsaved_.insert(entry.id);
  const Change change = *std::exchange(entry.untold, std::nullopt);
  entry.maintenance_told = Listener::Maintenance::ended;
  listener_.down(*entry.check, change);
}

void Core::tell_all(Moment now) {
  for (auto& [id, entry] : entries_) {
    if (entry.untold) tell(entry, now);
    tell_maintenance(entry, now);
  }
}

// People are being rung for it: not within the window, and on afterwards.
void Core::tell_maintenance(Entry& entry, Moment now) {
  if (entry.told != Told::yes || entry.state.state() != State::down) return;
  const bool within = in_maintenance(settings_.maintenance, entry.check->name, now.wall);
  const auto is = within ? Listener::Maintenance::begun : Listener::Maintenance::ended;
  if (std::exchange(entry.maintenance_told, is) == is) return;
  const Change change{.check = entry.check->name,
                      .from = State::failing,
                      .to = State::down,
                      .at = entry.state.since(),
                      .what = entry.state.what()};
  listener_.maintenance(*entry.check, change, is);
}

// Of what came down meanwhile nobody was told. Now that the uplink is back it is looked at anew, and told if it still
// fails.
void Core::uplink_changed(const UplinkVerdict& verdict, Moment now) {
  uplink_told_ = verdict.down ? Told::yes : Told::no;
  output_.batch.uplink_down = verdict.down ? verdict.since : WallTime{};
  listener_.uplink(verdict);
  if (verdict.down) return;
  uplink_back_at_ = now.time;
  for (auto& [id, entry] : entries_) {
    const State state = entry.state.state();
    if (!entry.needs_uplink || (state != State::down && state != State::failing)) continue;
    entry.fails = false;
    entry.suspect_since.reset();
    schedule_.hasten(id, now.time);
  }
}

// Told down by a run before, or perhaps: there are no anchors any more, or they have answered for the first time.
void Core::tell_uplink_if_unsure(Moment now) {
  if (uplink_told_ == Told::no || uplink_.verdict().down || !uplink_.judged_since(started_at_)) return;
  uplink_changed(uplink_.verdict(), now);
}

}  // namespace tenfold::watch
