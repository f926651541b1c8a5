#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"

namespace tenfold::transfer {

// One thread's waiting: for descriptors (epoll), for moments, and for what other threads hand in. All calls on that
// thread, but for post() and stop().
class Poller {
 public:
  enum class Interest : std::uint8_t { read = 1, write = 2, both = 3 };
  using Ready = std::function<void(Interest)>;  // what it is ready for; errors and hang-ups count as ready for all
  using Task = std::function<void()>;
  using TimerId = std::uint64_t;

  // Errors: exhausted (no descriptors).
  static Result<std::unique_ptr<Poller>> make(const Clock& clock);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  // Calls `ready` whenever the descriptor is, from within run(); replaces an earlier watch of it. A descriptor must be
  // unwatched before it is closed. Both may be called from within `ready`. Errors: exhausted.
  Result<void> watch(int descriptor, Interest interest, Ready ready);
  void unwatch(int descriptor);

  // Once, at that moment or as soon after it as the thread is free, in the order of the moments.
  TimerId at(TimePoint moment, Task task);
  void cancel(TimerId timer);  // one that has been called, or that never was: nothing happens

  // From any thread. In the order in which they were handed in; those that are left at the end are dropped with the
  // poller. At most most_posted wait; false: this one was not taken.
  static constexpr std::size_t most_posted = 100'000;
  bool post(Task task);

  // Waits and calls until stop(). run_until() returns at that moment at the latest, but not before it has looked once.
  // SIGPIPE is blocked on the thread that runs it.
  void run();
  void run_until(TimePoint moment);
  void stop();  // from any thread; before run() too

  const Clock& clock() const { return clock_; }
  TimePoint now() const { return clock_.now(); }

 private:
  struct Watched {
    std::uint32_t generation = 0;
    std::shared_ptr<Ready> ready;
  };

  Poller(const Clock& clock, int epoll, int wakeup) : clock_(clock), epoll_(epoll), wakeup_(wakeup) {}
  void wait(TimePoint until);
  void call_due();
  void call_posted();

  const Clock& clock_;
  int epoll_;
  int wakeup_;  // an eventfd
  std::unordered_map<int, Watched> watched_;
  std::uint32_t generation_ = 0;  // tells an event of a closed descriptor from one of its successor
  std::map<std::pair<TimePoint, TimerId>, Task> timers_;
  std::unordered_map<TimerId, TimePoint> moments_;
  TimerId last_timer_ = 0;
  Guarded<std::deque<Task>> posted_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace tenfold::transfer
