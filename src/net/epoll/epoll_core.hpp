#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tenfold::net {

// Who is told of a descriptor's events (EPOLLIN and the like).
class EpollWatcher {
 public:
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~EpollWatcher() = default;
};

// An epoll instance whose registrations can vanish while a batch of events is being handled: events carry a slot and
// its generation, and those of an earlier generation are dropped.
class EpollCore {
 public:
  // A registration; its descriptor must be removed before it is closed.
  struct Key {
    std::uint32_t slot = UINT32_MAX;
    std::uint32_t generation = 0;
    bool valid() const { return slot != UINT32_MAX; }
  };

  static Result<int> open();
  explicit EpollCore(int epoll_descriptor) : epoll_(epoll_descriptor) {}
  EpollCore(const EpollCore&) = delete;
  EpollCore& operator=(const EpollCore&) = delete;
  ~EpollCore();

  Result<Key> add(int descriptor, std::uint32_t events, EpollWatcher& watcher);
  void remove(int descriptor, Key& key);
  // False once the registration is gone: how a watcher finds out that a coroutine it resumed has destroyed it.
  bool watches(const Key& key) const { return slots_[key.slot].generation == key.generation; }

  // Waits for events, calls `woken` once, then the watchers.
  template <class F>
  void wait(Duration max_wait, F&& woken);

 private:
  struct Slot {
    EpollWatcher* watcher = nullptr;
    std::uint32_t generation = 0;
  };

  int wait_for_events(Duration max_wait);
  int wait_precisely(Duration max_wait);
  void dispatch(int count);

  static constexpr int batch = 256;
  int epoll_;
  bool precise_ = true;  // until the kernel turns out not to have epoll_pwait2
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  epoll_event events_[batch];
};

template <class F>
void EpollCore::wait(Duration max_wait, F&& woken) {
  const int count = wait_for_events(max_wait);
  woken();
  dispatch(count);
}

}  // namespace tenfold::net
