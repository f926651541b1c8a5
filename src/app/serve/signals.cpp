#include "app/serve/signals.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace tenfold::app {

Result<Signals> Signals::make() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
  if (::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) return fail(Errc::failed, "blocking signals");
  const int descriptor = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (descriptor < 0) return std::unexpected(system_error(errno, "signalfd"));
  return Signals(descriptor);
}

Signals::Signals(Signals&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Signals::~Signals() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

net::Task<Result<int>> Signals::next(net::Loop& loop, net::CancelToken token) {
  while (true) {
    signalfd_siginfo info{};
    if (::read(descriptor_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      co_return static_cast<int>(info.ssi_signo);
    }
    auto ready = co_await loop.wait_ready(descriptor_, POLLIN, no_deadline, token);
    if (!ready) co_return std::unexpected(ready.error());
  }
}

}  // namespace tenfold::app
