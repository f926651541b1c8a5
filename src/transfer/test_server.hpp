#pragma once

// A server on the poller of the test itself, for tests of what asks servers; not part of the program.

#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transfer/poller.hpp"

namespace tenfold::transfer {

// What a test server does with a request.
struct TestReply {
  std::string bytes;
  enum class Then : std::uint8_t { keep, close, reset, drip } then = Then::keep;
  Duration drip_every = std::chrono::milliseconds(5);  // one byte of `drip` each
  char drip = 'x';
};

inline TestReply page(std::string_view body, int status = 200, const std::string& headers = "") {
  return {fmt::format("HTTP/1.1 {} Whatever\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body)};
}

// Listens on a free port of a loopback address. Answers every whole HTTP request; with Mode::lines every line, after a
// greeting.
class TestServer {
 public:
  using Answer = std::function<TestReply(const std::string& request)>;
  enum class Mode : std::uint8_t { http, lines, deaf };  // deaf: accepts and reads nothing
  struct Options {
    int family = AF_INET;
    Mode mode = Mode::http;
    SSL_CTX* tls = nullptr;  // not owned
    std::string greeting;
    std::uint16_t port = 0;
  };

  TestServer(Poller& poller, Answer answer, Options options)
      : poller_(poller), answer_(std::move(answer)), options_(std::move(options)) {
    listener_ = ::socket(options_.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    TENFOLD_ASSERT(listener_ >= 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (options_.family == AF_INET6) ::setsockopt(listener_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    sockaddr_storage address{};
    socklen_t size = loopback(address);
    TENFOLD_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    TENFOLD_ASSERT(::listen(listener_, 128) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(options_.family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                                              : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
    TENFOLD_ASSERT(poller_.watch(listener_, Poller::Interest::read, [this](Poller::Interest) { accept(); }));
  }
  TestServer(Poller& poller, Answer answer) : TestServer(poller, std::move(answer), Options()) {}
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer() {
    while (!connections_.empty()) drop(connections_.begin()->first);
    poller_.unwatch(listener_);
    ::close(listener_);
  }

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/") const {
    return fmt::format("{}://{}:{}{}", options_.tls != nullptr ? "https" : "http",
                       options_.family == AF_INET6 ? "[::1]" : "127.0.0.1", port_, path);
  }
  std::size_t accepted() const { return accepted_; }
  std::size_t open() const { return connections_.size(); }
  const std::vector<std::string>& requests() const { return requests_; }
  const std::vector<std::string>& peers() const { return peers_; }  // addresses, one for each connection

 private:
  struct Connection {
    int descriptor;
    SSL* tls = nullptr;
    std::string in;
    std::string out;
    TestReply::Then then = TestReply::Then::keep;
    Poller::TimerId drip = 0;
  };

  socklen_t loopback(sockaddr_storage& address) const {
    if (options_.family == AF_INET6) {
      auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
      v6.sin6_family = AF_INET6;
      v6.sin6_addr = in6addr_loopback;
      v6.sin6_port = htons(options_.port);
      return sizeof v6;
    }
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v4.sin_port = htons(options_.port);
    return sizeof v4;
  }

  void accept() {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int descriptor =
        ::accept4(listener_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    ++accepted_;
    const auto host = ntohl(reinterpret_cast<sockaddr_in*>(&peer)->sin_addr.s_addr);
    peers_.push_back(peer.ss_family == AF_INET6
                         ? "::1"
                         : fmt::format("{}.{}.{}.{}", host >> 24, host >> 16 & 255, host >> 8 & 255, host & 255));
    Connection& connection = connections_[descriptor];
    connection.descriptor = descriptor;
    if (options_.mode == Mode::deaf) return;
    if (options_.tls != nullptr) {
      connection.tls = SSL_new(options_.tls);
      SSL_set_fd(connection.tls, descriptor);
      SSL_set_accept_state(connection.tls);
    }
    connection.out = options_.greeting;
    watch(descriptor, Poller::Interest::both);
  }

  void watch(int descriptor, Poller::Interest interest) {
    TENFOLD_ASSERT(poller_.watch(descriptor, interest, [this, descriptor](Poller::Interest) { work(descriptor); }));
  }

  // Reads and writes what goes; both, because TLS may need either for the other.
  void work(int descriptor) {
    const auto found = connections_.find(descriptor);
    if (found == connections_.end()) return;
    Connection& connection = found->second;
    std::array<char, 16384> buffer;
    while (true) {
      const auto count = receive(connection, buffer.data(), buffer.size());
      if (count == would_block) break;
      if (count <= 0) return drop(descriptor);
      connection.in.append(buffer.data(), static_cast<std::size_t>(count));
    }
    for (std::string request = take_request(connection); !request.empty(); request = take_request(connection)) {
      requests_.push_back(request);
      const TestReply reply = answer_(request);
      connection.out += reply.bytes;
      connection.then = reply.then;
      if (reply.then == TestReply::Then::drip) start_drip(descriptor, reply);
    }
    flush(descriptor, connection);
  }

  void flush(int descriptor, Connection& connection) {
    while (!connection.out.empty()) {
      const auto count = send(connection);
      if (count == would_block) return watch(descriptor, Poller::Interest::both);
      if (count <= 0) return drop(descriptor);
      connection.out.erase(0, static_cast<std::size_t>(count));
    }
    if (connection.then == TestReply::Then::reset) {
      const linger hard{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    if (connection.then == TestReply::Then::close || connection.then == TestReply::Then::reset) return drop(descriptor);
    watch(descriptor, Poller::Interest::read);
  }

  void start_drip(int descriptor, const TestReply& reply) {
    connections_[descriptor].drip = poller_.at(poller_.now() + reply.drip_every, [this, descriptor, reply] {
      Connection& connection = connections_[descriptor];
      connection.out += reply.drip;
      start_drip(descriptor, reply);
      flush(descriptor, connection);
    });
  }

  std::string take_request(Connection& connection) const {
    std::size_t end = std::string::npos;
    if (options_.mode == Mode::lines) {
      if (const auto line = connection.in.find('\n'); line != std::string::npos) end = line + 1;
    } else if (const auto head = connection.in.find("\r\n\r\n"); head != std::string::npos) {
      const auto length = connection.in.find("Content-Length: ");
      const std::size_t body =
          length < head ? static_cast<std::size_t>(std::atol(connection.in.c_str() + length + 16)) : 0;
      if (connection.in.size() >= head + 4 + body) end = head + 4 + body;
    }
    if (end == std::string::npos) return "";
    std::string request = connection.in.substr(0, end);
    connection.in.erase(0, end);
    return request;
  }

  static constexpr ssize_t would_block = -2;
  static ssize_t tls_result(Connection& connection, int result) {
    if (result > 0) return result;
    const int error = SSL_get_error(connection.tls, result);
    ERR_clear_error();
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? would_block : -1;
  }
  static ssize_t receive(Connection& connection, char* data, std::size_t size) {
    if (connection.tls != nullptr) {
      return tls_result(connection, SSL_read(connection.tls, data, static_cast<int>(size)));
    }
    const ssize_t count = ::recv(connection.descriptor, data, size, 0);
    return count < 0 && errno == EAGAIN ? would_block : count;
  }
  static ssize_t send(Connection& connection) {
    const std::string& out = connection.out;
    if (connection.tls != nullptr) {
      return tls_result(connection, SSL_write(connection.tls, out.data(), static_cast<int>(out.size())));
    }
    const ssize_t count = ::send(connection.descriptor, out.data(), out.size(), MSG_NOSIGNAL);
    return count < 0 && errno == EAGAIN ? would_block : count;
  }

  void drop(int descriptor) {
    Connection& connection = connections_[descriptor];
    if (connection.drip != 0) poller_.cancel(connection.drip);
    if (connection.tls != nullptr) {
      if (connection.then != TestReply::Then::reset && SSL_is_init_finished(connection.tls))
        SSL_shutdown(connection.tls);
      SSL_free(connection.tls);
    }
    ERR_clear_error();
    poller_.unwatch(descriptor);
    ::close(descriptor);
    connections_.erase(descriptor);
  }

  Poller& poller_;
  Answer answer_;
  Options options_;
  int listener_;
  std::uint16_t port_ = 0;
  std::size_t accepted_ = 0;
  std::map<int, Connection> connections_;
  std::vector<std::string> requests_;
  std::vector<std::string> peers_;
};

// A port of 127.0.0.1 where nobody listens, and nobody will as long as it lives.
class DeadPort {
 public:
  DeadPort() {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    TENFOLD_ASSERT(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  DeadPort(const DeadPort&) = delete;
  DeadPort& operator=(const DeadPort&) = delete;
  ~DeadPort() { ::close(descriptor_); }
  std::uint16_t port() const { return port_; }

 private:
  int descriptor_;
  std::uint16_t port_;
};

}  // namespace tenfold::transfer
