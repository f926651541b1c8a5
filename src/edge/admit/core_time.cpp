#include "edge/admit/core_time.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>

namespace tenfold::edge {

namespace {

// "<ns on a core> <ns in line for one> <turns>", where the kernel counts that; else the first alone is known.
class ThreadTimes {
 public:
  ThreadTimes() : file_(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}
  ThreadTimes(const ThreadTimes&) = delete;
  ThreadTimes& operator=(const ThreadTimes&) = delete;
  ~ThreadTimes() {
    if (file_ >= 0) ::close(file_);
  }
  Duration wanted() const {
    std::array<char, 96> text;
    const ssize_t size = file_ < 0 ? -1 : ::pread(file_, text.data(), text.size(), 0);
    if (size <= 0) return cpu_time_of_thread();
    const char* const end = text.data() + size;
    std::uint64_t ran = 0, waited = 0;
    const auto first = std::from_chars(text.data(), end, ran);
    if (first.ec != std::errc() || first.ptr == end) return cpu_time_of_thread();
    if (std::from_chars(first.ptr + 1, end, waited).ec != std::errc()) return cpu_time_of_thread();
    return std::chrono::nanoseconds(ran + waited);
  }

 private:
  int file_;
};

}  // namespace

Duration cpu_time_of_thread() {
  timespec spent{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

std::function<Duration()> core_time_of_thread() {
  return [times = std::shared_ptr<ThreadTimes>()]() mutable {
    if (times == nullptr) times = std::make_shared<ThreadTimes>();
    return times->wanted();
  };
}

bool CoreTime::is_short(TimePoint now) {
  if (looked_at_ && now - *looked_at_ < window) return now < short_until_;
  const Duration wanted = wanted_();
  if (looked_at_) {
    const double share =
        static_cast<double>((wanted - wanted_then_).count()) / static_cast<double>((now - *looked_at_).count());
    if (share >= busy_from) short_until_ = now + remembered_for;
  }
  looked_at_ = now;
  wanted_then_ = wanted;
  return now < short_until_;
}

}  // namespace tenfold::edge
