// The limit of connections, on real sockets: which worker a connection comes to is the kernel's choice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string_view>
#include <thread>
#include <vector>

#include "base/metrics.hpp"
#include "edge/edge.hpp"
#include "edge/identify/standing.hpp"
#include "edge/worker/places.hpp"
#include "net/socket.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

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
  void send(std::string_view bytes) const {
    ASSERT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
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
    origin::Settings settings;
    settings.pools.push_back({.name = "shop"});
    settings.pools[0].servers.push_back({.host = "127.0.0.1", .port = 9});
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
  std::unique_ptr<origin::Directory> directory;
  std::unique_ptr<Edge> edge;
  std::vector<Client> held;
};

class ConnectionLimitTest : public EdgeAtItsLimit, public testing::WithParamInterface<std::uint32_t> {
 protected:
  void SetUp() override { start(GetParam()); }
};

TEST_P(ConnectionLimitTest, IsReachedExactlyHoweverTheKernelSpreadsThem) {
  hold_all_places();
  ASSERT_TRUE(comes_to(limit));
  for (int i = 0; i < 20; ++i) {
    const Client one_too_many(edge->addresses()[0]);
    EXPECT_TRUE(one_too_many.is_closed_within(10s));
  }
  for (const Client& client : held) EXPECT_FALSE(client.is_closed_within(0ms));

  held.pop_back();
  EXPECT_TRUE(one_more_is_let_in());
}

// Where the newcomer's worker has none that is idle, another's makes place for the next.
TEST_P(ConnectionLimitTest, IdleConnectionsKeepNobodyOut) {
  hold_all_places();
  ASSERT_TRUE(comes_to(limit));
  clock.advance(http::shortest_idle_displaced);
  EXPECT_TRUE(one_more_is_let_in());
  EXPECT_GE(closed_of_held(), 1);
  EXPECT_LT(closed_of_held(), static_cast<std::ptrdiff_t>(limit));
}

TEST_P(ConnectionLimitTest, NobodyIsDisplacedWhoHasJustCome) {
  hold_all_places();
  ASSERT_TRUE(comes_to(limit));
  clock.advance(http::shortest_idle_displaced - 1ms);
  for (int i = 0; i < 5; ++i) two_are_turned_away();
  EXPECT_EQ(closed_of_held(), 0);
}

INSTANTIATE_TEST_SUITE_P(Workers, ConnectionLimitTest, testing::Values(1u, 2u, 5u));

TEST_F(EdgeAtItsLimit, TheLongestIdleConnectionMakesPlaceForTheNewcomerItself) {
  start(1);
  held.emplace_back(edge->addresses()[0]);
  ASSERT_TRUE(comes_to(1));
  clock.advance(10ms);
  while (held.size() < limit) held.emplace_back(edge->addresses()[0]);
  ASSERT_TRUE(comes_to(limit));
  clock.advance(http::shortest_idle_displaced - 10ms);

  const Client newcomer(edge->addresses()[0]);
  EXPECT_TRUE(held[0].is_closed_within(10s));
  two_are_turned_away();  // the others are not idle for long enough
  EXPECT_EQ(closed_of_held(), 1);
  EXPECT_FALSE(newcomer.is_closed_within(0ms));
  EXPECT_THAT(metrics(), HasSubstr("tenfold_connections_displaced_total{worker=\"0\"} 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("tenfold_connections_turned_away_total{worker=\"0\"} 2\n"));
}

TEST_F(EdgeAtItsLimit, WhoHasBegunARequestKeepsTheirPlace) {
  start(1);
  hold_all_places();
  for (const Client& client : held) client.send("GET / HT");
  two_are_turned_away();
  clock.advance(http::shortest_idle_displaced * 2);
  two_are_turned_away();
  EXPECT_EQ(closed_of_held(), 0);
}

TEST_F(EdgeAtItsLimit, WhoSaysNothingWhereAProxyHeaderMustComeMakesPlace) {
  start(1, Speaks::proxy_protocol);
  hold_all_places();
  held[0].send("PROXY ");
  two_are_turned_away();
  clock.advance(http::shortest_idle_displaced);

  const Client newcomer(edge->addresses()[0]);
  EXPECT_TRUE(held[1].is_closed_within(10s));
  EXPECT_EQ(closed_of_held(), 1);
  EXPECT_FALSE(newcomer.is_closed_within(0ms));
  EXPECT_THAT(metrics(), HasSubstr("tenfold_connections_displaced_total{worker=\"0\"} 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("tenfold_proxy_header_failures_total{worker=\"0\"} 0\n"));
}

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

// Loopback is to be dropped, as the brain would have it.
std::shared_ptr<GuardPolicy> dropping(const Clock& clock, GuardMode mode, guard::AllowRules allow = {}) {
  auto measures = std::make_shared<Measures>();
  const std::uint64_t client = guard::client_key(*net::IpAddress::parse("127.0.0.1"));
  (*measures)[subject_of(guard::Level::client, client)] = {.step = Step::drop, .until = clock.now() + 60s};
  auto state = std::make_shared<GuardState>();
  state->measures = measures;
  auto guard = std::make_shared<GuardPolicy>();
  auto rules = std::make_shared<GuardRules>();
  rules->mode = mode;
  rules->allow = std::move(allow);
  guard->rules = std::move(rules);
  guard->state = std::move(state);
  return guard;
}

using DroppedConnections = EdgeAtItsLimit;

TEST_F(DroppedConnections, AreResetAtOnceUntilTheirTimeIsOver) {
  start(1, Speaks::plain, dropping(clock, GuardMode::enforce));
  for (std::uint32_t i = 0; i < limit / 2; ++i) held.emplace_back(edge->addresses()[0]);  // there is room
  ASSERT_TRUE(comes_to(limit / 2));
  EXPECT_TRUE(Client(edge->addresses()[0]).is_closed_within(10s));
  EXPECT_THAT(metrics(), HasSubstr("tenfold_connections_dropped_total{worker=\"0\"} 1\n"));
  clock.advance(60s);
  EXPECT_TRUE(one_more_is_let_in());
}

TEST_F(DroppedConnections, AreNoneWhereTheGuardObserves) {
  start(1, Speaks::plain, dropping(clock, GuardMode::observe));
  EXPECT_TRUE(one_more_is_let_in());
}

TEST_F(DroppedConnections, AreNoneOfTheProxysThatSpeaksForOthers) {
  start(1, Speaks::proxy_protocol, dropping(clock, GuardMode::enforce));
  EXPECT_TRUE(one_more_is_let_in());
}

TEST_F(DroppedConnections, AreNoneFromWhereTheOwnerAllowsSomething) {
  const std::vector<guard::AllowRule> office{
      {.name = "office", .networks = {*net::IpNetwork::parse("127.0.0.0/8")}, .paths = {{"POST", "/callback"}}}};
  start(1, Speaks::plain, dropping(clock, GuardMode::enforce, guard::AllowRules(office, {})));
  EXPECT_TRUE(one_more_is_let_in());
}

}  // namespace
}  // namespace tenfold::edge
