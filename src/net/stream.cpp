#include "net/stream.hpp"

#include "net/loop.hpp"

namespace tenfold::net {

Stream::Stream(Loop& loop)
    : loop_(loop), read_timer_(&on_read_deadline, this), write_timer_(&on_write_deadline, this) {}

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
  TENFOLD_ASSERT(stream_.input_end_.has_value());
  if (!*stream_.input_end_) return std::unexpected(stream_.input_end_->error());
  return Buffer();
}

Buffer Stream::take_ready() {
  TENFOLD_ASSERT(reader_ == nullptr);
  return first_.empty() ? Buffer() : pop_input();
}

Buffer Stream::pop_input() {
  Buffer popped = std::move(first_);
  first_ = Buffer();
  if (overflow_front_ < overflow_.size()) {
    first_ = std::move(overflow_[overflow_front_++]);
    if (overflow_front_ == overflow_.size()) {
      std::vector<Buffer>().swap(overflow_);
      overflow_front_ = 0;
    }
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
  if (overflow_front_ > 0) {
    overflow_[--overflow_front_] = std::move(second);
  } else {
    overflow_.insert(overflow_.begin(), std::move(second));
  }
  if (input_full()) was_full_ = true;
}

void Stream::deliver(Buffer bytes) {
  TENFOLD_ASSERT(!bytes.empty());
  if (first_.empty()) {
    first_ = std::move(bytes);
  } else {
    overflow_.push_back(std::move(bytes));
  }
  if (input_full()) was_full_ = true;
  if (reader_) {
    read_timer_.cancel();
    std::exchange(reader_, nullptr).resume();
  }
}

void Stream::deliver_end(std::optional<Error> error) {
  if (!input_end_) {
    input_end_.emplace();
    if (error) *input_end_ = std::unexpected(std::move(*error));
  }
  if (reader_) {
    read_timer_.cancel();
    std::exchange(reader_, nullptr).resume();
  } else {
    tell_input_end(*input_end_ ? InputEnd::finished : InputEnd::broken);
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
  read_interrupted_ = std::move(error);
  std::exchange(reader_, nullptr).resume();
}

void Stream::on_read_deadline(void* self) { static_cast<Stream*>(self)->interrupt_reader({Errc::timed_out}); }

// ---- writing ----

Stream::WriteAwaiter Stream::write(std::span<const iovec> parts, TimePoint deadline) {
  TENFOLD_ASSERT(!writer_ && parts.size() <= 64);
  write_parts_ = parts;
  return {*this, deadline};
}

Stream::WriteAwaiter Stream::write(std::string_view bytes, TimePoint deadline) {
  single_part_ = {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
  return write(std::span<const iovec>(&single_part_, 1), deadline);
}

bool Stream::WriteAwaiter::await_suspend(std::coroutine_handle<> writer) {
  stream_.write_result_.reset();
  if (stream_.start_write()) return false;
  stream_.writer_ = writer;
  stream_.loop_.timers().arm(stream_.write_timer_, deadline_);
  return true;
}

Result<void> Stream::WriteAwaiter::await_resume() {
  TENFOLD_ASSERT(stream_.write_result_.has_value());
  Result<void> result = std::move(*stream_.write_result_);
  stream_.write_result_.reset();
  stream_.write_parts_ = {};
  return result;
}

void Stream::complete_write(Result<void> result) {
  write_result_ = std::move(result);
  if (writer_) {
    write_timer_.cancel();
    std::exchange(writer_, nullptr).resume();
  }
}

void Stream::on_write_deadline(void* self) { static_cast<Stream*>(self)->abort_write(); }

}  // namespace tenfold::net
