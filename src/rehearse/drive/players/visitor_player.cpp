#include "rehearse/drive/players/visitor_player.hpp"

#include <algorithm>

namespace tenfold::rehearse {

VisitorPlayer::VisitorPlayer(VisitorPlay play, const TrafficModel& model, const DriveOptions& options,
                             net::Scope& scope, Route& route)
    : play_(std::move(play)), context_(model, options, scope, route) {
  context_.origin = options.target.origin();
  context_.authority = options.target.authority();
  context_.credential = play_.credential;
  context_.known_pages = play_.known_pages;
  context_.most_in_flight = play_.most_in_flight;
  draw_next();
}

void VisitorPlayer::draw_next() {
  next_session_ = play_.planner->next_session();
  if (next_session_ && next_session_->at >= play_.length) next_session_.reset();
}

TimePoint VisitorPlayer::session_due() const {
  return next_session_ ? begin_ + std::max(next_session_->at, Duration(0)) : TimePoint::max();
}

TimePoint VisitorPlayer::next_due() const {
  if (!context_.gone.empty()) return TimePoint();
  if (context_.stopping) return TimePoint::max();
  const TimePoint visitor_due = context_.due.empty() ? TimePoint::max() : context_.due.top().at;
  return std::min({visitor_due, session_due(), end()});
}

void VisitorPlayer::play(TimePoint now) {
  let_go();
  if (context_.stopping) return;
  for (int i = 0; i < batch; ++i) {
    const bool visitor_due = !context_.due.empty() && context_.due.top().at <= now && context_.due.top().at < end();
    if (session_due() <= now) {
      begin_session(now);
    } else if (visitor_due) {
      const VisitorContext::Due due = context_.due.top();
      context_.due.pop();
      due.visitor->go_on(due.at, context_.route.loop().clock().now());
    } else {
      // All that fell due before the end has had its turn.
      if (now >= end()) stop();
      break;
    }
  }
  let_go();
}

void VisitorPlayer::begin_session(TimePoint now) {
  const TimePoint planned = session_due();
  if (!next_session_->joined) ++context_.recorder.counts().sessions;
  auto visitor = std::make_unique<Visitor>(context_, std::move(*next_session_), play_.sources.next());
  draw_next();
  visitor->index = visitors_.size();
  visitors_.push_back(std::move(visitor));
  visitors_.back()->go_on(planned, now);
}

// Visitors whose last connection is gone.
void VisitorPlayer::let_go() {
  for (Visitor* visitor : std::exchange(context_.gone, {})) {
    const std::size_t index = visitor->index;
    visitors_[index].swap(visitors_.back());
    visitors_[index]->index = index;
    visitors_.pop_back();
  }
}

void VisitorPlayer::stop() {
  if (context_.stopping) return;
  context_.stopping = true;
  next_session_.reset();
  // Those with a moment to wait for leave now; the others when what they have asked for has ended.
  for (; !context_.due.empty(); context_.due.pop()) context_.due.top().visitor->leave();
}

void VisitorPlayer::abandon() {
  stop();
  context_.abandoned = true;
  context_.route.close_all();
}

}  // namespace tenfold::rehearse
