#pragma once

#include <liburing.h>

#include <cstdint>
#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/heap_buffers.hpp"
#include "net/uring/receive_buffers.hpp"

namespace tenfold::net {

// What a submitted operation reports to: its address is the submission's user_data, so it must stay until the last
// completion (the one without IORING_CQE_F_MORE) has come.
class UringOperation {
 public:
  virtual void on_completion(int result, std::uint32_t flags) = 0;

 protected:
  ~UringOperation() = default;
};

// One io_uring instance and the buffers that it receives into.
class Ring {
 public:
  static Result<std::unique_ptr<Ring>> make();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring();

  // A submission to fill in; submits what is queued when the queue is full. Never null.
  io_uring_sqe& submission(UringOperation* operation);
  // Ends an operation early; it completes with -ECANCELED or with its result if that came first.
  void cancel(UringOperation& operation);
  // Closes the descriptor once the operations queued so far have started; on another thread than the ring's at once.
  void close(int descriptor);

  // While a completion is handled: whether the next one is of this operation too, and is handled at once.
  bool next_is(const UringOperation& operation) const { return next_ == &operation; }

  // Submits, waits for a completion, calls `woken` once, then handles the completions.
  template <class F>
  void wait(Duration max_wait, F&& woken);

  // Objects that nobody owns any more and that free themselves once the kernel is done with them count themselves here;
  // finish() waits for them, and submits what is queued. On the thread that uses the ring.
  void count_orphan(int by) { orphans_ += by; }
  void finish();

  // Bytes after which a multishot receive ends by itself, so that a peer which sends without pause to somebody who does
  // not read takes no more than that; 0 for a kernel that knows no such bound (before 6.17) and says EINVAL.
  std::uint32_t most_of_one_receive() const { return most_of_one_receive_; }
  void receive_without_bound() { most_of_one_receive_ = 0; }

  ReceiveBuffers& receive_buffers() { return *receive_buffers_; }
  HeapBuffers& heap_buffers() { return heap_buffers_; }

 private:
  Ring() = default;
  int submit_and_wait(Duration max_wait);  // 0 or a negative errno
  void handle_completions();

  // The submission queue holds this many; the completion queue four times as many (it does not lose any past that,
  // the kernel keeps them).
  static constexpr unsigned entries = 1024;
  io_uring ring_{};
  bool made_ = false;
  bool enabled_ = false;
  std::thread::id user_;  // who enabled it
  int orphans_ = 0;
  std::uint32_t most_of_one_receive_ = 8 * ReceiveBuffers::buffer_bytes;
  const UringOperation* next_ = nullptr;
  HeapBuffers heap_buffers_;
  std::unique_ptr<ReceiveBuffers> receive_buffers_;
};

template <class F>
void Ring::wait(Duration max_wait, F&& woken) {
  const int result = submit_and_wait(max_wait);
  TENFOLD_ASSERT(result == 0);
  woken();
  handle_completions();
}

}  // namespace tenfold::net
