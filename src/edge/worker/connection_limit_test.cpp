// The limit of connections, on real sockets: which worker a connection comes to is the kernel's choice.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "edge/edge.hpp"
#include "edge/worker/places.hpp"
#include "net/socket.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;

class Client {
 public:
  explicit Client(const net::Endpoint& to) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
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

class ConnectionLimitTest : public testing::TestWithParam<std::uint32_t> {
 protected:
  void SetUp() override {
    origin::Settings settings;
    settings.pools.push_back({.name = "shop"});
    settings.pools[0].servers.push_back({.host = "127.0.0.1", .port = 9});
    directory = std::move(*origin::Directory::make(settings, clock));
    auto policy = std::make_shared<Policy>();
    policy->listeners.resize(1);
    policy->limits.connections = limit;
    policy->error_pages = std::make_shared<const ErrorPages>("Corner Shop");
    EdgeSetup setup{.clock = clock, .directory = *directory};
    setup.addresses = {*net::Endpoint::parse("127.0.0.1:0")};
    setup.workers = GetParam();
    edge = std::move(*Edge::make(std::move(setup), policy));
    ASSERT_TRUE(edge->start().has_value());
  }
  void TearDown() override { edge->drain(0s); }

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
  SystemClock clock;
  std::unique_ptr<origin::Directory> directory;
  std::unique_ptr<Edge> edge;
};

TEST_P(ConnectionLimitTest, IsReachedExactlyHoweverTheKernelSpreadsThem) {
  std::vector<Client> held;
  for (std::uint32_t i = 0; i < limit; ++i) {
    held.emplace_back(edge->addresses()[0]);
    ASSERT_TRUE(held.back().connected());
  }
  ASSERT_TRUE(comes_to(limit));
  for (int i = 0; i < 20; ++i) {
    const Client one_too_many(edge->addresses()[0]);
    EXPECT_TRUE(one_too_many.is_closed_within(10s));
  }
  for (const Client& client : held) EXPECT_FALSE(client.is_closed_within(0ms));

  held.pop_back();
  EXPECT_TRUE(one_more_is_let_in());
}

INSTANTIATE_TEST_SUITE_P(Workers, ConnectionLimitTest, testing::Values(1u, 2u, 5u));

TEST(Places, AreTakenUpToTheLimitAndGivenBack) {
  Places places;
  {
    Place first = places.take(2);
    const Place second = places.take(2);
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(places.take(2));
    const Place moved = std::move(first);
    EXPECT_EQ(places.taken(), 2u);
  }
  EXPECT_EQ(places.taken(), 0u);
  // A limit that a reload lowered below what is taken: nothing until enough are given back.
  const Place one = places.take(5);
  const Place two = places.take(5);
  EXPECT_FALSE(places.take(1));
}

TEST(Places, FromManyThreadsAreNeverMoreThanTheLimit) {
  Places places;
  std::atomic<bool> exceeded = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20'000; ++round) {
        const Place place = places.take(3);
        if (places.taken() > 3) exceeded = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(places.taken(), 0u);
}

}  // namespace
}  // namespace tenfold::edge
