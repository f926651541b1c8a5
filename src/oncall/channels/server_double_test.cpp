#include "oncall/channels/server_double_test.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace tenfold::oncall::channels {

ServerDouble::ServerDouble()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), stop_(::eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener_, 64), 0);
  EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port_ = ntohs(address.sin_port);
}

void ServerDouble::run() {
  thread_ = std::thread([this] { serve(); });
}

void ServerDouble::stop() {
  const std::uint64_t one = 1;
  EXPECT_EQ(::write(stop_, &one, sizeof one), static_cast<ssize_t>(sizeof one));
  thread_.join();
  for (const auto& [descriptor, connection] : connections_) ::close(descriptor);
  ::close(listener_);
  ::close(stop_);
}

void ServerDouble::say(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t part = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (part <= 0) return;  // the client has gone; its test says what that means
    text.remove_prefix(static_cast<std::size_t>(part));
  }
}

std::string ServerDouble::receive(int descriptor) {
  std::array<char, 64 * 1024> buffer;
  const ssize_t size = ::recv(descriptor, buffer.data(), buffer.size(), 0);
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

void ServerDouble::serve() {
  while (true) {
    std::vector<pollfd> waits{{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const auto& [descriptor, connection] : connections_) waits.push_back({descriptor, POLLIN, 0});
    ::poll(waits.data(), waits.size(), -1);
    if (waits[0].revents != 0) return;
    for (std::size_t i = 2; i < waits.size(); ++i) {
      if (waits[i].revents == 0) continue;
      const int descriptor = waits[i].fd;
      const std::string part = receive(descriptor);
      Connection& connection = connections_[descriptor];
      connection.received += part;
      if (!part.empty() && took(descriptor, connection) == Next::go_on) continue;
      closing(descriptor);
      ::close(descriptor);
      connections_.erase(descriptor);
    }
    if (waits[1].revents != 0) {
      const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) continue;
      connections_[descriptor] = {};
      greet(descriptor);
    }
  }
}

namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

HttpRequest head_of(const std::string& head) {
  HttpRequest request;
  const std::size_t first = head.find(' ');
  const std::size_t second = head.find(' ', first + 1);
  request.method = head.substr(0, first);
  request.target = head.substr(first + 1, second - first - 1);
  for (std::size_t from = head.find("\r\n"); from != std::string::npos;) {
    const std::size_t end = head.find("\r\n", from + 2);
    const std::string line = head.substr(from + 2, end == std::string::npos ? end : end - from - 2);
    if (const std::size_t colon = line.find(": "); colon != std::string::npos) {
      request.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    }
    from = end;
  }
  return request;
}

}  // namespace

std::vector<HttpRequest> HttpDouble::requests() const {
  const std::lock_guard guard(lock_);
  return requests_;
}

ServerDouble::Next HttpDouble::took(int descriptor, Connection& connection) {
  const std::size_t end = connection.received.find("\r\n\r\n");
  if (end == std::string::npos) return Next::go_on;
  HttpRequest request = head_of(connection.received.substr(0, end));
  const std::size_t size =
      request.headers.contains("content-length") ? std::stoul(request.headers["content-length"]) : 0;
  if (connection.received.size() < end + 4 + size) return Next::go_on;
  request.body = connection.received.substr(end + 4, size);
  connection.received.erase(0, end + 4 + size);
  {
    const std::lock_guard guard(lock_);
    requests_.push_back(request);
  }
  const HttpAnswer answer = answer_(request);
  if (answer.manner == HttpAnswer::Manner::never) return Next::go_on;
  if (answer.manner == HttpAnswer::Manner::closed_without) return Next::close;
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) +
                     " Said\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n";
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
  say(descriptor, text + "\r\n" + answer.body);
  return Next::go_on;
}

}  // namespace tenfold::oncall::channels
