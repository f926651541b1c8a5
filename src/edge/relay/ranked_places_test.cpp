// Places that strangers hold are customers' when these need them: the edge with its guard in a simulated network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "edge/guarded_fixture.hpp"

namespace tenfold::edge {
namespace {

using testing::StartsWith;

class RankedPlacesTest : public GuardedEdgeTest {
 protected:
  ~RankedPlacesTest() override {
    world.network.run_until([&] { return visitors.running() == 0; }, 10min);
  }
  // One server of sixteen places, and twenty customers.
  void start_with(GuardMode mode = GuardMode::enforce) {
    world.add_server(1).behaviour = [](const Asked& asked) {
      if (asked.target() == "/live") {
        return Answer{.raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"};
      }
      if (asked.target() == "/large") return Answer{.body = std::string(300'000, 'x')};
      return Answer{.think = asked.method() == "POST" ? Duration() : 400ms};
    };
    origin::Settings settings = World::one_pool(1);
    settings.pools[0].max_connections = 16;
    start_guarded(std::move(settings), mode);
    for (int i = 0; i < 20; ++i) {
      customers.push_back("Cookie: " +
                          cookie(ask("POST /cart HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n"
                                     "Connection: close\r\n\r\n"),
                                 "tenfold_seen") +
                          "\r\n");
    }
  }
  static std::string websocket(const std::string& fields = "") {
    return "GET /live HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           fields + "\r\n";
  }
  static std::string get_of(const std::string& target, const std::string& fields = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + fields + "Connection: close\r\n\r\n";
  }
  // From an address of a network of its own, and does nothing from then on.
  Idler& hold(const std::string& sends) {
    net::Loop& loop = world.network.make_loop(net::IpAddress::v4(0xcb007105 + 256 * ++networks));
    Idler& idler = idlers.emplace_back();
    visitors.spawn(idle(loop, server->local(), sends, 60s, AfterIdling::reads, idler));
    return idler;
  }
  struct Timed {
    Visitor visitor;
    TimePoint asked{}, answered{};
  };
  net::Task<void> time(std::string sends, Timed& timed) {
    timed.asked = world.loop.now();
    co_await visit(people, server->local(), std::move(sends), timed.visitor);
    timed.answered = world.loop.now();
  }
  // Twenty a second for that while, each 400 ms of an origin's time: eight places. How long the last to be answered
  // waited for that.
  Duration slowest_of_customers_for(
      Duration lasts, const std::function<void()>& beside = [] {}) {
    const TimePoint end = world.loop.now() + lasts;
    while (world.loop.now() < end) {
      visitors.spawn(time(get_of("/page", customers[timed.size() % customers.size()]), timed.emplace_back()));
      beside();
      world.network.advance(50ms);
    }
    world.network.advance(10s);
    Duration slowest{};
    for (const Timed& each : timed) {
      EXPECT_THAT(each.visitor.received, StartsWith("HTTP/1.1 200"));
      slowest = std::max(slowest, each.answered - each.asked);
    }
    return slowest;
  }

  std::uint32_t networks = 0;
  std::vector<std::string> customers;
  std::list<Idler> idlers;
  std::list<Timed> timed;
};

TEST_F(RankedPlacesTest, SilentTunnelsOfStrangersGoForCustomersPages) {
  start_with();
  for (int i = 0; i < 16; ++i) hold(websocket());
  world.network.advance(5s);
  EXPECT_EQ(metrics.open_tunnels.value(), 16);
  EXPECT_LE(slowest_of_customers_for(5s), 1600ms);
  EXPECT_GE(metrics.open_tunnels.value(), 6) << "no more go than customers need";
}

TEST_F(RankedPlacesTest, SoDoAnswersThatStrangersDoNotRead) {
  start_with();
  for (int i = 0; i < 16; ++i) hold(get_of("/large"));
  world.network.advance(5s);
  EXPECT_LE(slowest_of_customers_for(5s), 1600ms);
}

// New ones all the time, each from a network of its own: none is old enough to be known for slow.
TEST_F(RankedPlacesTest, WhoComesAnewDoesNotKeepThePlacesFromCustomers) {
  start_with();
  const auto comes = [&] { hold(get_of("/large")); };
  for (int i = 0; i < 100; ++i) comes(), world.network.advance(50ms);
  EXPECT_LE(slowest_of_customers_for(5s, comes), 2s);
}

TEST_F(RankedPlacesTest, ACustomersTunnelGoesForNoStranger) {
  start_with();
  for (int i = 0; i < 16; ++i) hold(websocket(customers[static_cast<std::size_t>(i)]));
  world.network.advance(5s);
  hold(get_of("/page"));
  world.network.advance(3s);
  EXPECT_EQ(metrics.open_tunnels.value(), 16);
}

TEST_F(RankedPlacesTest, WhereNobodyIsInOrderNobodysRankTells) {
  start_with(GuardMode::observe);
  for (int i = 0; i < 12; ++i) hold(websocket());
  world.network.advance(5s);
  slowest_of_customers_for(1s);
  EXPECT_EQ(metrics.open_tunnels.value(), 12);
}

}  // namespace
}  // namespace tenfold::edge
