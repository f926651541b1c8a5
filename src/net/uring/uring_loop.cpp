#include "net/uring/uring_loop.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <deque>

#include "net/scope.hpp"
#include "net/socket.hpp"
#include "net/uring/ring.hpp"
#include "net/uring/uring_stream.hpp"

namespace tenfold::net {

namespace {

// Starts one operation (by Prepare, which fills in the submission) and waits for its only completion. At the deadline
// or on cancellation the operation is ended, and the wait goes on until the kernel is done with it.
template <class Prepare>
class OperationAwaiter final : private UringOperation {
 public:
  OperationAwaiter(Loop& loop, Ring& ring, Prepare prepare, TimePoint deadline, CancelToken token)
      : loop_(loop),
        ring_(ring),
        prepare_(prepare),
        deadline_(deadline),
        token_(token),
        timer_(&on_deadline, this),
        hook_(&on_cancel, this) {}

  bool await_ready() {
    if (token_.cancelled()) early_ = Errc::cancelled;
    return early_.has_value();
  }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    io_uring_sqe& sqe = ring_.submission(this);
    prepare_(sqe);
    io_uring_sqe_set_data(&sqe, static_cast<UringOperation*>(this));
    loop_.timers().arm(timer_, deadline_);
    hook_.attach(token_);
  }
  // The kernel's result, or why the operation was ended early.
  Result<int> await_resume() {
    if (early_ && result_ < 0) return fail(*early_);
    return result_;
  }

 private:
  void on_completion(int result, std::uint32_t) override {
    timer_.cancel();
    hook_.detach();
    result_ = result;
    waiter_.resume();
  }
  static void on_deadline(void* self) { static_cast<OperationAwaiter*>(self)->end(Errc::timed_out); }
  static void on_cancel(void* self) { static_cast<OperationAwaiter*>(self)->end(Errc::cancelled); }
  void end(Errc why) {
    if (early_) return;
    early_ = why;
    ring_.cancel(*this);
  }

  Loop& loop_;
  Ring& ring_;
  Prepare prepare_;
  TimePoint deadline_;
  CancelToken token_;
  std::coroutine_handle<> waiter_;
  int result_ = -ECANCELED;
  std::optional<Errc> early_;
  Timer timer_;
  CancelHook hook_;
};

class UringListener;

// The multishot accept; outlives its listener until the kernel is done with it.
class AcceptOperation final : public UringOperation {
 public:
  AcceptOperation(Ring& ring, UringListener& owner, int descriptor)
      : ring_(ring), owner_(&owner), descriptor_(descriptor) {}

  void arm() {
    if (armed_ || ending_) return;
    io_uring_sqe& sqe = ring_.submission(this);
    io_uring_prep_multishot_accept(&sqe, descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    io_uring_sqe_set_data(&sqe, static_cast<UringOperation*>(this));
    armed_ = true;
  }
  // Accepts no more. What the kernel has accepted by then still comes; the owner's ended() is called after it.
  void end();
  // The owner dies, or has seen the end.
  void release() {
    owner_ = nullptr;
    ring_.count_orphan(1);
    if (armed_) {
      ring_.cancel(*this);
      ring_.close(descriptor_);
    } else {
      // At once: a loop that stops next submits nothing more, and the kernel would go on taking connections for it.
      ::close(descriptor_);
    }
    free_if_done();
  }
  int descriptor() const { return descriptor_; }

 private:
  void on_completion(int result, std::uint32_t flags) override;
  void free_if_done() {
    if (armed_ || owner_ != nullptr) return;
    ring_.count_orphan(-1);
    delete this;
  }
  Ring& ring_;
  UringListener* owner_;
  int descriptor_;
  bool armed_ = false;
  bool ending_ = false;
};

class UringListener final : public Listener {
 public:
  UringListener(Loop& loop, Ring& ring, int descriptor)
      : loop_(loop),
        ring_(ring),
        local_(local_endpoint(descriptor)),
        wildcard_(local_.address == IpAddress() || local_.address == IpAddress::v4(0)),
        operation_(new AcceptOperation(ring, *this, descriptor)) {}
  ~UringListener() override {
    if (operation_ != nullptr) std::exchange(operation_, nullptr)->release();
    for (const int descriptor : accepted_) ::close(descriptor);
  }

