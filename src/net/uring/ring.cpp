#include "net/uring/ring.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace tenfold::net {

Result<std::unique_ptr<Ring>> Ring::make() {
  std::unique_ptr<Ring> ring(new Ring);
  io_uring_params parameters{};
  // Disabled until the first wait: the thread that enables the ring is the one that may use it (SINGLE_ISSUER), and a
  // loop may be made on another thread than the one that runs it.
  parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_R_DISABLED |
                     IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL;
  parameters.cq_entries = entries * 4;
  const int error = io_uring_queue_init_params(entries, &ring->ring_, &parameters);
  if (error != 0) return fail(Errc::unsupported, system_error(-error, "io_uring_setup (needs Linux 6.1)").detail);
  ring->made_ = true;
  auto buffers = ReceiveBuffers::make(ring->ring_);
  if (!buffers) return std::unexpected(buffers.error());
  ring->receive_buffers_ = std::move(*buffers);
  return ring;
}

Ring::~Ring() {
  if (made_) io_uring_queue_exit(&ring_);
}

io_uring_sqe& Ring::submission(UringOperation* operation) {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
  while (sqe == nullptr) {
    TENFOLD_ASSERT(enabled_);
    io_uring_submit(&ring_);
    sqe = io_uring_get_sqe(&ring_);
  }
  // The prep functions of liburing clear all but user_data in this version or all in others: set it after as well.
  io_uring_sqe_set_data(sqe, operation);
  return *sqe;
}

void Ring::cancel(UringOperation& operation) {
  io_uring_sqe& sqe = submission(nullptr);
  io_uring_prep_cancel(&sqe, &operation, 0);
  io_uring_sqe_set_data(&sqe, nullptr);
  sqe.flags |= IOSQE_CQE_SKIP_SUCCESS;
}

void Ring::close(int descriptor) {
  // Nobody but the ring's thread may submit, and before it is enabled nobody can.
  if (!enabled_ || user_ != std::this_thread::get_id()) {
    ::close(descriptor);
    return;
  }
  io_uring_sqe& sqe = submission(nullptr);
  io_uring_prep_close(&sqe, descriptor);
  io_uring_sqe_set_data(&sqe, nullptr);
  sqe.flags |= IOSQE_CQE_SKIP_SUCCESS;
}

void Ring::finish() {
  constexpr int attempts = 1000;  // a second; what the kernel still holds then is leaked rather than freed under it
  // What is queued counts as well: a close that is not submitted leaves the peer waiting.
  for (int i = 0; (orphans_ > 0 || (enabled_ && io_uring_sq_ready(&ring_) > 0)) && i < attempts; ++i) {
    // On another thread than the ring's (a loop destroyed by who made it) nothing can be ended; the process's end does.
    if (submit_and_wait(std::chrono::milliseconds(orphans_ > 0 ? 1 : 0)) != 0) return;
    handle_completions();
  }
}

int Ring::submit_and_wait(Duration max_wait) {
  if (!enabled_) {
    // liburing 2.3 declares io_uring_enable_rings but does not export it.
    TENFOLD_ASSERT(::syscall(__NR_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0) == 0);
    enabled_ = true;
    user_ = std::this_thread::get_id();
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(max_wait);
  __kernel_timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (max_wait - seconds).count()};
  io_uring_cqe* completion = nullptr;
  const int result =
      io_uring_submit_and_wait_timeout(&ring_, &completion, max_wait > Duration(0) ? 1 : 0, &timeout, nullptr);
  // EBUSY: the kernel holds completions back until the queue has room, which handling them makes.
  const bool expected = result >= 0 || result == -ETIME || result == -EINTR || result == -EBUSY || result == -EAGAIN;
  if (result == -EBUSY || max_wait == Duration(0)) io_uring_get_events(&ring_);
  return expected ? 0 : result;
}

void Ring::handle_completions() {
  std::array<io_uring_cqe*, 64> batch;
  while (const unsigned count = io_uring_peek_batch_cqe(&ring_, batch.data(), batch.size())) {
    for (unsigned i = 0; i < count; ++i) {
      auto* const operation = static_cast<UringOperation*>(io_uring_cqe_get_data(batch[i]));
      next_ = i + 1 < count ? static_cast<UringOperation*>(io_uring_cqe_get_data(batch[i + 1])) : nullptr;
      if (operation != nullptr) operation->on_completion(batch[i]->res, batch[i]->flags);
    }
    next_ = nullptr;
    io_uring_cq_advance(&ring_, count);
  }
}

}  // namespace tenfold::net
