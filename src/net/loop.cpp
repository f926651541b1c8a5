#include "net/loop.hpp"

#include <algorithm>

#include "net/epoll/epoll_loop.hpp"
#include "net/uring/uring_loop.hpp"

namespace tenfold::net {

void Loop::post(std::move_only_function<void()> function) {
  bool first = false;
  {
    const std::lock_guard lock(posted_mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(function));
    posted_waiting_.store(true, std::memory_order_release);
  }
  if (first) wake();
}

void Loop::run_posted() {
  if (!has_posted()) return;
  std::vector<std::move_only_function<void()>> functions;
  {
    const std::lock_guard lock(posted_mutex_);
    functions.swap(posted_);
    posted_waiting_.store(false, std::memory_order_release);
  }
  for (auto& function : functions) function();
}

void Loop::run() {
  while (!stopping_.load(std::memory_order_acquire)) run_once(std::chrono::hours(1));
  wind_up();
  stopping_.store(false, std::memory_order_release);
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_release);
  wake();
}

Duration Loop::time_to_wait(Duration max_wait) const {
  if (has_posted()) return Duration(0);
  const auto wakeup = timers_.next_wakeup();
  if (!wakeup) return max_wait;
  return std::clamp(Duration(*wakeup - clock_.now()), Duration(0), max_wait);
}

Result<std::unique_ptr<Loop>> make_loop(const Clock& clock, Backend backend) {
  if (backend != Backend::epoll) {
    auto loop = make_uring_loop(clock);
    if (loop || backend == Backend::io_uring) return loop;
  }
  return make_epoll_loop(clock);
}

}  // namespace tenfold::net
