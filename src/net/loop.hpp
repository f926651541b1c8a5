#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/buffer.hpp"
#include "net/cancel.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"
#include "net/timers.hpp"

namespace tenfold::net {

struct ListenOptions {
  int backlog = 4096;       // connections that the kernel holds before accept; past it, SYNs are dropped
  bool share_port = false;  // SO_REUSEPORT: several loops listen on one address and the kernel spreads connections
  bool only_v6 = true;      // an IPv6 wildcard does not take IPv4 connections as well
  // A socket that is bound and listening already (bound before privileges were dropped); -1: open one.
  int adopted_descriptor = -1;
};

struct ConnectOptions {
  std::optional<IpAddress> source = {};  // local address to come from; the system chooses when empty
  CancelToken cancel = {};               // gives up; connect() then fails with cancelled
};

// Accepts connections. Destroying it stops listening; connections already accepted live on. One thread only.
class Listener {
 public:
  virtual ~Listener() = default;
  // The next connection. Errors: cancelled after stop(); exhausted (no descriptors: try again after a pause).
  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  // Takes no new connections. Those that were there already still come, once the loop has run a turn or two; after them
  // a waiting and every later accept() fails with cancelled, and the port is free.
  virtual void stop() = 0;
  virtual const Endpoint& local() const = 0;  // with the port that the system chose, for port 0
};

// An event loop: everything that waits on it runs on the one thread that calls run(). Implementations: io_uring,
// epoll, and a simulated one in memory; see make_loop() and sim/.
class Loop {
 public:
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  virtual ~Loop() = default;

  virtual std::string_view backend() const = 0;  // "io_uring", "epoll", "simulated"

  // The moment at which the loop last woke: it stands still until the loop waits again, so that all that happens in
  // one turn happens at one time.
  TimePoint now() const { return now_; }
  const Clock& clock() const { return clock_; }
  Timers& timers() { return timers_; }

  // Resumes at the deadline, or at once with cancelled when the token is or gets cancelled.
  SleepAwaiter sleep_until(TimePoint deadline, CancelToken token = {});
  SleepAwaiter sleep_for(Duration duration, CancelToken token = {}) { return sleep_until(now_ + duration, token); }

  // Listening errors: busy (the port is taken), refused (no right to the port), unreachable (not our address).
  virtual Result<std::unique_ptr<Listener>> listen(const Endpoint& at, const ListenOptions& options) = 0;
  // Connection errors: refused, timed_out, unreachable, exhausted (out of ports or descriptors), cancelled.
  virtual Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, ConnectOptions options, TimePoint deadline) = 0;
  // The same for a Unix-domain socket, whose path has at most longest_unix_path bytes; options.source means nothing
  // there. Both ends of the stream are then Endpoint(). Errors: those of connect(); unreachable: there is no such file.
  virtual Task<Result<std::unique_ptr<Stream>>> connect_unix(std::string path, ConnectOptions options,
                                                             TimePoint deadline) = 0;
  // Waits until poll(2) would report one of the events for a descriptor that the caller owns (c-ares, for instance).
  // At most one wait for a descriptor at a time. Not in the simulated loop. Errors: timed_out, cancelled.
  virtual Task<Result<void>> wait_ready(int descriptor, short poll_events, TimePoint deadline, CancelToken token) = 0;

  // An empty buffer of 16 KiB to write into. Never fails; comes from a free list.
  virtual Buffer allocate() = 0;

  // Calls the function on the loop's thread, soon. From any thread. Functions not yet called when the loop is
  // destroyed are dropped.
  void post(std::move_only_function<void()> function);

  // Runs until stop(). run_once() waits for at most max_wait for something to happen and handles it.
  void run();
  virtual void run_once(Duration max_wait) = 0;
  void stop();  // from any thread

 protected:
  explicit Loop(const Clock& clock) : clock_(clock), timers_(clock.now()), now_(clock.now()) {}

  // run() is about to return: ends what the system still holds of streams that are gone, on the thread that ran them.
  virtual void wind_up() {}
  virtual void wake() = 0;  // from any thread: makes a waiting run_once() return
  void run_posted();
  void update_now() { now_ = clock_.now(); }
  Duration time_to_wait(Duration max_wait) const;  // until the next timer; none when something is posted
  bool has_posted() const { return posted_waiting_.load(std::memory_order_acquire); }

  const Clock& clock_;
  Timers timers_;
  TimePoint now_;

 private:
  std::mutex posted_mutex_;
  std::vector<std::move_only_function<void()>> posted_;  // under posted_mutex_
  std::atomic<bool> posted_waiting_ = false;
  std::atomic<bool> stopping_ = false;
};

enum class Backend { automatic, io_uring, epoll };

// io_uring where the kernel has what we need and allows it (containers often do not), else epoll.
// Errors: unsupported, with the reason, when io_uring is asked for by name.
Result<std::unique_ptr<Loop>> make_loop(const Clock& clock, Backend backend = Backend::automatic);

}  // namespace tenfold::net
