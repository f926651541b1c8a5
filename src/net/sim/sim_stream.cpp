#include "net/sim/sim_stream.hpp"

#include <algorithm>
#include <cstring>

namespace tenfold::net::sim {

SimStream::SimStream(SimLoop& loop, Side side, const Endpoint& local, const Endpoint& peer)
    : Stream(loop), loop_of_this_(loop), side_(side), number_(++loop.network().streams_made_) {
  local_ = local;
  peer_ = peer;
  loop.network().streams_.push_back(this);
}

void SimStream::join(SimStream& a, SimStream& b) {
  a.other_ = &b;
  b.other_ = &a;
}

SimStream::~SimStream() {
  std::erase(loop_of_this_.network().streams_, this);
  if (other_ == nullptr) return;
  SimStream& other = *std::exchange(other_, nullptr);
  other.other_ = nullptr;
  // TCP resets when a socket is closed with bytes unread (RFC 2525, 2.17). What was sent before is on its way all the
  // same, and can be read at the other end.
  const bool unread = arriving_bytes_ > 0 || unread_buffers() > 0;
  const Piece::End end = reset_on_close_ || unread ? Piece::End::reset : Piece::End::finished;
  other.arriving_.push_back({loop_.now() + loop_of_this_.network().faults(listener()).latency, {}, end});
  pump_soon(other);
}

bool SimStream::frozen() const {
  return loop_of_this_.network().faults(listener()).stopped && side_ == Side::listening;
}

bool SimStream::want_input() {
  pump();
  return has_input();
}

void SimStream::end_with(Errc code) {
  if (writer_waits()) complete_write(fail(code));
}

void SimStream::pump() {
  SimNetwork& network = loop_of_this_.network();
  const auto alive = [&network, number = number_] { return network.find_stream(number) != nullptr; };
  if (broken_) {
    if (writer_waits()) complete_write(fail(Errc::closed, "sending"));
    if (alive()) deliver_end(Error{Errc::closed, "receiving"});
    return;
  }
  if (writer_waits() && (other_ == nullptr || send_some())) {
    if (other_ != nullptr) pump_soon(*other_);
    complete_write(other_ == nullptr ? Result<void>(fail(Errc::closed, "sending")) : Result<void>());
    if (!alive()) return;
  }
  while (!frozen() && !arriving_.empty() && arriving_.front().due <= loop_.now() && !input_full() && !input_ended()) {
    Piece& piece = arriving_.front();
    if (piece.bytes.empty()) {
      const bool reset = piece.end == Piece::End::reset;
      arriving_.pop_front();
      deliver_end(reset ? std::optional<Error>(Error{Errc::closed, "receiving"}) : std::nullopt);
      return;
    }
    const std::size_t largest =
        std::min<std::size_t>(network.faults(listener()).largest_piece, HeapBuffers::block_bytes);
    const std::size_t limit = largest < HeapBuffers::block_bytes ? 1 + network.random().below(largest) : largest;
    const std::size_t size = std::min(piece.bytes.size(), limit);
    Buffer buffer = loop_of_this_.buffers().copy_of(std::string_view(piece.bytes).substr(0, size));
    piece.bytes.erase(0, size);
    arriving_bytes_ -= size;
    if (piece.bytes.empty()) arriving_.pop_front();
    SimStream* const other = other_;
    deliver(std::move(buffer));
    if (!alive()) return;
    if (other_ != nullptr && other->writer_waits()) {
      other->pump();
      if (!alive()) return;
    }
  }
  schedule();
}

void SimStream::schedule() {
  if (!frozen() && !arriving_.empty() && arriving_.front().due > loop_.now()) {
    loop_.timers().arm(due_timer_, arriving_.front().due);
  }
}

void SimStream::pump_soon(SimStream& stream) {
  SimNetwork& network = loop_of_this_.network();
  stream.loop().post([&network, number = stream.number_] {
    if (SimStream* const at = network.find_stream(number)) at->pump();
  });
}

bool SimStream::send_some() {
  if (frozen()) return false;
  const Faults faults = loop_of_this_.network().faults(listener());
  std::size_t skip = written_;
  for (const iovec& part : write_parts()) {
    if (skip >= part.iov_len) {
      skip -= part.iov_len;
      continue;
    }
    const std::size_t room = window_bytes - std::min(window_bytes, other_->arriving_bytes_);
    const std::uint64_t until_reset = side_ == Side::listening ? faults.reset_after_bytes - sent_total_ : UINT64_MAX;
    const std::size_t size = std::min({part.iov_len - skip, room, static_cast<std::size_t>(until_reset)});
    if (size == 0) return false;
    other_->arriving_.push_back(
        {loop_.now() + faults.latency, std::string(static_cast<const char*>(part.iov_base) + skip, size)});
    other_->arriving_bytes_ += size;
    written_ += size;
    sent_total_ += size;
    if (size < part.iov_len - skip) return false;
    skip = 0;
  }
  return true;
}

bool SimStream::start_write() {
  written_ = 0;
  if (cancelled_ || broken_ || other_ == nullptr) {
    complete_write(fail(cancelled_ ? Errc::cancelled : Errc::closed, "sending"));
    return true;
  }
  const bool done = send_some();
  SimNetwork& network = loop_of_this_.network();
  const Faults faults = network.faults(listener());
  if (side_ == Side::listening && sent_total_ >= faults.reset_after_bytes) {
    loop_.post([&network, number = number_] {
      if (SimStream* const at = network.find_stream(number)) at->break_connection();
    });
  }
  pump_soon(*other_);
  if (done) complete_write({});
  return done;
}

Task<void> SimStream::finish_writing(TimePoint) {
  if (other_ != nullptr) {
    other_->arriving_.push_back({loop_.now() + loop_of_this_.network().faults(listener()).latency, {}});
    pump_soon(*other_);
  }
  co_return;
}

void SimStream::cancel() {
  cancelled_ = true;
  SimNetwork& network = loop_of_this_.network();
  const std::uint64_t number = number_;
  end_with(Errc::cancelled);
  if (network.find_stream(number) != nullptr) deliver_end(Error{Errc::cancelled});
}

void SimStream::break_connection() {
  SimNetwork& network = loop_of_this_.network();
  const std::uint64_t other = other_ != nullptr ? other_->number_ : 0;
  broken_ = true;
  if (other_ != nullptr) other_->broken_ = true;
  pump();
  if (SimStream* const at = network.find_stream(other)) at->pump();
}

}  // namespace tenfold::net::sim
