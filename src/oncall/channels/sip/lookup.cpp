#include "oncall/channels/sip/lookup.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/thread.hpp"

namespace tenfold::oncall::sip {
namespace {

struct Answer {
  int code = 0;
  std::vector<sa> addresses;
};

struct Pending {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<Answer> answer;
};

Answer ask_system(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  Answer answer{.code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found), .addresses = {}};
  for (const addrinfo* each = found; each != nullptr && answer.code == 0; each = each->ai_next) {
    sa address{};
    if (sa_set_sa(&address, each->ai_addr) == 0) answer.addresses.push_back(address);
  }
  if (found != nullptr) freeaddrinfo(found);
  return answer;
}

// On a thread that nobody waits for: getaddrinfo() cannot be interrupted, and takes half a minute when every name
// server is out of reach. What it finds goes to an object that it shares with us.
Result<std::shared_ptr<Pending>> ask(const std::string& host, std::uint16_t port) {
  auto pending = std::make_shared<Pending>();
  auto asking = start_thread("the thread that looks up " + host, [pending, host, port] {
    Answer answer = ask_system(host, port);
    const std::lock_guard lock(pending->mutex);
    pending->answer = std::move(answer);
    pending->changed.notify_all();
  });
  if (!asking) return std::unexpected(asking.error());
  asking->detach();
  return pending;
}

}  // namespace

Result<sa> address_of(const std::string& host, std::uint16_t port, Duration longest, const std::stop_token& stop) {
  sa address{};
  if (sa_set_str(&address, host.c_str(), port) == 0) return address;

  const auto asked = ask(host, port);
  if (!asked) return std::unexpected(asked.error());
  const std::shared_ptr<Pending>& pending = *asked;
  std::unique_lock lock(pending->mutex);
  if (!pending->changed.wait_for(lock, stop, longest, [&] { return pending->answer.has_value(); })) {
    return stop.stop_requested() ? fail(Errc::cancelled, "looking up " + host)
                                 : fail(Errc::timed_out, "no name server answers for " + host);
  }
  const Answer& answer = *pending->answer;
  if (answer.code != 0) return fail(Errc::unreachable, "no address for " + host + ": " + gai_strerror(answer.code));
  for (const sa& each : answer.addresses) {
    if (local_address_towards(each)) return each;
  }
  return fail(Errc::unreachable, "no way to any address of " + host);
}

Result<sa> local_address_towards(const sa& server) {
  const int probe = socket(sa_af(&server), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return std::unexpected(system_error(errno, "a socket"));
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  // Connecting a datagram socket sends nothing: it asks for the route.
  const bool known = connect(probe, &server.u.sa, server.len) == 0 &&
                     getsockname(probe, reinterpret_cast<sockaddr*>(&own), &length) == 0;
  const int code = errno;
  close(probe);
  if (!known) return fail(Errc::unreachable, "no way to " + text(server) + ": " + error_text(code));
  sa address{};
  sa_set_sa(&address, reinterpret_cast<const sockaddr*>(&own));
  sa_set_port(&address, 0);
  return address;
}

std::string text(const sa& address) {
  std::array<char, 64> words{};
  re_snprintf(words.data(), words.size(), "%J", &address);
  return words.data();
}

}  // namespace tenfold::oncall::sip
