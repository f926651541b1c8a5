#pragma once

#include <coroutine>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/intrusive_list.hpp"
#include "net/timers.hpp"

namespace tenfold::net {

class Loop;
class CancelSource;

// Asks "should I give up?"; made by a CancelSource, copied freely. A default token is never cancelled.
// The source must outlive its tokens' waits. One thread only.
class CancelToken {
 public:
  CancelToken() = default;
  bool cancelled() const;

 private:
  friend class CancelSource;
  friend class CancelHook;
  explicit CancelToken(CancelSource* source) : source_(source) {}
  CancelSource* source_ = nullptr;
};

// Called once when its token is cancelled; part of what waits. Detaches itself when it dies.
class CancelHook : public ListNode {
 public:
  using Callback = void (*)(void* context);
  CancelHook(Callback callback, void* context) : callback_(callback), context_(context) {}
  void attach(CancelToken token);  // does nothing for a default token
  void detach() { unlink(); }

 private:
  friend class CancelSource;
  Callback callback_;
  void* context_;
};

class CancelSource {
 public:
  CancelToken token() { return CancelToken(this); }
  bool cancelled() const { return cancelled_; }
  void cancel();                        // calls the hooks, in the order in which they were attached
  void renew() { cancelled_ = false; }  // no hook may be attached

 private:
  friend class CancelHook;
  bool cancelled_ = false;
  IntrusiveList<CancelHook> hooks_;
};

inline bool CancelToken::cancelled() const { return source_ != nullptr && source_->cancelled(); }

// Result of Loop::sleep_until: ok at the deadline, cancelled before it.
class SleepAwaiter {
 public:
  SleepAwaiter(Loop& loop, TimePoint deadline, CancelToken token);
  bool await_ready() const;
  void await_suspend(std::coroutine_handle<> sleeper);
  Result<void> await_resume() const;

 private:
  static void wake(void* self);
  Loop& loop_;
  TimePoint deadline_;
  CancelToken token_;
  std::coroutine_handle<> sleeper_ = nullptr;
  Timer timer_;
  CancelHook hook_;
};

}  // namespace tenfold::net
