#include "rehearse/drive/players/closed_player.hpp"

#include <algorithm>

namespace tenfold::rehearse {

ClosedPlayer::ClosedPlayer(ClosedPlay play, net::Scope& scope, Route& route)
    : play_(std::move(play)),
      scope_(scope),
      route_(route),
      recorder_(route.recorder()),
      slots_(play_.connections),
      waiting_(play_.connections) {
  for (Slot& slot : slots_) {
    slot.request = play_.request;
    slot.source = play_.sources.next();
  }
}

void ClosedPlayer::start(TimePoint begin) {
  end_ = begin + play_.length;
  for (Slot& slot : slots_) slot.due = begin;
}

TimePoint ClosedPlayer::next_due() const {
  if (waiting_ == 0) return TimePoint::max();
  return std::ranges::min_element(slots_, {}, &Slot::due)->due;
}

void ClosedPlayer::play(TimePoint now) {
  if (waiting_ == 0) return;
  for (Slot& slot : slots_) {
    if (slot.due > now) continue;
    slot.due = TimePoint::max();
    --waiting_;
    if (now >= end_) continue;
    plan(slot, now);
    Connection::open(scope_, route_, *this, &slot, slot.deadline, slot.source);
  }
}

void ClosedPlayer::plan(Slot& slot, TimePoint now) {
  recorder_.planned(0);
  slot.planned = now;
  slot.deadline = now + play_.timeout;
  slot.first_byte = {};
  slot.sent_again = false;
  ++in_flight_;
}

void ClosedPlayer::call_sent(Call& call) {
  if (!call.sent_again) recorder_.sent(call);
}

void ClosedPlayer::call_ended(Connection& connection, Call& call, const CallEnd& end) {
  auto& slot = static_cast<Slot&>(call);
  if (end.stale && !slot.sent_again) {
    slot.sent_again = true;
    return Connection::open(scope_, route_, *this, &slot, slot.deadline, slot.source);
  }
  recorder_.ended(call, end);
  --in_flight_;
  const TimePoint now = route_.loop().clock().now();
  if (now >= end_) return connection.close();
  if (connection.free()) {
    plan(slot, now);
    return connection.begin(slot);
  }
  const bool failed = end.failure != Failure::none || end.could_not;
  slot.due = failed ? now + pause_after_failure : now;
  ++waiting_;
}

bool ClosedPlayer::over() const { return abandoned_ || (in_flight_ == 0 && waiting_ == 0); }

void ClosedPlayer::abandon() {
  stop();
  abandoned_ = true;
  route_.close_all();
}

}  // namespace tenfold::rehearse