  Task<Result<std::unique_ptr<Stream>>> accept() override {
    for (;;) {
      while (accepted_.empty()) {
        if (stop_.cancelled()) co_return fail(Errc::cancelled);
        if (error_ != 0) {
          co_return std::unexpected(system_error(std::exchange(error_, 0), "accepting on " + local_.text()));
        }
        operation_->arm();
        auto arrived = co_await arrived_.wait(loop_, no_deadline, stop_.token());
        static_cast<void>(arrived);  // stopped: those that had connected by then come first
      }
      const int descriptor = accepted_.front();
      accepted_.pop_front();
      const Endpoint peer = peer_endpoint(descriptor);
      // Reset before it was taken: the kernel no longer says who it was, and what it has sent must not be served as if
      // it came from no address.
      if (peer.port == 0) {
        ::close(descriptor);
        continue;
      }
      co_return std::make_unique<UringStream>(loop_, ring_, descriptor, wildcard_ ? local_endpoint(descriptor) : local_,
                                              peer);
    }
  }
  void stop() override {
    if (operation_ != nullptr) operation_->end();
  }
  // Nothing more comes from the kernel. Closes the socket as well, so that its port is free once the loop has wound up.
  void ended(int last_descriptor) {
    if (last_descriptor >= 0) accepted_.push_back(last_descriptor);
    take_waiting(operation_->descriptor());
    std::exchange(operation_, nullptr)->release();
    stop_.cancel();
  }
  const Endpoint& local() const override { return local_; }

  void accepted(int descriptor) {
    // Past the bound nobody accepts any more (a listener that is being stopped): the client sees a closed connection.
    if (accepted_.size() >= waiting_limit) {
      ::close(descriptor);
      return;
    }
    accepted_.push_back(descriptor);
    arrived_.notify_one();
  }
  void failed(int error) {
    error_ = error;
    arrived_.notify_one();
  }

 private:
  static constexpr std::size_t waiting_limit = 4096;

  // Those who have connected and wait in the kernel would be reset with the socket.
  void take_waiting(int listening) {
    ::fcntl(listening, F_SETFL, O_NONBLOCK);
    while (accepted_.size() < waiting_limit) {
      const int descriptor = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor >= 0) {
        accepted_.push_back(descriptor);
      } else if (errno != EINTR && errno != ECONNABORTED) {
        return;
      }
    }
  }

  Loop& loop_;
  Ring& ring_;
  Endpoint local_;
  bool wildcard_;
  AcceptOperation* operation_;
  std::deque<int> accepted_;
  int error_ = 0;
  Event arrived_;
  CancelSource stop_;
};

void AcceptOperation::end() {
  if (ending_) return;
  ending_ = true;
  if (armed_) {
    ring_.cancel(*this);
  } else {
    owner_->ended(-1);
  }
}

void AcceptOperation::on_completion(int result, std::uint32_t flags) {
  if ((flags & IORING_CQE_F_MORE) == 0) armed_ = false;
  if (owner_ == nullptr) {
    if (result >= 0) ::close(result);
    free_if_done();
    return;
  }
  if (ending_) {  // whoever is called here may free this operation
    if (!armed_) return owner_->ended(result);
    if (result >= 0) owner_->accepted(result);
    return;
  }
  if (result >= 0) {
    if (!armed_) arm();
    owner_->accepted(result);
  } else if (result == -ECONNABORTED || result == -EINTR || result == -EAGAIN) {
    arm();
  } else {
    owner_->failed(-result);
  }
}

class UringLoop final : public Loop {
 public:
  UringLoop(const Clock& clock, std::unique_ptr<Ring> ring, int wakeup)
      : Loop(clock), ring_(std::move(ring)), wakeup_(*ring_, wakeup) {}
  ~UringLoop() override { ring_->finish(); }

  std::string_view backend() const override { return "io_uring"; }
  Buffer allocate() override { return ring_->heap_buffers().allocate(); }

