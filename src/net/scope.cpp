#include "net/scope.hpp"

#include "base/result.hpp"
#include "net/loop.hpp"

namespace tenfold::net {

// The coroutine that owns a spawned task. It starts at once and frees itself at its end.
struct Scope::Runner {
  struct promise_type : FrameAllocated {
    Runner get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };
};

Scope::~Scope() { TENFOLD_ASSERT(running_ == 0); }

void Scope::spawn(Task<void> task) {
  ++running_;
  run(*this, std::move(task));
}

Scope::Runner Scope::run(Scope& scope, Task<void> task) {
  co_await std::move(task);
  {
    // The task's frame goes before the scope is told: what the task held is gone when drain() returns.
    const Task<void> ended = std::move(task);
  }
  scope.finished();
}

void Scope::finished() {
  --running_;
  if (running_ == 0 && drained_) std::exchange(drained_, nullptr).resume();
}

Event::Awaiter::Awaiter(Event& event, Loop& loop, TimePoint deadline, CancelToken token)
    : event_(event),
      loop_(loop),
      deadline_(deadline),
      token_(token),
      timer_(&on_deadline, this),
      hook_(&on_cancel, this) {
  if (token_.cancelled()) result_ = fail(Errc::cancelled);
}

void Event::Awaiter::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  event_.waiters_.push_back(*this);
  loop_.timers().arm(timer_, deadline_);
  hook_.attach(token_);
}

void Event::Awaiter::resume(Result<void> result) {
  unlink();
  timer_.cancel();
  hook_.detach();
  result_ = std::move(result);
  waiter_.resume();
}

Result<void> Event::Awaiter::await_resume() const { return result_; }

void Event::Awaiter::on_deadline(void* self) { static_cast<Awaiter*>(self)->resume(fail(Errc::timed_out)); }
void Event::Awaiter::on_cancel(void* self) { static_cast<Awaiter*>(self)->resume(fail(Errc::cancelled)); }

void Event::notify_one() {
  if (!waiters_.empty()) waiters_.front().resume({});
}

void Event::notify_all() {
  // Those that wait anew while being woken wait for the next notification.
  IntrusiveList<Awaiter> woken;
  waiters_.for_each([&](Awaiter& waiter) { woken.push_back(waiter); });
  while (!woken.empty()) woken.front().resume({});
}

}  // namespace tenfold::net
