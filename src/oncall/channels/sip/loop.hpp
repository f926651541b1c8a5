#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"
#include "oncall/channels/sip/re.hpp"

namespace tenfold::oncall::sip {

// libre's own loop, on a thread of its own. Every object of libre lives and dies there.
class Loop {
 public:
  using Task = std::function<void()>;

  // Errors: exhausted (no descriptors, no thread).
  static Result<std::unique_ptr<Loop>> start();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();  // runs what was posted, then ends

  // From any thread; runs on the loop's, in order. As many wait as callers post: both of ours are bounded.
  void post(Task task);

 private:
  Loop() = default;
  int open();
  void run_posted();

  Re<mqueue> wakeup_;
  Guarded<std::deque<Task>> posted_;
  std::thread thread_;
};

// Once, at a moment; on the loop's thread only. To libre's millisecond.
class Timer {
 public:
  Timer() { tmr_init(&timer_); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  void start(Duration after, std::function<void()> task);  // takes the place of an earlier start
  void cancel() { tmr_cancel(&timer_); }

 private:
  tmr timer_{};
  std::function<void()> task_;
};

}  // namespace tenfold::oncall::sip
