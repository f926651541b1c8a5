// What a drain that has taken too long ends: whatever a fetch waits for, and what follows it.
#include <gtest/gtest.h>

#include "origin/test_world.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::origin {
namespace {

using namespace testing_world;

// Ends the worker while the call is under way, and looks that everything is over at once.
void expect_ended(World& world, Call& call) {
  EXPECT_FALSE(call.done);
  world.upstreams->end();
  world.network.settle();
  EXPECT_TRUE(call.done);
  EXPECT_TRUE(call.error.code == Errc::cancelled || call.body_broke);
  if (call.body_broke) {
    EXPECT_EQ(call.body_error, Errc::cancelled);
  }
  EXPECT_EQ(world.snapshot_of(1).active, 0u);
  EXPECT_EQ(world.snapshot_of(1).totals.failures(), 0u);  // which is nobody's fault
}

TEST(Ending, AWaitForAnAnswer) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 20s}; };
  world.start(World::one_pool(1));
  Call call;
  world.begin(call);
  world.network.advance(1s);
  expect_ended(world, call);
}

TEST(Ending, ABodyThatTrickles) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) {
    return Answer{.raw = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(100, 'x')};
  };
  world.start(World::one_pool(1));
  Call call;
  world.begin(call);
  world.network.advance(1s);
  expect_ended(world, call);
}

TEST(Ending, AConnectionThatIsNotMade) {
  World world;
  world.add_server(1);
  Settings settings = World::one_pool(1);
  settings.pools[0].timeouts.connect = 1h;
  world.start(settings, World::Checked::no);
  world.network.set_faults(endpoint_of(1), {.black_hole = true});
  Call call;
  world.begin(call);
  world.network.advance(1s);
  expect_ended(world, call);
}

TEST(Ending, AWaitForAPlace) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 20s}; };
  Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  settings.pools[0].timeouts.queue = 1h;
  world.start(settings);
  Call first;
  Call call;
  world.begin(first);
  world.network.advance(1ms);
  world.begin(call);
  world.network.advance(1s);
  EXPECT_EQ(world.upstreams->metrics().queued.value(), 1u);
  expect_ended(world, call);
  EXPECT_TRUE(first.done);
}

TEST(Ending, AnUploadThatTheServerDoesNotTake) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1), World::Checked::no);
  world.get();
  world.network.stop(endpoint_of(1));
  PartsBody body(world.loop, std::vector<std::string>(1000, std::string(1000, 'p')));
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::known, 1'000'000}};
  world.begin(call);
  world.network.advance(1s);
  expect_ended(world, call);
}

TEST(Ending, ATunnelsStream) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) {
    return Answer{.raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"};
  };
  world.start(World::one_pool(1));
  http::RequestHead head;
  head.method = http::Method::get;
  head.method_name = "GET";
  head.scheme = "http";
  head.authority = "shop.example";
  head.target = "/";
  FetchRequest request{
      .head = head, .route = world.upstreams->route("GET", "shop.example", "/"), .deadline = world.loop.now() + 10s};
  auto fetched = net::sim::run_task(world.network, world.loop, world.upstreams->fetch(std::move(request)));
  ASSERT_TRUE(fetched.has_value());
  world.upstreams->end();
  auto read = net::sim::run_task(world.network, world.loop, fetched->read_body(world.loop.now() + 1h));
  auto raw = fetched->connection().raw().take_ready();
  EXPECT_TRUE(raw.empty());
  struct Reading {
    static net::Task<Errc> one(net::Stream& stream) {
      auto bytes = co_await stream.read(stream.loop().now() + 1h);
      co_return bytes ? Errc::failed : bytes.error().code;
    }
  };
  EXPECT_EQ(net::sim::run_task(world.network, world.loop, Reading::one(fetched->connection().raw())), Errc::cancelled);
}

TEST(Ending, AndNothingBeginsAfterIt) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  world.get();
  world.upstreams->end();
  EXPECT_EQ(world.get().error.code, Errc::cancelled);
  EXPECT_EQ(world.server(1).requests(), 1);
}

// ---- the checks' own ----

Duration time_to_stop(World& world) {
  const TimePoint before = world.checks_loop.now();
  net::sim::run_task(world.network, world.checks_loop, world.checks->stop());
  world.checks.reset();
  return world.checks_loop.now() - before;
}

TEST(Ending, AHealthCheckThatGetsNoAnswer) {
  World world;
  world.add_server(1).health_answer.think = 5min;
  Settings settings = World::one_pool(1);
  settings.health.timeout = 5min;
  world.start(settings);
  EXPECT_EQ(time_to_stop(world), 0s);
  world.network.advance(10min);
}

TEST(Ending, AHealthCheckThatGetsNoConnection) {
  World world;
  world.network.set_faults(endpoint_of(1), {.black_hole = true});
  Settings settings = World::one_pool(1);
  settings.health.timeout = 5min;
  world.start(settings);
  EXPECT_EQ(time_to_stop(world), 0s);
}

TEST(Ending, ANameThatNobodyResolves) {
  World world;
  world.resolver.mute(world.checks_loop);
  Settings settings = World::one_pool(1);
  settings.pools[0].servers = {{.host = "shop.internal", .port = 80}};
  world.start(settings);
  EXPECT_EQ(time_to_stop(world), 0s);
}

}  // namespace
}  // namespace tenfold::origin
