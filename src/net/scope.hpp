#pragma once

#include <coroutine>
#include <cstddef>

#include "net/cancel.hpp"
#include "net/task.hpp"

namespace tenfold::net {

// Where tasks that nobody awaits belong: it counts them, can ask them to give up, and waits for their end.
// Must be drained (or empty) before it is destroyed. One thread only.
class Scope {
 public:
  Scope() = default;
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();

  // Starts the task now, on the caller's stack, up to its first wait.
  void spawn(Task<void> task);

  std::size_t running() const { return running_; }
  CancelToken token() { return source_.token(); }
  // Tells the tasks, through the token that they were given, to give up.
  void cancel() { source_.cancel(); }
  // Waits until no task runs. At most one waiter.
  auto drain() {
    struct Awaiter {
      Scope& scope;
      bool await_ready() const { return scope.running_ == 0; }
      void await_suspend(std::coroutine_handle<> waiter) { scope.drained_ = waiter; }
      void await_resume() const {}
    };
    return Awaiter{*this};
  }

 private:
  struct Runner;
  static Runner run(Scope& scope, Task<void> task);
  void finished();

  CancelSource source_;
  std::size_t running_ = 0;
  std::coroutine_handle<> drained_ = nullptr;
};

// Wakes waiting tasks of the same loop. notify_all() wakes those that wait now; a later wait() waits anew.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Result: ok when notified, timed_out at the deadline, cancelled by the token.
  class Awaiter : public ListNode {
   public:
    Awaiter(Event& event, Loop& loop, TimePoint deadline, CancelToken token);
    bool await_ready() const { return token_.cancelled(); }
    void await_suspend(std::coroutine_handle<> waiter);
    Result<void> await_resume() const;

   private:
    friend class Event;
    void resume(Result<void> result);
    static void on_deadline(void* self);
    static void on_cancel(void* self);
    Event& event_;
    Loop& loop_;
    TimePoint deadline_;
    CancelToken token_;
    std::coroutine_handle<> waiter_ = nullptr;
    Result<void> result_;
    Timer timer_;
    CancelHook hook_;
  };

  Awaiter wait(Loop& loop, TimePoint deadline, CancelToken token = {}) { return {*this, loop, deadline, token}; }
  void notify_one();
  void notify_all();
  bool has_waiters() { return !waiters_.empty(); }

 private:
  IntrusiveList<Awaiter> waiters_;
};

}  // namespace tenfold::net
