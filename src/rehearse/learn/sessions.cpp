#include "rehearse/learn/sessions.hpp"

#include <limits>

namespace tenfold::rehearse {

Sessions::Sessions(double gap_s, std::size_t most_open, Use use)
    : gap_ms_(static_cast<std::int64_t>(gap_s * 1000)),
      most_open_(most_open < 1 ? 1 : most_open),
      use_(std::move(use)) {
  sessions_.emplace_back();  // the list's head
  blocks_.emplace_back();    // so that 0 is none
}

void Sessions::unlink(Session& session) {
  sessions_[session.older].newer = session.newer;
  sessions_[session.newer].older = session.older;
}

void Sessions::link_newest(std::uint32_t index) {
  Session& session = sessions_[index];
  session.older = sessions_[0].older;
  session.newer = 0;
  sessions_[session.older].newer = index;
  sessions_[0].older = index;
}

Sessions::Opened Sessions::open(std::uint64_t visitor, std::int64_t at_ms) {
  while (sessions_[0].newer != nothing && at_ms - sessions_[sessions_[0].newer].last_ms > gap_ms_)
    end(sessions_[0].newer, Why::ended);
  if (const auto at = by_visitor_.find(visitor); at != by_visitor_.end()) {
    const std::uint32_t index = at->second;
    // Offsets are of 32 bits: a session that goes on for weeks is begun anew.
    if (at_ms - sessions_[index].began_ms < std::numeric_limits<std::uint32_t>::max()) {
      unlink(sessions_[index]);
      link_newest(index);
      return {sessions_[index], false};
    }
    end(index, Why::ended);
  }
  if (by_visitor_.size() >= most_open_) {
    ++cut_short_;
    end(sessions_[0].newer, Why::ended);
  }
  std::uint32_t index = 0;
  if (free_sessions_.empty()) {
    index = static_cast<std::uint32_t>(sessions_.size());
    sessions_.emplace_back();
  } else {
    index = free_sessions_.back();
    free_sessions_.pop_back();
    sessions_[index] = Session{};
  }
  Session& session = sessions_[index];
  session.visitor = visitor;
  session.began_ms = session.last_ms = at_ms;
  by_visitor_.emplace(visitor, index);
  link_newest(index);
  return {sessions_[index], true};
}

std::uint32_t Sessions::new_block() {
  if (free_block_ == nothing) {
    blocks_.emplace_back();
    return static_cast<std::uint32_t>(blocks_.size() - 1);
  }
  const std::uint32_t block = free_block_;
  free_block_ = blocks_[block].next;
  blocks_[block].next = nothing;
  return block;
}

void Sessions::append(Session& session, const Visit& visit) {
  if (session.waiting >= most_visits_each) use(session, Why::full);
  const std::uint32_t place = session.waiting % Block::visits;
  if (place == 0) {
    const std::uint32_t block = new_block();
    if (session.waiting == 0)
      session.first_block = block;
    else
      blocks_[session.last_block].next = block;
    session.last_block = block;
  }
  blocks_[session.last_block].items[place] = visit;
  ++session.waiting;
  ++waiting_;
  if (waiting_ <= most_visits) return;
  // A good part at once, so that this is rare.
  for (std::uint32_t oldest = sessions_[0].newer; waiting_ > most_visits / 4 * 3 && oldest != nothing;
       oldest = sessions_[oldest].newer)
    use(sessions_[oldest], Why::full);
}

void Sessions::use(Session& session, Why why) {
  scratch_.clear();
  std::uint32_t block = session.first_block;
  for (std::uint32_t left = session.waiting; left > 0;) {
    const std::uint32_t here = left < Block::visits ? left : Block::visits;
    scratch_.insert(scratch_.end(), blocks_[block].items.begin(), blocks_[block].items.begin() + here);
    left -= here;
    const std::uint32_t next = blocks_[block].next;
    blocks_[block].next = free_block_;
    free_block_ = block;
    block = next;
  }
  waiting_ -= session.waiting;
  session.waiting = 0;
  use_(session, scratch_, why);
}

void Sessions::end(std::uint32_t index, Why why) {
  Session& session = sessions_[index];
  use(session, why);
  by_visitor_.erase(session.visitor);
  unlink(session);
  free_sessions_.push_back(index);
}

void Sessions::end_all() {
  while (sessions_[0].newer != nothing) end(sessions_[0].newer, Why::log_over);
}

}  // namespace tenfold::rehearse
