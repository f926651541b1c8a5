#include "net/epoll/epoll_loop.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <deque>

#include "net/epoll/epoll_core.hpp"
#include "net/epoll/epoll_stream.hpp"
#include "net/heap_buffers.hpp"
#include "net/socket.hpp"

namespace tenfold::net {

namespace {

// Waits for one event of a descriptor, once.
class ReadinessAwaiter final : private EpollWatcher {
 public:
  ReadinessAwaiter(Loop& loop, EpollCore& core, int descriptor, std::uint32_t events, TimePoint deadline,
                   CancelToken token)
      : loop_(loop),
        core_(core),
        descriptor_(descriptor),
        events_(events),
        deadline_(deadline),
        token_(token),
        timer_(&on_deadline, this),
        hook_(&on_cancel, this) {}

  bool await_ready() {
    if (token_.cancelled()) {
      result_ = fail(Errc::cancelled);
      return true;
    }
    auto key = core_.add(descriptor_, events_ | EPOLLONESHOT, *this);
    if (!key) {
      result_ = std::unexpected(key.error());
      return true;
    }
    key_ = *key;
    return false;
  }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    loop_.timers().arm(timer_, deadline_);
    hook_.attach(token_);
  }
  Result<void> await_resume() { return std::move(result_); }

 private:
  void on_events(std::uint32_t) override { finish({}); }
  static void on_deadline(void* self) { static_cast<ReadinessAwaiter*>(self)->finish(fail(Errc::timed_out)); }
  static void on_cancel(void* self) { static_cast<ReadinessAwaiter*>(self)->finish(fail(Errc::cancelled)); }

  void finish(Result<void> result) {
    timer_.cancel();
    hook_.detach();
    core_.remove(descriptor_, key_);
    result_ = std::move(result);
    waiter_.resume();
  }

  Loop& loop_;
  EpollCore& core_;
  int descriptor_;
  std::uint32_t events_;
  TimePoint deadline_;
  CancelToken token_;
  EpollCore::Key key_;
  std::coroutine_handle<> waiter_;
  Result<void> result_;
  Timer timer_;
  CancelHook hook_;
};

class EpollListener final : public Listener {
 public:
  EpollListener(Loop& loop, EpollCore& core, HeapBuffers& buffers, int descriptor)
      : loop_(loop), core_(core), buffers_(buffers), descriptor_(descriptor), local_(local_endpoint(descriptor)) {}
  ~EpollListener() override {
    if (descriptor_ >= 0) ::close(descriptor_);
    for (const int descriptor : left_) ::close(descriptor);
  }

  Task<Result<std::unique_ptr<Stream>>> accept() override {
    while (true) {
      if (!left_.empty()) {
        const int left = left_.front();
        left_.pop_front();
        const Endpoint from = peer_endpoint(left);
        if (from.port != 0) co_return EpollStream::make(loop_, core_, buffers_, left, local_endpoint(left), from);
        ::close(left);  // reset meanwhile: the kernel no longer says who it was
        continue;
      }
      if (stop_.cancelled()) co_return fail(Errc::cancelled);
      if (accepted_in_row_ >= accepts_per_turn) {
        // Those who connect faster than they are accepted must not keep the loop from all else.
        accepted_in_row_ = 0;
        auto ready = co_await ReadinessAwaiter(loop_, core_, descriptor_, EPOLLIN, no_deadline, stop_.token());
        if (!ready) continue;
      }
      sockaddr_storage peer{};
      socklen_t length = sizeof peer;
      const int accepted =
          ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) {
        ++accepted_in_row_;
        co_return EpollStream::make(loop_, core_, buffers_, accepted, local_endpoint(accepted), Endpoint::from(peer));
      }
      if (errno == EAGAIN) {
        accepted_in_row_ = 0;
        auto ready = co_await ReadinessAwaiter(loop_, core_, descriptor_, EPOLLIN, no_deadline, stop_.token());
        static_cast<void>(ready);
      } else if (errno != EINTR && errno != ECONNABORTED) {
        co_return std::unexpected(system_error(errno, "accepting on " + local_.text()));
      }
    }
  }
  void stop() override {
    if (descriptor_ < 0) return;
    take_waiting();
    // The waiter goes on from within cancel(), and must not find a descriptor that is closed.
    const int descriptor = std::exchange(descriptor_, -1);
    stop_.cancel();
    ::close(descriptor);
  }
  const Endpoint& local() const override { return local_; }

 private:
  static constexpr int accepts_per_turn = 64;
  static constexpr std::size_t most_left = 4096;

