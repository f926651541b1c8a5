#include "net/uring/uring_stream.hpp"

#include <algorithm>
#include <cerrno>

#include "net/socket.hpp"

namespace tenfold::net {

// ---- the socket ----

void UringReceive::on_completion(int result, std::uint32_t flags) {
  static_cast<UringSocket*>(this)->on_received(result, flags);
}

void UringSend::on_completion(int result, std::uint32_t) { static_cast<UringSocket*>(this)->on_sent(result); }

UringSocket::UringSocket(Ring& ring, int descriptor) : ring_(ring), descriptor_(descriptor) {}

void UringSocket::receive(Receiving how) {
  // While a cancellation is under way its completion decides what is next.
  if (receiving_ || linked()) return;
  io_uring_sqe& sqe = ring_.submission(&receiving());
  if (how == Receiving::on_and_on) {
    io_uring_prep_recv_multishot(&sqe, descriptor_, nullptr, 0, 0);
    sqe.ioprio |= IORING_RECVSEND_POLL_FIRST;
    sqe.file_index = ring_.most_of_one_receive();  // called optlen there since Linux 6.17
    bounded_ = ring_.most_of_one_receive() != 0;
  } else {
    io_uring_prep_recv(&sqe, descriptor_, nullptr, 0, 0);
  }
  io_uring_sqe_set_data(&sqe, static_cast<UringOperation*>(&receiving()));
  sqe.flags |= IOSQE_BUFFER_SELECT;
  sqe.buf_group = ReceiveBuffers::group;
  receiving_ = true;
  on_and_on_ = how == Receiving::on_and_on;
}

// What comes while nobody reads is taken piece by piece: where it has no bound, an on-and-on receive takes all that the
// peer has sent, a megabyte and more, before it can be stopped.
void UringSocket::receive_if_room() {
  if (owner_->input_full() || owner_->cancelled_) return;  // input_drained() goes on
  receive(owner_->reader_waits() ? Receiving::on_and_on : Receiving::once);
}

void UringSocket::stop_receiving() {
  unlink();
  if (!receiving_ || stopping_) return;
  stopping_ = true;
  ring_.cancel(receiving());
}

void UringSocket::stop_receiving_on() {
  if (on_and_on_) stop_receiving();
}

void UringSocket::on_received(int result, std::uint32_t flags) {
  if ((flags & IORING_CQE_F_MORE) == 0) receiving_ = stopping_ = false;
  Buffer bytes;
  if ((flags & IORING_CQE_F_BUFFER) != 0) {
    bytes = ring_.receive_buffers().take(flags, static_cast<std::uint32_t>(std::max(result, 0)));
  }
  if (released_) {
    bytes = Buffer();
    free_if_done();
    return;
  }
  if (result > 0) {
    // Before the bytes are delivered: whoever is woken by them may destroy the stream.
    if (!receiving_ && owner_->unread_buffers() + 1 < UringStream::input_high) receive_if_room();
    owner_->received(std::move(bytes));
  } else if (result == -ENOBUFS) {
    ring_.receive_buffers().ran_out(*this);
    owner_->wake_reader();
  } else if (result == -ECANCELED) {
    // Stopped because nobody took the input; it may have been taken since.
    receive_if_room();
    owner_->wake_reader();
  } else if (result == -EINVAL && bounded_) {
    bounded_ = false;
    ring_.receive_without_bound();
    receive_if_room();
    owner_->wake_reader();
  } else if (result == 0) {
    owner_->deliver_end(std::nullopt);
  } else if (result != -EINTR && result != -EAGAIN) {
    owner_->deliver_end(system_error(-result, "receiving"));
  } else {
    receive_if_room();
    owner_->wake_reader();
  }
}

void UringSocket::on_buffers_available() { receive_if_room(); }

void UringSocket::send(std::span<const iovec> parts) {
  io_uring_sqe& sqe = ring_.submission(&sending());
  send_bytes_ = 0;
  for (const iovec& part : parts) send_bytes_ += part.iov_len;
  if (parts.size() == 1) {
    io_uring_prep_send(&sqe, descriptor_, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL | MSG_WAITALL);
  } else {
    if (!message_) message_ = std::make_unique<msghdr>();
    *message_ = {};
    message_->msg_iov = const_cast<iovec*>(parts.data());
    message_->msg_iovlen = parts.size();
    io_uring_prep_sendmsg(&sqe, descriptor_, message_.get(), MSG_NOSIGNAL | MSG_WAITALL);
  }
  io_uring_sqe_set_data(&sqe, static_cast<UringOperation*>(&sending()));
  sending_ = true;
}

void UringSocket::cancel_send() {
  if (sending_) ring_.cancel(sending());
}

void UringSocket::on_sent(int result) {
  sending_ = false;
  if (released_) {
    free_if_done();
    return;
  }
  if (owner_->cancelled_ && result != static_cast<int>(send_bytes_)) {
    owner_->complete_write(fail(Errc::cancelled));
  } else if (owner_->write_timed_out_ && result != static_cast<int>(send_bytes_)) {
    owner_->complete_write(fail(Errc::timed_out));
  } else if (result < 0) {
    owner_->complete_write(std::unexpected(system_error(-result, "sending")));
  } else if (static_cast<std::size_t>(result) < send_bytes_) {
    owner_->complete_write(fail(Errc::closed, "sending"));
  } else {
    owner_->complete_write({});
  }
}

void UringSocket::release() {
  released_ = true;
  ring_.count_orphan(1);
  owner_ = nullptr;
  unlink();
  if (receiving_ && !stopping_) ring_.cancel(receiving());
  if (sending_) ring_.cancel(sending());
  ring_.close(std::exchange(descriptor_, -1));
  free_if_done();
}

void UringSocket::free_if_done() {
  if (receiving_ || sending_) return;
  ring_.count_orphan(-1);
  delete this;
}

// ---- the stream ----

UringStream::UringStream(Loop& loop, Ring& ring, int descriptor, const Endpoint& local, const Endpoint& peer)
    : Stream(loop), socket_(new UringSocket(ring, descriptor)) {
  local_ = local;
  peer_ = peer;
  socket_->set_owner(this);
}

UringStream::~UringStream() { socket_->release(); }

bool UringStream::want_input() {
  socket_->receive(UringSocket::Receiving::on_and_on);
  return false;
}

// Input is copied to its own size when receive buffers are scarce (requests that wait for a slow origin hold theirs),
// and when it is small and nobody reads (clients who send in drips): so nobody can tie up the loop's receive buffers.
void UringStream::received(Buffer bytes) {
  constexpr std::size_t small = 2048;
  Ring& ring = socket_->ring();
  if (ring.receive_buffers().scarce() || (!reader_waits() && bytes.size() <= small)) {
    bytes = ring.heap_buffers().copy_of(bytes.view());
  }
  const std::size_t most = reader_waits() ? input_high : taken_ahead;
  if (unread_buffers() + 1 >= most) socket_->stop_receiving_on();
  // What arrived together is read together, and can be passed on in one write. A reader that waits takes it all.
  if (reader_waits() && socket_->receives_more_now()) {
    keep(std::move(bytes));
    return;
  }
  deliver(std::move(bytes));
}

void UringStream::input_drained() {
  if (!cancelled_) socket_->receive(UringSocket::Receiving::once);
}

bool UringStream::start_write() {
  if (cancelled_) {
    complete_write(fail(Errc::cancelled));
    return true;
  }
  write_timed_out_ = false;
  socket_->send(write_parts());
  return false;
}

void UringStream::abort_write() {
  write_timed_out_ = true;
  socket_->cancel_send();
}

Task<void> UringStream::finish_writing(TimePoint) {
  ::shutdown(socket_->descriptor(), SHUT_WR);
  co_return;
}

void UringStream::cancel() {
  cancelled_ = true;
  socket_->stop_receiving();
  socket_->cancel_send();
  deliver_end(Error{Errc::cancelled});
}

void UringStream::reset_on_close() { linger_zero(socket_->descriptor()); }

}  // namespace tenfold::net
