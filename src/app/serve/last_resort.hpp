#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/thread.hpp"

namespace tenfold::app {

// Acts when something that should have ended long ago has not: a write to a disk that hangs cannot be called back, and
// nothing that waits for it would end either. Called off by its death.
class LastResort {
 public:
  LastResort(Duration after, std::function<void()> act) {
    auto thread = start_thread("the thread that sees to the end", [this, after, act = std::move(act)] {
      std::unique_lock lock(mutex_);
      if (!called_off_.wait_for(lock, after, [this] { return over_; })) act();
    });
    if (thread) thread_ = std::move(*thread);  // else there is none: as before
  }
  LastResort(const LastResort&) = delete;
  LastResort& operator=(const LastResort&) = delete;
  ~LastResort() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    called_off_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable called_off_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace tenfold::app
