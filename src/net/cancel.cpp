#include "net/cancel.hpp"

#include "net/loop.hpp"

namespace tenfold::net {

void CancelHook::attach(CancelToken token) {
  if (token.source_ != nullptr) token.source_->hooks_.push_back(*this);
}

void CancelSource::cancel() {
  cancelled_ = true;
  // What a hook resumes may destroy this source: nothing of it is touched from here on.
  IntrusiveList<CancelHook> called;
  hooks_.for_each([&](CancelHook& hook) { called.push_back(hook); });
  while (!called.empty()) {
    CancelHook& hook = called.front();
    hook.unlink();
    hook.callback_(hook.context_);
  }
}

SleepAwaiter::SleepAwaiter(Loop& loop, TimePoint deadline, CancelToken token)
    : loop_(loop), deadline_(deadline), token_(token), timer_(&wake, this), hook_(&wake, this) {}

bool SleepAwaiter::await_ready() const { return token_.cancelled(); }

void SleepAwaiter::await_suspend(std::coroutine_handle<> sleeper) {
  sleeper_ = sleeper;
  loop_.timers().arm(timer_, deadline_);
  hook_.attach(token_);
}

void SleepAwaiter::wake(void* self) {
  auto& awaiter = *static_cast<SleepAwaiter*>(self);
  awaiter.timer_.cancel();
  awaiter.hook_.detach();
  awaiter.sleeper_.resume();
}

Result<void> SleepAwaiter::await_resume() const {
  if (token_.cancelled()) return fail(Errc::cancelled);
  return {};
}

SleepAwaiter Loop::sleep_until(TimePoint deadline, CancelToken token) { return {*this, deadline, token}; }

}  // namespace tenfold::net
