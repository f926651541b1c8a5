#pragma once

#include <sys/uio.h>

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/buffer.hpp"
#include "net/task.hpp"
#include "net/timers.hpp"
#include "net/tls/fingerprint.hpp"

namespace tenfold::net {

class Loop;

// What a finished TLS handshake agreed on.
struct TlsInfo {
  std::string protocol;     // ALPN: "http/1.1", "h2" or empty
  std::string server_name;  // SNI as the client sent it, or empty
  std::string version;      // "TLSv1.3"
  bool resumed = false;
  TlsFingerprint fingerprint;  // of the client; only at the server
};

// How long a write may take. In all, and between two moments in which the peer took something: who takes a long answer
// slowly gets it, who takes nothing does not hold on to it. The second holds to a sixteenth of itself.
struct WriteLimit {
  WriteLimit(TimePoint for_all) : deadline(for_all) {}  // NOLINT(google-explicit-constructor): the usual kind
  WriteLimit(TimePoint for_all, Duration between) : deadline(for_all), patience(between) {}

  TimePoint deadline;
  Duration patience = Duration::max();
};

// A connected stream of bytes: TCP, TLS over it, or one in memory. Destroying it closes the connection at once.
//
// At most one read and one write may wait at a time, and neither may be waiting when the stream is destroyed.
// One thread only.
class Stream {
 public:
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream();

  class ReadAwaiter;
  class WriteAwaiter;

  // The next bytes as they came, at least one; an empty Buffer once the peer has finished sending (again on every
  // later read). Errors: timed_out (nothing is lost: a later read goes on), cancelled, closed (reset by the peer),
  // failed (TLS: what was wrong).
  ReadAwaiter read(TimePoint deadline);

  // Bytes that are here already, without waiting; an empty Buffer when there are none (yet, or any more). No read may
  // be waiting.
  Buffer take_ready();

  // The read that waits, if any, fails with cancelled, at once. Nothing is lost: a later read goes on.
  void interrupt_read() { interrupt_reader({Errc::cancelled}); }

  // Writes all parts in order, or fails; after a failure nothing more can be written.
  // The parts and what they point to must stay until the write returns; it does not return before the kernel is done
  // with them, so a limit can be passed by some milliseconds. At most 64 parts.
  // Errors: timed_out, cancelled, closed, failed. What the peer had sent before it closed can still be read.
  WriteAwaiter write(std::span<const iovec> parts, WriteLimit limit);
  WriteAwaiter write(std::string_view bytes, WriteLimit limit);

  // A number that changes when the peer takes bytes that were written to it (for TCP, when its system acknowledges
  // them). Costs a system call.
  virtual std::uint64_t bytes_taken() const { return 0; }
  // Bytes that were written and that the peer has not taken yet; 0 where that is not known. Costs a system call.
  virtual std::uint64_t bytes_untaken() const { return 0; }

  // Tells the peer that no more will be written (TCP FIN, TLS close_notify). What was written is still delivered.
  virtual Task<void> finish_writing(TimePoint deadline) = 0;

  // Waiting and later reads and writes fail with cancelled. The connection is closed on destruction as always.
  virtual void cancel() = 0;

  // Closing throws away what was not sent and tells the peer by a reset (SO_LINGER 0). For peers that misbehave.
  virtual void reset_on_close() {}

  // Puts bytes that were read, and are somebody else's, back before all other unread input. No read may be waiting.
  void put_back(Buffer bytes);

  // Calls back, once, when no more input will come while nobody waits to read it: the peer has finished sending, or the
  // connection broke or was cancelled. The callback may destroy the stream. For TLS ask transport() for it.
  enum class InputEnd : std::uint8_t { finished, broken };
  using EndCallback = void (*)(void* context, InputEnd how);
  void when_input_ends(EndCallback callback, void* context);
  // The stream that carries this one's bytes; itself when that is none.
  virtual Stream& transport() { return *this; }

  // True when a read would return without waiting.
  bool has_input() const { return !first_.empty() || input_ended_; }

  const Endpoint& local() const { return local_; }
  const Endpoint& peer() const { return peer_; }
  virtual const TlsInfo* tls() const { return nullptr; }
  Loop& loop() const { return loop_; }

 protected:
  explicit Stream(Loop& loop);

  // ---- For implementations ----

