#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "edge/edge.hpp"
#include "edge/guard_rooms.hpp"

// An edge with few places for connections, on real sockets, for tests: which worker a connection comes to is the
// kernel's choice.
namespace tenfold::edge {

using namespace std::chrono_literals;

// Moved by hand while the workers' threads look at it.
class SharedHandClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint(1h) + Duration(moved_.load()); }
  WallTime wall_now() const override { return WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)); }
  void advance(Duration by) { moved_ += by.count(); }

 private:
  std::atomic<Duration::rep> moved_ = 0;
};

class Client {
 public:
  explicit Client(const net::Endpoint& to, const char* from = "127.0.0.1:0")
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage mine{};
    const socklen_t mine_length = net::Endpoint::parse(from)->to(mine);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&mine), mine_length), 0);
    sockaddr_storage storage{};
    const socklen_t length = to.to(storage);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&storage), length) == 0;
  }
  Client(Client&& other) noexcept : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
  Client& operator=(Client&&) = delete;
  ~Client() {
    if (socket_ >= 0) ::close(socket_);
  }
  bool connected() const { return connected_; }
  void send(std::string_view bytes) const {
    ASSERT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  // Asks for the page and takes the answer's head, which is all of it.
  void ask(std::string_view path) const {
    send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    std::string answer;
    while (!answer.ends_with("\r\n\r\n")) {
      char bytes[2048];
      pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
      ASSERT_EQ(::poll(&wait, 1, 10'000), 1);
      const ssize_t got = ::recv(socket_, bytes, sizeof(bytes), 0);
      ASSERT_GT(got, 0);
      answer.append(bytes, static_cast<std::size_t>(got));
    }
  }
  // The other side ends the connection within the time.
  bool is_closed_within(std::chrono::milliseconds time) const {
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, static_cast<int>(time.count())) <= 0) return false;
    char byte = 0;
    return ::recv(socket_, &byte, 1, 0) <= 0;
  }

 private:
  int socket_;
  bool connected_ = false;
};

enum class Speaks : std::uint8_t { plain, proxy_protocol };

class EdgeAtItsLimit : public testing::Test {
 protected:
  void start(std::uint32_t workers, Speaks speaks = Speaks::plain, std::shared_ptr<const GuardPolicy> guard = nullptr) {
    edge.reset();  // of an earlier round, before what it refers to
    origin::Settings settings;
    settings.pools.push_back({.name = "shop"});
    settings.pools[0].servers.push_back({.host = "127.0.0.1", .port = origin_port});
    directory = std::move(*origin::Directory::make(settings, clock));
    auto policy = std::make_shared<Policy>();
    policy->listeners.resize(1);
    policy->limits.connections = limit;
    if (speaks == Speaks::proxy_protocol) {
      const std::vector<net::IpNetwork> this_machine = {*net::IpNetwork::parse("127.0.0.0/8")};
      policy->listeners[0].proxy_protocol_from = TrustedNetworks(this_machine);
    }
    policy->error_pages = std::make_shared<const ErrorPages>("Corner Shop");
    EdgeSetup setup{.clock = clock, .directory = *directory};
    setup.guard_rooms = &rooms;
    setup.addresses = {*net::Endpoint::parse("127.0.0.1:0")};
    setup.workers = workers;
    if (guard != nullptr) setup.guard = std::move(guard);
    edge = std::move(*Edge::make(std::move(setup), policy));
    ASSERT_TRUE(edge->start().has_value());
  }
  void TearDown() override { edge->drain(0s); }

  void hold_all_places() {
    for (std::uint32_t i = 0; i < limit; ++i) {
      held.emplace_back(edge->addresses()[0]);
      ASSERT_TRUE(held.back().connected());
    }
  }
  // The first of two comes behind what was sent before them, and the second a turn of the loop later.
  void two_are_turned_away() const {
    for (int i = 0; i < 2; ++i) {
      const Client newcomer(edge->addresses()[0]);
      EXPECT_TRUE(newcomer.is_closed_within(10s));
    }
  }
  std::ptrdiff_t closed_of_held() const {
    return std::ranges::count_if(held, [](const Client& client) { return client.is_closed_within(0ms); });
  }
  std::string metrics() const {
    MetricsText text;
    edge->describe(text);
    return text.text();
  }

  // By all workers, whoever's they were.
  std::uint64_t displaced(std::string_view counter = "tenfold_connections_displaced_total") const {
    const std::string text = metrics();
    const std::string line = std::string(counter) + "{worker=";
    std::uint64_t sum = 0;
    for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) {
      sum += std::stoull(text.substr(text.find("} ", at) + 2));
    }
    return sum;
  }
  bool one_is_displaced() const {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (displaced() == 0) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

  bool comes_to(std::int64_t open) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (edge->snapshot().open_connections != open) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }

  // The place of a connection that was closed is free only once its worker has seen that.
  bool one_more_is_let_in() {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < end) {
      const Client next(edge->addresses()[0]);
      if (!next.is_closed_within(200ms)) return true;
    }
    return false;
  }

  static constexpr std::uint32_t limit = 12;
  SharedHandClock clock;
  std::uint16_t origin_port = 9;  // nobody's
  GuardRooms rooms{SipKey{1, 2}};
  std::unique_ptr<origin::Directory> directory;
  std::unique_ptr<Edge> edge;
  std::vector<Client> held;
};

}  // namespace tenfold::edge