  Result<std::unique_ptr<Listener>> listen(const Endpoint& at, const ListenOptions& options) override {
    auto descriptor = open_listening_socket(at, options);
    if (!descriptor) return std::unexpected(descriptor.error());
    return std::make_unique<UringListener>(*this, *ring_, *descriptor);
  }

  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, ConnectOptions options, TimePoint deadline) override {
    auto descriptor = open_connecting_socket(to, options);
    if (!descriptor) co_return std::unexpected(descriptor.error());
    sockaddr_storage storage{};
    const socklen_t length = to.to(storage);
    auto error = co_await finish_connecting(*descriptor, storage, length, options.cancel, deadline);
    if (!error) co_return fail(error.error().code, "connecting to " + to.text());
    if (*error != 0) co_return std::unexpected(connect_error(*error, to));
    co_return std::make_unique<UringStream>(*this, *ring_, *descriptor, local_endpoint(*descriptor), to);
  }

  Task<Result<std::unique_ptr<Stream>>> connect_unix(std::string path, ConnectOptions options,
                                                     TimePoint deadline) override {
    auto socket = open_connecting_unix_socket(path);
    if (!socket) co_return std::unexpected(socket.error());
    auto error =
        co_await finish_connecting(socket->descriptor, socket->address, socket->length, options.cancel, deadline);
    if (!error) co_return fail(error.error().code, "connecting to unix:" + path);
    if (*error != 0) co_return std::unexpected(connect_unix_error(*error, path));
    co_return std::make_unique<UringStream>(*this, *ring_, socket->descriptor, Endpoint(), Endpoint());
  }

  Task<Result<void>> wait_ready(int descriptor, short poll_events, TimePoint deadline, CancelToken token) override {
    const auto prepare = [descriptor, poll_events](io_uring_sqe& sqe) {
      io_uring_prep_poll_add(&sqe, descriptor, static_cast<unsigned>(poll_events));
    };
    auto ready = co_await OperationAwaiter(*this, *ring_, prepare, deadline, token);
    if (!ready) co_return std::unexpected(ready.error());
    if (*ready < 0) co_return std::unexpected(system_error(-*ready, "poll"));
    co_return Result<void>();
  }

  void run_once(Duration max_wait) override {
    wakeup_.arm();
    ring_->wait(time_to_wait(max_wait), [this] {
      update_now();
      timers_.advance(now_);
    });
    run_posted();
  }

 protected:
  void wake() override { wakeup_.wake(); }
  void wind_up() override { ring_->finish(); }

 private:
  // The errno of the attempt, 0 if it is connected; or why it was given up. Closes the descriptor unless it is
  // connected.
  Task<Result<int>> finish_connecting(int descriptor, const sockaddr_storage& to, socklen_t length, CancelToken cancel,
                                      TimePoint deadline) {
    const auto prepare = [descriptor, &to, length](io_uring_sqe& sqe) {
      io_uring_prep_connect(&sqe, descriptor, reinterpret_cast<const sockaddr*>(&to), length);
    };
    auto connected = co_await OperationAwaiter(*this, *ring_, prepare, deadline, cancel);
    if (connected && *connected >= 0) co_return 0;
    ::close(descriptor);
    if (!connected) co_return std::unexpected(connected.error());
    co_return -*connected;
  }

  // An eventfd that is read by the ring.
  class Wakeup final : public UringOperation {
   public:
    Wakeup(Ring& ring, int descriptor) : ring_(ring), descriptor_(descriptor) {}
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;
    ~Wakeup() { ::close(descriptor_); }
    void arm() {
      if (armed_) return;
      io_uring_sqe& sqe = ring_.submission(this);
      io_uring_prep_read(&sqe, descriptor_, &count_, sizeof count_, 0);
      io_uring_sqe_set_data(&sqe, static_cast<UringOperation*>(this));
      armed_ = true;
    }
    void wake() {
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
    }
    void on_completion(int, std::uint32_t) override { armed_ = false; }

   private:
    Ring& ring_;
    int descriptor_;
    std::uint64_t count_ = 0;
    bool armed_ = false;
  };

  // Sockets whose streams are gone may still have operations in the kernel; the ring's end ends those, so it goes last.
  std::unique_ptr<Ring> ring_;
  Wakeup wakeup_;
};

}  // namespace

Result<std::unique_ptr<Loop>> make_uring_loop(const Clock& clock) {
  auto ring = Ring::make();
  if (!ring) return std::unexpected(ring.error());
  const int wakeup = ::eventfd(0, EFD_CLOEXEC);
  if (wakeup < 0) return std::unexpected(system_error(errno, "eventfd"));
  return std::make_unique<UringLoop>(clock, std::move(*ring), wakeup);
}

}  // namespace tenfold::net
