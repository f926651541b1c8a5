#include "net/epoll/epoll_core.hpp"

#include <linux/time_types.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tenfold::net {

Result<int> EpollCore::open() {
  const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) return std::unexpected(system_error(errno, "epoll_create1"));
  return descriptor;
}

EpollCore::~EpollCore() { ::close(epoll_); }

Result<EpollCore::Key> EpollCore::add(int descriptor, std::uint32_t events, EpollWatcher& watcher) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  slots_[slot].watcher = &watcher;
  epoll_event event{};
  event.events = events;
  event.data.u64 = (static_cast<std::uint64_t>(slots_[slot].generation) << 32) | slot;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    const int error = errno;
    slots_[slot].watcher = nullptr;
    free_.push_back(slot);
    return std::unexpected(system_error(error, "epoll_ctl"));
  }
  return Key{slot, slots_[slot].generation};
}

void EpollCore::remove(int descriptor, Key& key) {
  if (!key.valid()) return;
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
  slots_[key.slot].watcher = nullptr;
  ++slots_[key.slot].generation;
  free_.push_back(key.slot);
  key = {};
}

int EpollCore::wait_for_events(Duration max_wait) {
  int count = precise_ ? wait_precisely(max_wait) : -1;
  if (!precise_) {
    // Rounded up: waking a millisecond early would only mean to wait again.
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(max_wait).count();
    count = ::epoll_wait(epoll_, events_, batch, static_cast<int>(std::min<std::int64_t>(milliseconds, 3'600'000)));
  }
  if (count < 0) {
    TENFOLD_ASSERT(errno == EINTR);
    return 0;
  }
  return count;
}

// To the nanosecond (Linux 5.11). Called by its number: not every libc of a supported system has a wrapper.
int EpollCore::wait_precisely(Duration max_wait) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(max_wait);
  const __kernel_timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (max_wait - seconds).count()};
  const long count = ::syscall(SYS_epoll_pwait2, epoll_, events_, batch, &timeout, nullptr, 0);
  // Containers whose seccomp filter is older than the call answer EPERM.
  if (count < 0 && (errno == ENOSYS || errno == EPERM)) precise_ = false;
  return static_cast<int>(count);
}

void EpollCore::dispatch(int count) {
  for (int i = 0; i < count; ++i) {
    const auto slot = static_cast<std::uint32_t>(events_[i].data.u64);
    const auto generation = static_cast<std::uint32_t>(events_[i].data.u64 >> 32);
    if (slots_[slot].watcher == nullptr || slots_[slot].generation != generation) continue;
    slots_[slot].watcher->on_events(events_[i].events);
  }
}

}  // namespace tenfold::net