  // Those who have connected and wait in the kernel would be reset with the socket.
  void take_waiting() {
    while (left_.size() < most_left) {
      const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) {
        left_.push_back(accepted);
      } else if (errno != EINTR && errno != ECONNABORTED) {
        return;
      }
    }
  }

  Loop& loop_;
  EpollCore& core_;
  HeapBuffers& buffers_;
  int descriptor_;
  Endpoint local_;
  int accepted_in_row_ = 0;
  std::deque<int> left_;  // accepted while stopping
  CancelSource stop_;
};

class EpollLoop final : public Loop, private EpollWatcher {
 public:
  static Result<std::unique_ptr<Loop>> make(const Clock& clock) {
    auto epoll = EpollCore::open();
    if (!epoll) return std::unexpected(epoll.error());
    const int wakeup = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wakeup < 0) {
      const int error = errno;
      ::close(*epoll);
      return std::unexpected(system_error(error, "eventfd"));
    }
    auto loop = std::make_unique<EpollLoop>(clock, *epoll, wakeup);
    auto watched = loop->core_.add(wakeup, EPOLLIN, *loop);
    if (!watched) return std::unexpected(watched.error());
    return loop;
  }
  EpollLoop(const Clock& clock, int epoll, int wakeup) : Loop(clock), core_(epoll), wakeup_(wakeup) {}
  ~EpollLoop() override { ::close(wakeup_); }

  std::string_view backend() const override { return "epoll"; }
  Buffer allocate() override { return buffers_.allocate(); }

  Result<std::unique_ptr<Listener>> listen(const Endpoint& at, const ListenOptions& options) override {
    auto descriptor = open_listening_socket(at, options);
    if (!descriptor) return std::unexpected(descriptor.error());
    return std::make_unique<EpollListener>(*this, core_, buffers_, *descriptor);
  }

  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, ConnectOptions options, TimePoint deadline) override {
    auto descriptor = open_connecting_socket(to, options);
    if (!descriptor) co_return std::unexpected(descriptor.error());
    sockaddr_storage storage{};
    const socklen_t length = to.to(storage);
    auto error = co_await finish_connecting(*descriptor, storage, length, options.cancel, deadline);
    if (!error) co_return fail(error.error().code, "connecting to " + to.text());
    if (*error != 0) co_return std::unexpected(connect_error(*error, to));
    co_return EpollStream::make(*this, core_, buffers_, *descriptor, local_endpoint(*descriptor), to);
  }

  Task<Result<std::unique_ptr<Stream>>> connect_unix(std::string path, ConnectOptions options,
                                                     TimePoint deadline) override {
    auto socket = open_connecting_unix_socket(path);
    if (!socket) co_return std::unexpected(socket.error());
    auto error =
        co_await finish_connecting(socket->descriptor, socket->address, socket->length, options.cancel, deadline);
    if (!error) co_return fail(error.error().code, "connecting to unix:" + path);
    if (*error != 0) co_return std::unexpected(connect_unix_error(*error, path));
    co_return EpollStream::make(*this, core_, buffers_, socket->descriptor, {}, {});
  }

  Task<Result<void>> wait_ready(int descriptor, short poll_events, TimePoint deadline, CancelToken token) override {
    // The values of POLLIN and POLLOUT are those of EPOLLIN and EPOLLOUT.
    auto result =
        co_await ReadinessAwaiter(*this, core_, descriptor, static_cast<std::uint32_t>(poll_events), deadline, token);
    co_return result;
  }

  void run_once(Duration max_wait) override {
    core_.wait(time_to_wait(max_wait), [this] {
      update_now();
      timers_.advance(now_);
    });
    run_posted();
  }

 protected:
  void wake() override {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wakeup_, &one, sizeof one);
  }

 private:
  // The errno of the attempt, 0 if it is connected; or why it was given up. Closes the descriptor unless it is
  // connected.
  Task<Result<int>> finish_connecting(int descriptor, const sockaddr_storage& to, socklen_t length, CancelToken cancel,
                                      TimePoint deadline) {
    int error = 0;
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), length) != 0) error = errno;
    if (error == EINPROGRESS) {
      auto ready = co_await ReadinessAwaiter(*this, core_, descriptor, EPOLLOUT, deadline, cancel);
      if (!ready) {
        ::close(descriptor);
        co_return std::unexpected(ready.error());
      }
      error = pending_error(descriptor);
    }
    if (error != 0) ::close(descriptor);
    co_return error;
  }

  void on_events(std::uint32_t) override {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wakeup_, &count, sizeof count);
  }

  HeapBuffers buffers_;
  EpollCore core_;
  int wakeup_;
};

}  // namespace

Result<std::unique_ptr<Loop>> make_epoll_loop(const Clock& clock) { return EpollLoop::make(clock); }

}  // namespace tenfold::net