  // A reader is about to wait and nothing is there. Returns true when it has delivered input or its end meanwhile, so
  // that the reader need not wait.
  virtual bool want_input() = 0;
  // The queue of unread input fell to its low mark after it had been full: go on receiving.
  virtual void input_drained() {}
  // Starts to write write_parts(). Returns true when done already, by complete_write().
  virtual bool start_write() = 0;
  // The write's deadline passed: end it soon, then complete_write() with timed_out.
  virtual void abort_write() = 0;

  // These resume whoever waits, and that may destroy the stream: touch nothing of it afterwards.
  void deliver(Buffer bytes);                    // received bytes, never empty
  void wake_reader();                            // if one waits and there is input, or its end
  void deliver_end(std::optional<Error> error);  // nothing more will come: clean end (no error) or failure
  void complete_write(Result<void> result);      // of the write under way; resumes the writer
  void tell_input_end(InputEnd how);             // for those who find out without receiving
  std::size_t unread_buffers() const { return (first_.empty() ? 0 : 1) + (overflow_ ? overflow_->unread() : 0); }
  bool input_full() const { return unread_buffers() >= input_high; }
  bool input_ended() const { return input_ended_; }
  bool reader_waits() const { return reader_ != nullptr; }
  bool writer_waits() const;
  // What is being written; only while a write is under way.
  std::span<const iovec> write_parts() const;
  // As deliver(), but the waiting reader is not resumed: more is here, and wake_reader() or deliver() follows at once.
  void keep(Buffer bytes);
  // The waiting reader, if any, gets this error; input is not touched.
  void interrupt_reader(Error error);

  // Past this many unread buffers an implementation stops receiving; the peer then sees a full TCP window. What was
  // being received by then still comes (io_uring: as much again).
  static constexpr std::size_t input_high = 8;
  static constexpr std::size_t input_low = 2;

  Loop& loop_;
  Endpoint local_;
  Endpoint peer_;

 private:
  friend class ReadAwaiter;
  friend class WriteAwaiter;
  static void on_read_deadline(void* self);
  Buffer pop_input();

  // Input behind first_, from `front` on.
  struct Overflow {
    std::vector<Buffer> buffers;
    std::size_t front = 0;
    std::size_t unread() const { return buffers.size() - front; }
  };

  // An idle connection consists of little more than its stream, and there are tens of thousands of those: what only
  // lasts while something is read, written or wrong is allocated then, or lies in the writer's awaiter.
  Buffer first_;                             // unread input; one buffer costs no allocation
  std::unique_ptr<Overflow> overflow_;       // null: none
  std::unique_ptr<Error> input_error_;       // how the input ended, if not well
  std::unique_ptr<Error> read_interrupted_;  // the waiting read's time-out or cancellation
  EndCallback end_callback_ = nullptr;
  void* end_context_ = nullptr;
  std::coroutine_handle<> reader_ = nullptr;
  WriteAwaiter* writer_ = nullptr;  // from the start of a write to its end
  Timer read_timer_;
  bool was_full_ = false;
  bool input_ended_ = false;  // no more input will come
};

class Stream::ReadAwaiter {
 public:
  ReadAwaiter(Stream& stream, TimePoint deadline) : stream_(stream), deadline_(deadline) {}
  bool await_ready();
  bool await_suspend(std::coroutine_handle<> reader);
  Result<Buffer> await_resume();

 private:
  Stream& stream_;
  TimePoint deadline_;
};

// Lies in the frame of whoever writes, and holds all that a write needs.
class Stream::WriteAwaiter {
 public:
  WriteAwaiter(Stream& stream, std::span<const iovec> parts, WriteLimit limit);
  WriteAwaiter(Stream& stream, std::string_view bytes, WriteLimit limit);
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> writer);
  Result<void> await_resume() { return std::move(result_); }

 private:
  friend class Stream;
  static void on_look(void* self);
  TimePoint next_look(TimePoint now) const;

  Stream& stream_;
  const WriteLimit limit_;
  iovec single_part_{};
  std::span<const iovec> parts_;
  std::coroutine_handle<> waiting_ = nullptr;
  Timer timer_;
  TimePoint moved_{};                   // when the peer was last seen to have taken something
  std::optional<std::uint64_t> taken_;  // bytes_taken() at the last look; most writes are over before the first
  Result<void> result_;
};

inline bool Stream::writer_waits() const { return writer_ != nullptr && writer_->waiting_ != nullptr; }
inline std::span<const iovec> Stream::write_parts() const { return writer_->parts_; }

inline Stream::ReadAwaiter Stream::read(TimePoint deadline) { return {*this, deadline}; }

}  // namespace tenfold::net
