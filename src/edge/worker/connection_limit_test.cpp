// The limit of connections, on real sockets: which worker a connection comes to is the kernel's choice.
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "edge/identify/standing.hpp"
#include "edge/worker/limit_fixture.hpp"
#include "edge/worker/places.hpp"

namespace tenfold::edge {
namespace {

using testing::HasSubstr;

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

// However many workers are asked. All that they were asked for is done once the edge has been drained.
TEST_P(ConnectionLimitTest, OneNewcomerCostsOneConnection) {
  edge->drain(0s);
  for (int round = 0; round < 50; ++round) {
    held.clear();
    start(GetParam());
    hold_all_places();
    ASSERT_TRUE(comes_to(limit));
    clock.advance(http::shortest_idle_displaced);
    {
      const Client newcomer(edge->addresses()[0]);
      ASSERT_TRUE(one_is_displaced());
    }
    edge->drain(0s);
    ASSERT_EQ(displaced(), 1u);
  }
  held.clear();
  start(GetParam());
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

// The guard's windows are with the brain once all workers have been called; one that has ended keeps nobody waiting.
TEST_F(EdgeAtItsLimit, WindowsAreCalledInFromAllWorkers) {
  auto guard = std::make_shared<GuardPolicy>();
  auto rules = std::make_shared<GuardRules>();
  rules->mode = GuardMode::observe;
  guard->rules = std::move(rules);
  auto state = std::make_shared<GuardState>();
  state->keys = std::make_shared<const guard::TokenKeys>("0123456789abcdef", WallTime());
  guard->state = std::move(state);
  start(4, Speaks::plain, guard);
  const Client client(edge->addresses()[0]);
  std::uint64_t counted = 0;
  for (int i = 0; i < 1000 && counted < 3; ++i) {
    if (i < 3) client.ask("/");
    edge->call_windows_in(10s);
    for (WindowExchange* const exchange : edge->guard_windows()) {
      auto window = exchange->take();
      if (window == nullptr) continue;
      for (const StandingWindow& each : window->standings) counted += each.requests;
      exchange->give_back(std::move(window));
    }
  }
  EXPECT_EQ(counted, 3u);
  edge->drain(0s);
  edge->call_windows_in(1ms);
}

}  // namespace
}  // namespace tenfold::edge
