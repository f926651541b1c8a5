#include "edge/access_log/access_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>

namespace tenfold::edge {
namespace {

Result<int> open_for_append(const std::string& path) {
  constexpr mode_t mode = 0644;
  // A FIFO that nobody reads would hold up the start, or the log's thread, for good. Means nothing to a regular file;
  // in a pipe of our own it stays, since only what fits is written there.
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
  if (descriptor >= 0) return descriptor;
  const int why = errno;
  if (why != ENXIO) return std::unexpected(system_error(why, "opening the access log " + path));
  struct stat facts {};
  const bool socket = ::stat(path.c_str(), &facts) == 0 && S_ISSOCK(facts.st_mode);
  return fail(Errc::unreachable, "opening the access log " + path +
                                     (socket ? R"(: a socket cannot be opened; "-" is standard output)"
                                             : ": nobody reads from this pipe"));
}

// Whether a write to it waits only for a disk: such a descriptor is always "ready".
bool is_regular(int descriptor) {
  struct stat facts {};
  return ::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
}

class DescriptorSink final : public AccessSink {
 public:
  // An empty path: the descriptor is somebody else's (standard output) and is neither closed nor opened anew.
  DescriptorSink(std::string path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor), regular_(is_regular(descriptor)) {}
  ~DescriptorSink() override {
    if (!path_.empty()) ::close(descriptor_);
  }

  Result<std::size_t> write(std::string_view bytes, Duration patience) override {
    if (!regular_) {
      const auto ready = wait_writable(patience);
      if (!ready) return std::unexpected(ready.error());
      if (*ready == Ready::no) return std::size_t{0};
      // A pipe that is ready takes this much without waiting, though the descriptor, which other programs may share,
      // is not in non-blocking mode.
      bytes = bytes.substr(0, PIPE_BUF);
    }
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0) return static_cast<std::size_t>(written);
    if (errno == EINTR || errno == EAGAIN) return std::size_t{0};
    return std::unexpected(system_error(errno, "writing the access log " + name()));
  }

  Result<void> reopen() override {
    if (path_.empty()) return {};
    const auto opened = open_for_append(path_);
    if (!opened) return std::unexpected(opened.error());
    ::close(std::exchange(descriptor_, *opened));
    regular_ = is_regular(descriptor_);
    return {};
  }

 private:
  enum class Ready : std::uint8_t { no, yes };

  Result<Ready> wait_writable(Duration patience) const {
    pollfd waiting{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    const auto timeout_ms = std::chrono::ceil<std::chrono::milliseconds>(patience).count();
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::clamp<std::int64_t>(timeout_ms, 0, INT_MAX)));
    if (ready > 0) return Ready::yes;
    if (ready == 0 || errno == EINTR) return Ready::no;
    return std::unexpected(system_error(errno, "waiting for the access log " + name()));
  }

  std::string name() const { return path_.empty() ? "on standard output" : path_; }

  std::string path_;
  int descriptor_;
  bool regular_;
};

}  // namespace

Result<std::unique_ptr<AccessSink>> open_access_sink(const std::string& path) {
  if (path == "-") return std::make_unique<DescriptorSink>("", STDOUT_FILENO);
  const auto opened = open_for_append(path);
  if (!opened) return std::unexpected(opened.error());
  return std::make_unique<DescriptorSink>(path, *opened);
}

}  // namespace tenfold::edge
