// A loopback server that remembers when each request came: what a load driver really sent, and when. Not part of
// Tenfold; `bench/peers/run drivers` compiles it.
//
//   measuring_server [STALL_FROM_S STALL_FOR_S EVERY_S]
//
// Prints its port, answers every GET with 200 and 1 KB until its standard input ends, then writes the arrival times
// (int64, nanoseconds, CLOCK_MONOTONIC, in the machine's byte order) to standard output. With a stall it answers
// nothing in that stretch of every EVERY_S seconds, counted from the first request; what came meanwhile is answered at
// the stretch's end, as by a server that stood still. It spins, so that a time is not that of a wake-up: give it a
// core.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t most_requests = 20'000'000;  // remembered; 160 MB
constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t look_at_input_every = second / 100;

struct Connection {
  int socket = -1;
  int unanswered = 0;       // requests
  std::size_t matched = 0;  // bytes of the empty line that ends a head, seen at the end of what was read
  std::string unsent;       // what the kernel did not take
};

struct Stall {
  std::int64_t from = 0;
  std::int64_t length = 0;
  std::int64_t every = 0;
};

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * second + time.tv_nsec;
}

[[noreturn]] void give_up(const char* doing) {
  std::perror(doing);
  std::exit(1);
}

const std::string& answer() {
  static const std::string text =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n" + std::string(1024, 'x');
  return text;
}

class MeasuringServer {
 public:
  explicit MeasuringServer(Stall stall) : stall_(stall) {
    arrivals_.reserve(1 << 20);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 4096) != 0)
      give_up("listen");
    socklen_t length = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    watch(listener_, nullptr, EPOLLIN);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  void serve() {
    std::int64_t look = 0;
    while (true) {
      std::array<epoll_event, 256> events;
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
      const std::int64_t at = now();
      for (int i = 0; i < count; ++i) {
        auto* const connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (connection == nullptr) {
          accept_all();
        } else {
          take(*connection);
        }
      }
      answer_all(at);
      if (at > look) {
        if (input_ended()) return;
        look = at + look_at_input_every;
      }
    }
  }

  void write_arrivals() const { std::fwrite(arrivals_.data(), sizeof(std::int64_t), arrivals_.size(), stdout); }

 private:
  void watch(int socket, Connection* connection, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = connection;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) give_up("epoll_ctl");
  }

  void accept_all() {
    while (true) {
      const int accepted = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted < 0) return;
      const int on = 1;
      setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connections_.push_back(std::make_unique<Connection>());
      connections_.back()->socket = accepted;
      watch(accepted, connections_.back().get(), EPOLLIN);
    }
  }

  void take(Connection& connection) {
    std::array<char, 16384> bytes;
    const ssize_t got = read(connection.socket, bytes.data(), bytes.size());
    if (got <= 0) {
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      close(connection.socket);
      connection.socket = -1;
      return;
    }
    const std::int64_t at = now();
    for (const char byte : std::string_view(bytes.data(), static_cast<std::size_t>(got))) {
      constexpr std::string_view end = "\r\n\r\n";
      connection.matched = byte == end[connection.matched] ? connection.matched + 1 : (byte == '\r' ? 1 : 0);
      if (connection.matched < end.size()) continue;
      connection.matched = 0;
      if (connection.unanswered++ == 0) waiting_.push_back(&connection);
      if (arrivals_.size() < most_requests) arrivals_.push_back(at);
    }
  }

  bool is_stalled(std::int64_t at) const {
    if (stall_.every == 0 || arrivals_.empty()) return false;
    const std::int64_t into = (at - arrivals_.front()) % stall_.every;
    return into >= stall_.from && into < stall_.from + stall_.length;
  }

  void answer_all(std::int64_t at) {
    if (waiting_.empty() || is_stalled(at)) return;
    std::vector<Connection*> later;
    for (Connection* const connection : waiting_) {
      if (connection->socket < 0) continue;
      for (; connection->unanswered > 0; --connection->unanswered) connection->unsent += answer();
      const ssize_t sent = send(connection->socket, connection->unsent.data(), connection->unsent.size(), MSG_NOSIGNAL);
      if (sent > 0) connection->unsent.erase(0, static_cast<std::size_t>(sent));
      if (!connection->unsent.empty() && (sent >= 0 || errno == EAGAIN)) later.push_back(connection);
    }
    waiting_ = std::move(later);
  }

  static bool input_ended() {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, 0) <= 0) return false;
    char byte = 0;
    return read(STDIN_FILENO, &byte, 1) <= 0;
  }

  Stall stall_;
  int listener_ = -1;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;  // never fewer: a run's connections are few
  std::vector<Connection*> waiting_;                      // have requests to be answered, or answers to be sent
  std::vector<std::int64_t> arrivals_;
};

std::int64_t nanoseconds(const char* seconds) { return static_cast<std::int64_t>(std::atof(seconds) * 1e9); }

}  // namespace

int main(int count, char** arguments) {
  Stall stall;
  if (count == 4) stall = {nanoseconds(arguments[1]), nanoseconds(arguments[2]), nanoseconds(arguments[3])};
  MeasuringServer server(stall);
  server.serve();
  server.write_arrivals();
  return 0;
}
