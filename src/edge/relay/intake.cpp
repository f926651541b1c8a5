#include "edge/relay/intake.hpp"

#include <algorithm>
#include <utility>

#include "edge/forward/forwarding.hpp"
#include "http/client.hpp"

namespace tenfold::edge {

Intake::Intake(net::Loop& loop, Duration between_bytes, origin::Fetched fetched, cache::Fill& fill,
               net::CancelToken wanted)
    : loop_(loop), between_bytes_(between_bytes), fetched_(std::move(fetched)), fill_(fill) {
  unwanted_.attach(wanted);
}

void Intake::take(net::Buffer part) {
  if (part.empty() || fill_.body(part.view())) return;
  if (!fetched_->hold_for_client()) return end(State::denied);
  rest_ = std::move(part);
  state_ = State::passing;
}

// Nothing more is wanted of the origin, and the reader may take as long as it likes for what is here.
void Intake::end(State how) {
  state_ = how;
  fetched_.reset();
}

void Intake::take_ready() {
  while (state_ == State::taking && !fetched_->body_done()) {
    net::Buffer part = fetched_->take_ready_body();
    if (part.empty() && !fetched_->body_done()) return;
    take(std::move(part));
  }
  if (state_ != State::taking) return;
  entry_ = fill_.finish();
  trailers_ = client_trailers(fetched_->trailers(), trailer_texts_);
  end(State::whole);
}

net::Task<void> Intake::run() {
  while (state_ == State::taking) {
    auto read = co_await fetched_->read_body(std::min(loop_.now() + between_bytes_, end_by_));
    const bool over = loop_.now() >= end_by_;
    if (!read && (read.error().code == Errc::cancelled || over)) {
      end(State::given_up);
    } else if (!read) {
      error_ = std::move(read.error());
      end(State::broken);
      fill_.fail(cache::Failure::unanswered);
    } else {
      take(std::move(*read));
      take_ready();
      if (over && state_ == State::taking) end(State::given_up);
    }
    moved_.notify_all();
  }
}

// Only what is still coming is ended: a reader that reads on from the origin is the client itself.
void Intake::on_unwanted(void* self) {
  auto& intake = *static_cast<Intake*>(self);
  if (intake.state_ == State::taking) intake.fetched_->connection().stream().cancel();
}

}  // namespace tenfold::edge
