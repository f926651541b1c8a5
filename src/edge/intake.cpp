#include "edge/intake.hpp"

#include <algorithm>
#include <utility>

#include "http/client.hpp"

namespace tenfold::edge {

Intake::Intake(net::Loop& loop, Duration between_bytes, origin::Fetched fetched, cache::Fill& fill,
               net::CancelToken wanted)
    : loop_(loop), between_bytes_(between_bytes), fetched_(std::move(fetched)), fill_(fill) {
  unwanted_.attach(wanted);
}

void Intake::take(net::Buffer part) {
  if (part.empty() || fill_.body(part.view())) return;
  rest_ = std::move(part);
  state_ = State::passing;
}

void Intake::take_ready() {
  while (state_ == State::taking && !fetched_->body_done()) {
    net::Buffer part = fetched_->take_ready_body();
    if (part.empty() && !fetched_->body_done()) return;
    take(std::move(part));
  }
  if (state_ != State::taking) return;
  entry_ = fill_.finish();
  state_ = State::whole;
  if (fetched_->trailers().empty()) fetched_.reset();
}

net::Task<void> Intake::run() {
  while (state_ == State::taking) {
    auto read = co_await fetched_->read_body(std::min(loop_.now() + between_bytes_, end_by_));
    const bool over = loop_.now() >= end_by_;
    if (!read && (read.error().code == Errc::cancelled || over)) {
      state_ = State::given_up;
    } else if (!read) {
      state_ = State::broken;
      fill_.fail(cache::Failure::unanswered);
    } else {
      take(std::move(*read));
      take_ready();
      if (over && state_ == State::taking) state_ = State::given_up;
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
