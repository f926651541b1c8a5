#include "app/serve/guard_thread.hpp"

#include <chrono>

#include "base/thread.hpp"

namespace tenfold::app {

namespace {

constexpr auto decides_every = std::chrono::milliseconds(100);
// Workers hand over by themselves, too, but at times of their own: what is decided would be 50 ms late on average, and
// as much again with each step that waits for the one before to show.
constexpr auto waits_for_workers = std::chrono::milliseconds(20);

}  // namespace

GuardThread::~GuardThread() { TENFOLD_ASSERT(!thread_.joinable()); }

Result<void> GuardThread::start() {
  if (auto started = keeper_.start(); !started) return started;
  auto thread = start_thread("the guard's thread", [this] { run(); });
  if (!thread) return std::unexpected(thread.error());
  thread_ = std::move(*thread);
  return {};
}

void GuardThread::stop() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    ended_.notify_all();
    thread_.join();
    keeper_.keep(brain_.to_keep_last());
  }
  keeper_.stop();
}

void GuardThread::run() {
  const auto windows = edge_.guard_windows();
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lock.unlock();
    edge_.call_windows_in(waits_for_workers);
    if (auto policy = brain_.step(windows)) edge_.adopt(std::move(policy));
    keeper_.keep(brain_.to_keep());
    lock.lock();
    ended_.wait_for(lock, decides_every, [this] { return ending_; });
  }
}

}  // namespace tenfold::app
