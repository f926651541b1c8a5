#include "transfer/poller.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace tenfold::transfer {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t wakeup_mark = 0;  // generations begin at 1
constexpr Duration longest_wait = 1min;   // a clock that another moves is looked at again by then

std::uint32_t events_of(Poller::Interest interest) {
  const auto bits = static_cast<unsigned>(interest);
  return ((bits & 1u) != 0 ? EPOLLIN : 0u) | ((bits & 2u) != 0 ? EPOLLOUT : 0u);
}

Poller::Interest interest_of(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return Poller::Interest::both;
  const bool read = (events & EPOLLIN) != 0;
  const bool write = (events & EPOLLOUT) != 0;
  return read && write ? Poller::Interest::both : read ? Poller::Interest::read : Poller::Interest::write;
}

// Libraries write to connections that the other side has closed; that must not end the process.
void block_broken_pipe_signal() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

Result<std::unique_ptr<Poller>> Poller::make(const Clock& clock) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return std::unexpected(system_error(errno, "making an epoll descriptor"));
  const int wakeup = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wakeup < 0) {
    const Error error = system_error(errno, "making an event descriptor");
    ::close(epoll);
    return std::unexpected(error);
  }
  std::unique_ptr<Poller> poller(new Poller(clock, epoll, wakeup));
  epoll_event event{.events = EPOLLIN, .data = {.u64 = wakeup_mark}};
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) != 0) {
    return std::unexpected(system_error(errno, "watching an event descriptor"));
  }
  return poller;
}

Poller::~Poller() {
  ::close(epoll_);
  ::close(wakeup_);
}

// The kernel's word carries descriptor and generation, so that an event of the same batch for a descriptor that was
// closed and opened anew meanwhile is not taken for its successor's.
Result<void> Poller::watch(int descriptor, Interest interest, Ready ready) {
  const auto found = watched_.find(descriptor);
  if (++generation_ == 0) ++generation_;
  const std::uint32_t generation = generation_;
  epoll_event event{.events = events_of(interest), .data = {}};
  event.data.u64 = (std::uint64_t{generation} << 32) | static_cast<std::uint32_t>(descriptor);
  const int operation = found == watched_.end() ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  int status = ::epoll_ctl(epoll_, operation, descriptor, &event);
  // A library closed it without a word, and the kernel has forgotten it; the number is used again.
  if (status != 0 && operation == EPOLL_CTL_MOD && errno == ENOENT) {
    status = ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  }
  if (status != 0) return std::unexpected(system_error(errno, "watching a descriptor"));
  watched_[descriptor] = {generation, std::make_shared<Ready>(std::move(ready))};
  return {};
}

void Poller::unwatch(int descriptor) {
  if (watched_.erase(descriptor) != 0) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

Poller::TimerId Poller::at(TimePoint moment, Task task) {
  const TimerId id = ++last_timer_;
  moments_.emplace(id, moment);
  timers_.emplace(std::pair(moment, id), std::move(task));
  return id;
}

void Poller::cancel(TimerId timer) {
  const auto found = moments_.find(timer);
  if (found == moments_.end()) return;
  timers_.erase(std::pair(found->second, timer));
  moments_.erase(found);
}

bool Poller::post(Task task) {
  const bool taken = posted_.with([&](std::deque<Task>& posted) {
    if (posted.size() >= most_posted) return false;
    posted.push_back(std::move(task));
    return true;
  });
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then the thread wakes anyway.
  if (taken) static_cast<void>(!::write(wakeup_, &one, sizeof one));
  return taken;
}

void Poller::stop() {
  stopped_.store(true, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  static_cast<void>(!::write(wakeup_, &one, sizeof one));
}

void Poller::run() {
  block_broken_pipe_signal();
  while (!stopped_.load(std::memory_order_relaxed)) {
    wait(now() + longest_wait);
    call_posted();
    call_due();
  }
}

void Poller::run_until(TimePoint moment) {
  block_broken_pipe_signal();
  do {
    wait(moment);
    call_posted();
    call_due();
  } while (!stopped_.load(std::memory_order_relaxed) && now() < moment);
}

void Poller::wait(TimePoint until) {
  if (!timers_.empty()) until = std::min(until, timers_.begin()->first.first);
  const Duration left = std::clamp<Duration>(until - now(), 0ns, longest_wait);
  std::array<epoll_event, 256> events;
  // Rounded up: a thread that wakes a fraction too early would spin until the moment has come.
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  const int count =
      ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(milliseconds));
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == wakeup_mark) {
      std::uint64_t value = 0;
      static_cast<void>(!::read(wakeup_, &value, sizeof value));
      continue;
    }
    const auto found = watched_.find(static_cast<int>(event.data.u64 & 0xffffffffu));
    if (found == watched_.end() || found->second.generation != event.data.u64 >> 32) continue;
    const std::shared_ptr<Ready> ready = found->second.ready;  // it may unwatch itself
    (*ready)(interest_of(event.events));
  }
}

void Poller::call_posted() {
  std::deque<Task> tasks;
  posted_.with([&](std::deque<Task>& posted) { tasks.swap(posted); });
  for (Task& task : tasks) task();
}

void Poller::call_due() {
  const TimePoint time = now();
  const TimerId last =
      last_timer_;  // what is set by those called now waits for the next turn, so that others get theirs
  while (!timers_.empty() && timers_.begin()->first.first <= time && timers_.begin()->first.second <= last) {
    const auto first = timers_.begin();
    Task task = std::move(first->second);
    moments_.erase(first->first.second);
    timers_.erase(first);
    task();
  }
}

}  // namespace tenfold::transfer
