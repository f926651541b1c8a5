#include "net/stream.hpp"

#include <algorithm>

#include "net/loop.hpp"

namespace tenfold::net {

Stream::Stream(Loop& loop) : loop_(loop), read_timer_(&on_read_deadline, this) {}

Stream::~Stream() { TENFOLD_ASSERT(reader_ == nullptr && writer_ == nullptr); }

// ---- reading ----

bool Stream::ReadAwaiter::await_ready() {
  TENFOLD_ASSERT(stream_.reader_ == nullptr);
  return stream_.has_input();
}

bool Stream::ReadAwaiter::await_suspend(std::coroutine_handle<> reader) {
  if (stream_.want_input()) return false;
  stream_.reader_ = reader;
  stream_.loop_.timers().arm(stream_.read_timer_, deadline_);
  return true;
}

Result<Buffer> Stream::ReadAwaiter::await_resume() {
  if (stream_.read_interrupted_) {
    auto error = std::unexpected(std::move(*stream_.read_interrupted_));
    stream_.read_interrupted_.reset();
    return error;
  }
  if (!stream_.first_.empty()) return stream_.pop_input();
  TENFOLD_ASSERT(stream_.input_ended_);
  if (stream_.input_error_) return std::unexpected(*stream_.input_error_);
  return Buffer();
}

Buffer Stream::take_ready() {
  TENFOLD_ASSERT(reader_ == nullptr);
  return first_.empty() ? Buffer() : pop_input();
}

Buffer Stream::pop_input() {
  Buffer popped = std::move(first_);
  first_ = Buffer();
  if (overflow_) {
    first_ = std::move(overflow_->buffers[overflow_->front++]);
    if (overflow_->unread() == 0) overflow_.reset();
  }
  if (was_full_ && unread_buffers() <= input_low) {
    was_full_ = false;
    input_drained();
  }
  return popped;
}

void Stream::put_back(Buffer bytes) {
  TENFOLD_ASSERT(reader_ == nullptr);
  if (bytes.empty()) return;
  Buffer second = std::exchange(first_, std::move(bytes));
  if (second.empty()) return;
  if (!overflow_) overflow_ = std::make_unique<Overflow>();
  if (overflow_->front > 0) {
    overflow_->buffers[--overflow_->front] = std::move(second);
  } else {
    overflow_->buffers.insert(overflow_->buffers.begin(), std::move(second));
  }
  if (input_full()) was_full_ = true;
}

void Stream::deliver(Buffer bytes) {
  keep(std::move(bytes));
  wake_reader();
}

void Stream::keep(Buffer bytes) {
  TENFOLD_ASSERT(!bytes.empty());
  if (first_.empty()) {
    first_ = std::move(bytes);
  } else {
    if (!overflow_) overflow_ = std::make_unique<Overflow>();
    overflow_->buffers.push_back(std::move(bytes));
  }
  if (input_full()) was_full_ = true;
}

void Stream::wake_reader() {
  if (!reader_ || !has_input()) return;
  read_timer_.cancel();
  std::exchange(reader_, nullptr).resume();
}

void Stream::deliver_end(std::optional<Error> error) {
  if (!input_ended_) {
    input_ended_ = true;
    if (error) input_error_ = std::make_unique<Error>(std::move(*error));
  }
  if (reader_) {
    wake_reader();
  } else {
    tell_input_end(input_error_ ? InputEnd::broken : InputEnd::finished);
  }
}

void Stream::when_input_ends(EndCallback callback, void* context) {
  end_callback_ = callback;
  end_context_ = context;
}

void Stream::tell_input_end(InputEnd how) {
  if (end_callback_ != nullptr) std::exchange(end_callback_, nullptr)(end_context_, how);
}

void Stream::interrupt_reader(Error error) {
  if (!reader_) return;
  read_timer_.cancel();
  read_interrupted_ = std::make_unique<Error>(std::move(error));
  std::exchange(reader_, nullptr).resume();
}

void Stream::on_read_deadline(void* self) { static_cast<Stream*>(self)->interrupt_reader({Errc::timed_out}); }

// ---- writing ----

Stream::WriteAwaiter Stream::write(std::span<const iovec> parts, WriteLimit limit) { return {*this, parts, limit}; }

Stream::WriteAwaiter Stream::write(std::string_view bytes, WriteLimit limit) { return {*this, bytes, limit}; }

Stream::WriteAwaiter::WriteAwaiter(Stream& stream, std::span<const iovec> parts, WriteLimit limit)
    : stream_(stream), limit_(limit), parts_(parts), timer_(&on_look, this) {
  TENFOLD_ASSERT(stream.writer_ == nullptr && parts.size() <= 64);
}

Stream::WriteAwaiter::WriteAwaiter(Stream& stream, std::string_view bytes, WriteLimit limit)
    : stream_(stream),
      limit_(limit),
      single_part_{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()},
      parts_(&single_part_, 1),
      timer_(&on_look, this) {
  TENFOLD_ASSERT(stream.writer_ == nullptr);
}

bool Stream::WriteAwaiter::await_suspend(std::coroutine_handle<> writer) {
  stream_.writer_ = this;
  if (stream_.start_write()) {
    stream_.writer_ = nullptr;
    return false;
  }
  waiting_ = writer;
  moved_ = stream_.loop_.now();
  stream_.loop_.timers().arm(timer_, next_look(moved_));
  return true;
}

void Stream::complete_write(Result<void> result) {
  if (writer_ == nullptr) return;
  writer_->result_ = std::move(result);
  if (writer_->waiting_ == nullptr) return;  // still starting: it will not wait
  writer_->timer_.cancel();
  std::exchange(writer_, nullptr)->waiting_.resume();
}

// The first look learns what was taken by then; those behind it see whether that has changed.
void Stream::WriteAwaiter::on_look(void* self) {
  auto& write = *static_cast<WriteAwaiter*>(self);
  const TimePoint now = write.stream_.loop_.now();
  if (now >= write.limit_.deadline) return write.stream_.abort_write();
  const std::uint64_t taken = write.stream_.bytes_taken();
  if (write.taken_ && *write.taken_ != taken) write.moved_ = now;
  write.taken_ = taken;
  if (now - write.moved_ >= write.limit_.patience) return write.stream_.abort_write();
  write.stream_.loop_.timers().arm(write.timer_, write.next_look(now));
}

TimePoint Stream::WriteAwaiter::next_look(TimePoint now) const {
  if (limit_.patience == Duration::max()) return limit_.deadline;
  constexpr int looks = 16;
  return std::min({limit_.deadline, now + limit_.patience / looks, moved_ + limit_.patience});
}

}  // namespace tenfold::net
