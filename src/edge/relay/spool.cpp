#include "edge/relay/spool.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "edge/forward/forwarding.hpp"
#include "edge/relay/ask.hpp"
#include "edge/relay/pass_on.hpp"

namespace tenfold::edge {

std::unique_ptr<Spool> Spool::make(Visit& visit, origin::Fetched& fetched, std::optional<HeldAnswer>& held,
                                   std::optional<std::uint64_t> remaining) {
  // The request's body holds the place as well.
  if (fetched.body_done() || fetched.uploading()) return nullptr;
  std::unique_ptr<Spool> spool(new Spool(visit, fetched, held));
  // What will not fit whole would take memory and give no place back. The last block may be half empty.
  const std::uint64_t wanted = (remaining.value_or(0) / block_bytes + 1) * block_bytes;
  if (!spool->share_.has_room(wanted)) return nullptr;
  if (remaining) spool->reserve(wanted);
  visit.site.metrics.spooled_answers.add();
  return spool;
}

Spool::~Spool() {
  const std::size_t blocks = blocks_.size() + being_sent_;
  visit_.site.metrics.answer_memory_bytes.add(-static_cast<std::int64_t>(blocks * block_bytes));
}

void Spool::reserve(std::uint64_t bytes) {
  share_.add(bytes);
  reserved_ = bytes;
}

// Without any of it here the next part is taken in any case: directly it would be as well.
bool Spool::may_take() const { return has_room_for_a_block() || (blocks_.empty() && being_sent_ == 0); }

void Spool::keep(std::string_view bytes) {
  while (!bytes.empty()) {
    if (blocks_.empty() || blocks_.back().room().empty()) {
      blocks_.push_back(visit_.site.loop.allocate());
      if (reserved_ >= block_bytes) {
        reserved_ -= block_bytes;
      } else {
        share_.add(block_bytes);
      }
      visit_.site.metrics.answer_memory_bytes.add(block_bytes);
    }
    net::Buffer& last = blocks_.back();
    const std::size_t size = std::min(bytes.size(), last.room().size());
    std::memcpy(last.room().data(), bytes.data(), size);
    last.grow(size);
    bytes.remove_prefix(size);
  }
}

void Spool::take_ready() {
  while (may_take()) {
    const net::Buffer part = fetched_.take_ready_body();
    if (part.empty()) return;
    keep(part.view());
  }
}

net::Task<void> Spool::take() {
  while (state_ == State::taking) {
    take_ready();
    if (fetched_.body_done()) {
      trailers_ = client_trailers(fetched_.trailers(), visit_.arena());
      co_await end(State::whole);
      co_return;
    }
    moved_.notify_all();
    if (state_ != State::taking) co_return;
    if (!may_take()) {
      auto roomy = co_await room_.wait(visit_.site.loop, no_deadline);  // the client has write_timeout
      static_cast<void>(roomy);
      continue;
    }
    held_->wait_for_origin();
    state_ = State::reading;
    auto read = co_await fetched_.read_body(visit_.now() + visit_.policy->limits.stream_timeout);
    held_->wait_for_client();
    if (state_ == State::stopped) co_return;
    state_ = State::taking;
    if (!read) {
      failure_ = held_->cut() ? HeldAnswer::place_lost : visit_.arena().copy(cut_short(read.error()));
      co_await end(State::failed);
      co_return;
    }
    keep(read->view());
  }
}

// The client may take as long as it likes for what is here.
net::Task<void> Spool::end(State how) {
  held_.reset();
  share_.give_back(std::exchange(reserved_, 0));
  co_await let_go(fetched_);
  state_ = how;
  moved_.notify_all();
}

BodyParts Spool::next() {
  BodyParts parts;
  while (!blocks_.empty() && parts.count < parts.buffers.size()) {
    parts.add(std::move(blocks_.front()));
    blocks_.pop_front();
  }
  being_sent_ = parts.count;
  return parts;
}

void Spool::sent() {
  visit_.site.metrics.answer_memory_bytes.add(-static_cast<std::int64_t>(being_sent_ * block_bytes));
  share_.give_back(std::exchange(being_sent_, 0) * block_bytes);
  room_.notify_all();
}

net::Task<void> Spool::stop() {
  const State was = state_;
  if (was == State::taking || was == State::reading) state_ = State::stopped;
  if (was == State::reading) fetched_.connection().stream().cancel();
  if (was == State::taking) room_.notify_all();
  co_await taking_.drain();
}

}  // namespace tenfold::edge
