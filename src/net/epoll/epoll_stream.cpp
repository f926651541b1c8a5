#include "net/epoll/epoll_stream.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "net/socket.hpp"

namespace tenfold::net {

EpollStream::EpollStream(Loop& loop, EpollCore& core, HeapBuffers& buffers, int descriptor)
    : Stream(loop), core_(core), buffers_(buffers), descriptor_(descriptor) {}

Result<std::unique_ptr<Stream>> EpollStream::make(Loop& loop, EpollCore& core, HeapBuffers& buffers, int descriptor,
                                                  const Endpoint& local, const Endpoint& peer) {
  std::unique_ptr<EpollStream> stream(new EpollStream(loop, core, buffers, descriptor));
  stream->local_ = local;
  stream->peer_ = peer;
  auto key = core.add(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *stream);
  if (!key) return std::unexpected(key.error());
  stream->key_ = *key;
  return std::unique_ptr<Stream>(std::move(stream));
}

EpollStream::~EpollStream() {
  core_.remove(descriptor_, key_);
  ::close(descriptor_);
}

bool EpollStream::want_input() {
  if (!readable_) return false;
  Buffer buffer = buffers_.allocate();
  const auto room = buffer.room();
  const ssize_t got = ::recv(descriptor_, room.data(), room.size(), 0);
  if (got > 0) {
    buffer.grow(static_cast<std::size_t>(got));
    // A short receive emptied the socket, and edge triggering reports what comes later; an end that was reported
    // already would not be reported again.
    readable_ = end_reported_ || buffer.room().empty();
    deliver(std::move(buffer));
    return true;
  }
  if (got == 0) {
    deliver_end(std::nullopt);
    return true;
  }
  if (errno == EAGAIN || errno == EINTR) {
    readable_ = errno == EINTR;
    return false;
  }
  deliver_end(system_error(errno, "receiving"));
  return true;
}

void EpollStream::on_events(std::uint32_t events) {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) end_reported_ = true;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  // The writer first: it never destroys the stream's reader, while a reader that is resumed may destroy the stream.
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0 && writer_waits() && try_write()) {
    const EpollCore::Key key = key_;
    EpollCore& core = core_;
    complete_write(std::move(outcome_));
    if (!core.watches(key)) return;
  }
  if (readable_ && reader_waits() && !has_input()) {
    want_input();
  } else if (end_reported_ && !reader_waits()) {
    tell_input_end((events & (EPOLLHUP | EPOLLERR)) != 0 ? InputEnd::broken : InputEnd::finished);
  }
}

bool EpollStream::start_write() {
  written_ = 0;
  if (cancelled_) {
    complete_write(fail(Errc::cancelled));
    return true;
  }
  if (!try_write()) return false;
  complete_write(std::move(outcome_));
  return true;
}

bool EpollStream::try_write() {
  while (true) {
    std::array<iovec, 64> rest;
    std::size_t count = 0;
    std::size_t skip = written_;
    for (const iovec& part : write_parts()) {
      if (skip >= part.iov_len) {
        skip -= part.iov_len;
        continue;
      }
      rest[count++] = {static_cast<char*>(part.iov_base) + skip, part.iov_len - skip};
      skip = 0;
    }
    if (count == 0) {
      outcome_ = {};
      return true;
    }
    msghdr message{};
    message.msg_iov = rest.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      written_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      return false;
    } else if (errno != EINTR) {
      outcome_ = std::unexpected(system_error(errno, "sending"));
      return true;
    }
  }
}

void EpollStream::abort_write() { complete_write(fail(Errc::timed_out)); }

Task<void> EpollStream::finish_writing(TimePoint) {
  ::shutdown(descriptor_, SHUT_WR);
  co_return;
}

void EpollStream::cancel() {
  cancelled_ = true;
  const EpollCore::Key key = key_;
  EpollCore& core = core_;
  if (writer_waits()) {
    complete_write(fail(Errc::cancelled));
    if (!core.watches(key)) return;
  }
  deliver_end(Error{Errc::cancelled});
}

void EpollStream::reset_on_close() { linger_zero(descriptor_); }

}  // namespace tenfold::net
