// Origins that are names: each address a server, and what happens when they move.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "origin/test_world.hpp"

namespace tenfold::origin {
namespace {

using namespace testing_world;

net::Resolution addresses(std::vector<int> numbers, Duration time_to_live = 1s) {
  net::Resolution resolution{.addresses = {}, .time_to_live = time_to_live};
  for (const int number : numbers) resolution.addresses.push_back(endpoint_of(number).address);
  return resolution;
}

std::vector<std::string> shown(const World& world) {
  std::vector<std::string> texts;
  const auto pools = world.directory->snapshot();
  for (const ServerSnapshot& server : pools[0].servers) {
    texts.push_back(server.address + " " + std::string(name(server.state)));
  }
  return texts;
}

Settings named_server() {
  Settings settings = World::one_pool(1);
  settings.pools[0].servers = {{.host = "shop.internal", .port = 80}};
  return settings;
}

TEST(Names, AllAddressesTakeTurnsAndFailOver) {
  World world;
  world.add_server(1);
  world.add_server(2);
  world.resolver.set("shop.internal",
                     {.addresses = {endpoint_of(1).address, endpoint_of(2).address}, .time_to_live = 10s});
  world.start(named_server());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(world.get().status, 200);
    world.upstreams->close_idle();
  }
  EXPECT_GT(world.server(1).requests(), 5);
  EXPECT_GT(world.server(2).requests(), 5);
  world.network.kill(endpoint_of(1));
  world.upstreams->close_idle();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(world.get().status, 200);
}

TEST(Names, AreResolvedAnewAtTheirTtlAndKeptWhenTheyFail) {
  World world;
  world.add_server(1);
  world.add_server(2);
  world.resolver.set("shop.internal", {.addresses = {endpoint_of(1).address}, .time_to_live = 10s});
  world.start(named_server());
  EXPECT_EQ(world.get().status, 200);
  world.resolver.set("shop.internal", {.addresses = {endpoint_of(2).address}, .time_to_live = 10s});
  world.network.advance(9s);
  EXPECT_EQ(world.directory->snapshot()[0].servers[0].address, "10.0.0.1:80");
  world.network.advance(2s);
  EXPECT_EQ(world.directory->snapshot()[0].servers[0].address, "10.0.0.2:80");
  world.resolver.remove("shop.internal");
  world.network.advance(60s);
  EXPECT_EQ(world.directory->snapshot()[0].servers[0].address, "10.0.0.2:80");
  EXPECT_EQ(world.get().status, 200);
}

TEST(Names, AServerWithoutAddressWaitsForOne) {
  World world;
  world.add_server(1);
  world.start(named_server());
  EXPECT_EQ(world.get().error.code, Errc::unreachable);
  EXPECT_EQ(world.directory->snapshot()[0].servers[0].state, ServerState::down);
  world.resolver.set("shop.internal", {.addresses = {endpoint_of(1).address}, .time_to_live = 10s});
  world.network.advance(6s);
  EXPECT_EQ(world.get().status, 200);
}

TEST(Names, EachAddressIsAServer) {
  World world;
  world.add_server(1);
  world.add_server(2);
  world.resolver.set("shop.internal", addresses({1, 2, 3}));
  world.start(named_server());
  world.network.advance(1s);
  EXPECT_THAT(shown(world), testing::ElementsAre("10.0.0.1:80 healthy", "10.0.0.2:80 healthy", "10.0.0.3:80 down"));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(world.get().attempts, 1u);
  MetricsText text;
  world.directory->describe(text);
  EXPECT_THAT(text.text(), testing::HasSubstr(R"(server="shop.internal:80/10.0.0.2:80",state="healthy"} 1)"));
  // one of them fails its customers
  world.server(2).behaviour = [](const Asked&) { return Answer{.status = 500}; };
  world.load(100, 2s);
  EXPECT_THAT(shown(world), testing::ElementsAre("10.0.0.1:80 healthy", "10.0.0.2:80 ejected", "10.0.0.3:80 down"));
}

TEST(Names, ConnectionsToAnAddressThatLeftAreClosedTheBusyOnesAfterTheirExchange) {
  World world;
  world.add_server(1).behaviour = [](const Asked& asked) {
    return Answer{.body = "one", .think = asked.target() == "/slow" ? 10s : 0s};
  };
  world.add_server(2).behaviour = [](const Asked&) { return Answer{.body = "two"}; };
  world.resolver.set("shop.internal", addresses({1}));
  world.start(named_server());
  Calls idle;
  for (int i = 0; i < 3; ++i) idle.push_back(std::make_shared<Call>());
  for (const auto& call : idle) world.begin(*call);
  world.finish();
  Call slow{.target = "/slow"};
  world.begin(slow);
  world.network.advance(100ms);
  const int connections = world.server(1).open_connections();
  EXPECT_GE(connections, 1);
  // when the name moves
  world.resolver.set("shop.internal", addresses({2}));
  world.network.advance(1500ms);
  EXPECT_EQ(world.server(1).open_connections(), 1);  // the busy one
  EXPECT_EQ(world.get().text, "two");
  EXPECT_THAT(shown(world), testing::ElementsAre("10.0.0.2:80 slow_start", "10.0.0.1:80 draining"));
  world.finish();
  EXPECT_EQ(slow.text, "one");
  world.network.advance(5s);
  EXPECT_EQ(world.server(1).open_connections(), 0);
  EXPECT_THAT(shown(world), testing::ElementsAre("10.0.0.2:80 healthy"));
}

TEST(Names, InAnotherOrderChangeNothing) {
  World world;
  for (int i = 1; i <= 3; ++i) world.add_server(i);
  world.resolver.set("shop.internal", addresses({1, 2, 3}));
  world.start(named_server());
  EXPECT_EQ(world.get().status, 200);
  const auto version = world.directory->version();
  for (const auto& order : {std::vector{3, 2, 1}, std::vector{2, 1, 3}, std::vector{1, 2, 3, 3}}) {
    world.resolver.set("shop.internal", addresses(order));
    world.network.advance(2s);
  }
  EXPECT_EQ(world.directory->version(), version);
  // nor does a name server that is gone
  world.resolver.remove("shop.internal");
  world.network.advance(30s);
  EXPECT_EQ(world.directory->version(), version);
  EXPECT_EQ(world.get().status, 200);
}

TEST(Names, HaveNoMoreThanSixteenServersAndKeepThoseInUse) {
  World world;
  std::vector<int> many;
  for (int i = 1; i <= 40; ++i) many.push_back(i);
  world.resolver.set("shop.internal", addresses(many));
  world.start(named_server());
  EXPECT_EQ(world.directory->snapshot()[0].servers.size(), 16u);
  const auto version = world.directory->version();
  std::reverse(many.begin(), many.end());
  many.push_back(99);
  world.resolver.set("shop.internal", addresses(many));
  world.network.advance(2s);
  EXPECT_EQ(world.directory->version(), version);
}

TEST(Names, AnAddressThatJoinsOthersBeginsWithLessThanItsShare) {
  World world;
  for (int i = 1; i <= 2; ++i) world.add_server(i).behaviour = [](const Asked&) { return Answer{.think = 5ms}; };
  world.resolver.set("shop.internal", addresses({1}));
  Settings settings = named_server();
  settings.pools[0].slow_start = 20s;
  world.start(settings);
  EXPECT_THAT(shown(world), testing::ElementsAre("10.0.0.1:80 healthy"));
  world.resolver.set("shop.internal", addresses({1, 2}));
  world.network.advance(1500ms);
  EXPECT_THAT(shown(world), testing::ElementsAre("10.0.0.1:80 healthy", "10.0.0.2:80 slow_start"));
  EXPECT_EQ(failures(world.load(100, 3s)), 0);
  EXPECT_LT(world.server(2).requests(), 100);
  EXPECT_GT(world.server(2).requests(), 5);
}

TEST(Names, ThatComeAndGoLoseNoRequest) {
  World world(5);
  for (int i = 1; i <= 4; ++i) world.add_server(i).behaviour = [](const Asked&) { return Answer{.think = 5ms}; };
  world.resolver.set("shop.internal", addresses({1}));
  world.start(named_server());
  FastRandom random(5);
  Calls calls;
  for (int round = 0; round < 40; ++round) {
    std::vector<int> some{1 + static_cast<int>(random.below(4))};
    for (int i = 1; i <= 4; ++i) {
      if (random.below(3) == 0) some.push_back(i);
    }
    world.resolver.set("shop.internal", addresses(some));
    for (auto& call : world.load(100, 700ms)) calls.push_back(std::move(call));
  }
  world.finish();
  EXPECT_EQ(failures(calls), 0);
}

TEST(Names, ARequestThatWaitsForAPlaceFollowsTheName) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 4s}; };
  world.add_server(2).behaviour = [](const Asked&) { return Answer{.body = "two"}; };
  world.resolver.set("shop.internal", addresses({1}));
  Settings settings = named_server();
  settings.pools[0].max_connections = 1;
  world.start(settings);
  Call first;
  Call second;
  world.begin(first);
  world.network.settle();
  world.begin(second);
  world.resolver.set("shop.internal", addresses({2}));
  world.network.advance(1500ms);
  EXPECT_TRUE(second.done);
  EXPECT_EQ(second.text, "two");
  world.finish();
  EXPECT_EQ(first.status, 200);
}

TEST(Names, AUnixSocketIsConnectedToAndChecked) {
  World world;
  world.add_server(1);
  world.network.bind_path("/run/shop.sock", endpoint_of(1));
  Settings settings = World::one_pool(1);
  settings.pools[0].servers = {{.unix_path = "/run/shop.sock"}, {.unix_path = "/run/none.sock"}};
  world.start(settings);
  world.network.advance(1s);
  EXPECT_THAT(shown(world), testing::ElementsAre("unix:/run/shop.sock healthy", "unix:/run/none.sock down"));
  for (int i = 0; i < 5; ++i) {
    const Call call = world.get();
    EXPECT_EQ(call.status, 200);
    EXPECT_EQ(call.server, "unix:/run/shop.sock");
    EXPECT_TRUE(world.server(1).last_asked.has("Host: shop.example") ||
                world.server(1).last_asked.has("host: shop.example"));
  }
}

}  // namespace
}  // namespace tenfold::origin
