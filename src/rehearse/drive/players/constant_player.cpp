#include "rehearse/drive/players/constant_player.hpp"

#include <algorithm>

namespace tenfold::rehearse {

ConstantPlayer::ConstantPlayer(ConstantPlay play, net::Scope& scope, Route& route)
    : play_(std::move(play)), scope_(scope), route_(route), recorder_(route.recorder()), next_(play_.shard) {}

TimePoint ConstantPlayer::next_due() const {
  if (!opened_first_) return TimePoint();
  return next_ < play_.schedule.count() ? begin_ + play_.schedule.moment(next_) : TimePoint::max();
}

void ConstantPlayer::play(TimePoint now) {
  if (!std::exchange(opened_first_, true)) {
    for (std::size_t i = 0; i < play_.connections; ++i) open(nullptr, now + play_.timeout);
  }
  for (int i = 0; i < batch && next_ < play_.schedule.count(); ++i) {
    const TimePoint planned = begin_ + play_.schedule.moment(next_);
    if (planned > now) return;
    send(planned, route_.loop().clock().now());
    next_ += play_.shards;
  }
}

void ConstantPlayer::send(TimePoint planned, TimePoint now) {
  recorder_.planned(0);
  if (in_flight_ >= play_.most_in_flight || now - planned > Recorder::too_late_after) return recorder_.unsent();
  recorder_.arrived(now - planned);
  Call& call = new_call();
  call = {};
  call.planned = planned;
  call.deadline = planned + play_.timeout;
  call.request = play_.request;
  ++in_flight_;
  make(call);
}

void ConstantPlayer::make(Call& call) {
  while (!free_.empty()) {
    Connection& connection = free_.front();
    if (connection.free()) return connection.begin(call);
    connection.unlink();
    connection.close();
  }
  open(&call, call.deadline);
}

void ConstantPlayer::open(Call* call, TimePoint deadline) {
  Connection::open(scope_, route_, *this, call, deadline, play_.sources.next());
}

Call& ConstantPlayer::new_call() {
  if (unused_calls_.empty()) return calls_.emplace_back();
  Call& call = *unused_calls_.back();
  unused_calls_.pop_back();
  return call;
}

void ConstantPlayer::call_sent(Call& call) {
  if (!call.sent_again) recorder_.sent(call);
}

void ConstantPlayer::connection_free(Connection& connection) { keep(connection); }

void ConstantPlayer::call_ended(Connection& connection, Call& call, const CallEnd& end) {
  if (end.stale && !call.sent_again) {
    call.sent_again = true;
    call.first_byte = {};
    return open(&call, call.deadline);
  }
  recorder_.ended(call, end);
  --in_flight_;
  unused_calls_.push_back(&call);
  if (connection.free()) keep(connection);
}

void ConstantPlayer::connection_gone(Connection&) {}

void ConstantPlayer::keep(Connection& connection) {
  if (play_.connections > 0) {
    free_.push_back(connection);
  } else {
    free_.push_front(connection);
  }
}

// What had fallen due by now was planned, though its turn never comes.
void ConstantPlayer::stop() {
  const TimePoint now = route_.loop().clock().now();
  for (; next_ < play_.schedule.count() && begin_ + play_.schedule.moment(next_) <= now; next_ += play_.shards) {
    recorder_.planned(0);
    recorder_.unsent();
  }
  next_ = play_.schedule.count();
}

void ConstantPlayer::abandon() {
  stop();
  abandoned_ = true;
  route_.close_all();
}

}  // namespace tenfold::rehearse
