#include "origin/checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "origin/test_world.hpp"

namespace tenfold::origin {
namespace {

using namespace testing_world;

Calls join(Calls a, Calls b) {
  for (auto& call : b) a.push_back(std::move(call));
  return a;
}

Duration percentile(const Calls& calls, double share) {
  std::vector<Duration> took;
  for (const auto& call : calls) took.push_back(call->took);
  std::sort(took.begin(), took.end());
  return took[static_cast<std::size_t>(share * static_cast<double>(took.size() - 1))];
}

// A server that takes some milliseconds, as real ones do.
TestServer::Behaviour usual() {
  return [](const Asked&) { return Answer{.think = 5ms}; };
}

// ---- health checks ----

TEST(Checks, ADeadServerIsFoundWithinTheFirstMoments) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(2));  // nobody listens at the second
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::healthy);
  EXPECT_EQ(world.snapshot_of(2).state, ServerState::down);
  EXPECT_THAT(world.snapshot_of(2).checks.why, testing::HasSubstr("refused"));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(world.get().attempts, 1u);
}

TEST(Checks, TheFirstRoundCanBeAwaited) {
  World world;
  world.add_server(1);
  world.add_server(2);
  auto directory = Directory::make(World::one_pool(2), world.network.clock());
  Checks checks(**directory, world.checks_loop, world.resolver, world.random);
  checks.start();
  net::sim::run_task(world.network, world.checks_loop, checks.first_round(world.checks_loop.now() + 1s));
  EXPECT_EQ((*directory)->snapshot()[0].servers[0].state, ServerState::healthy);
  EXPECT_EQ((*directory)->snapshot()[0].servers[1].state, ServerState::healthy);
  net::sim::run_task(world.network, world.checks_loop, checks.stop());
}

TEST(Checks, AServerThatOnlySaysInterimResponsesIsDown) {
  World world;
  std::string hints;
  for (int i = 0; i < 100; ++i) hints += "HTTP/1.1 103 Early Hints\r\n\r\n";
  world.add_server(1).health_answer.before = hints;
  world.add_server(2);
  world.start(World::one_pool(2));
  world.network.advance(10s);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::down);
  EXPECT_EQ(world.snapshot_of(2).state, ServerState::healthy);
}

TEST(Checks, AskAtTheirRateSpreadInTime) {
  World world;
  for (int i = 1; i <= 4; ++i) world.add_server(i);
  world.start(World::one_pool(4));
  world.network.advance(60s);
  for (int i = 1; i <= 4; ++i) EXPECT_NEAR(world.server(i).health_checks(), 31, 2);
}

TEST(Checks, ABadStatusTakesThreeChecksDownAndTwoUp) {
  World world;
  world.add_server(1);
  world.add_server(2);
  world.start(World::one_pool(2));
  world.server(1).health_answer.status = 500;
  world.network.advance(2200ms);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::healthy);
  world.network.advance(4400ms);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::down);
  EXPECT_EQ(world.snapshot_of(1).checks.why, "3 health checks failed: status 500");
  world.server(1).health_answer.status = 204;
  world.network.advance(4400ms);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::slow_start);
  world.network.advance(10s);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::healthy);
}

TEST(Checks, WhenAllFailTheirChecksButAnswerTheyAreAllUsed) {
  // given a health path that the shop does not have
  World world;
  for (int i = 1; i <= 2; ++i) world.add_server(i).health_answer.status = 404;
  world.start(World::one_pool(2));
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::down);
  EXPECT_EQ(world.snapshot_of(2).state, ServerState::down);
  // then the shop still sells
  std::map<std::string, int> counts;
  for (int i = 0; i < 100; ++i) ++counts[world.get().server];
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_TRUE(world.directory->snapshot()[0].panic);
}

TEST(Checks, WhenAllAreDeadRequestsFailAtOnce) {
  World world;
  for (int i = 1; i <= 2; ++i) world.add_server(i);
  world.start(World::one_pool(2));
  world.network.kill(endpoint_of(1));
  world.network.kill(endpoint_of(2));
  world.network.advance(7s);
  const Call call = world.get();
  EXPECT_EQ(call.error.code, Errc::unreachable);
  EXPECT_EQ(call.attempts, 0u);
  EXPECT_EQ(call.took, 0s);
  // and work again once one is back
  world.network.revive(endpoint_of(2));
  world.network.advance(5s);
  EXPECT_EQ(world.get().status, 200);
}

TEST(Checks, SlowStartRampsTheShareOfAReturnedServer) {
  World world;
  for (int i = 1; i <= 2; ++i) world.add_server(i).behaviour = usual();
  Settings settings = World::one_pool(2);
  settings.pools[0].slow_start = 20s;
  world.start(settings);
  world.network.kill(endpoint_of(1));
  world.network.advance(7s);
  world.network.revive(endpoint_of(1));
  world.network.run_until([&] { return world.snapshot_of(1).state == ServerState::slow_start; });
  std::vector<int> share;
  for (int i = 0; i < 4; ++i) {
    const int before = world.server(1).requests();
    EXPECT_EQ(failures(world.load(100, 7s)), 0);
    share.push_back((world.server(1).requests() - before) / 7);
  }
  EXPECT_LT(share[0], 25);
  EXPECT_GT(share[1], share[0]);
  EXPECT_GT(share[2], share[1]);
  EXPECT_NEAR(share[3], 50, 6);
}

// ---- servers that die and servers that hang ----

TEST(Failover, AKilledServerFailsNoGet) {
  World world;
  for (int i = 1; i <= 2; ++i) world.add_server(i).behaviour = usual();
  world.start(World::one_pool(2));
  auto calls = world.load(1000, 1s);
  world.network.kill(endpoint_of(1));
  calls = join(std::move(calls), world.load(1000, 3s));
  world.finish();
  EXPECT_EQ(failures(calls), 0);
  EXPECT_LT(slowest(calls), 50ms);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::down);
  // few requests were tried in vain: the refused connection was checked at once
  EXPECT_LT(world.upstreams->metrics().retries.value(), 50u);
}

TEST(Failover, AHungServerFailsNoGetAndTheTailRecovers) {
  World world;
  for (int i = 1; i <= 2; ++i) world.add_server(i).behaviour = usual();
  const Settings settings = World::one_pool(2);
  world.start(settings);
  auto calls = world.load(1000, 1s);
  world.network.stop(endpoint_of(1));
  calls = join(std::move(calls), world.load(1000, 2 * settings.health.every));
  const auto after = world.load(1000, 3s);
  world.finish();
  EXPECT_EQ(failures(calls) + failures(after), 0);
  EXPECT_LT(slowest(calls), 1500ms);
  EXPECT_LT(percentile(after, 0.99), 20ms);
  EXPECT_LT(slowest(after), 20ms);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::down);
  EXPECT_EQ(world.snapshot_of(1).checks.suspicions, 1u);
}

TEST(Failover, NewRequestsAvoidAHungServerWithinAQuarterOfASecond) {
  World world;
  for (int i = 1; i <= 2; ++i) world.add_server(i).behaviour = usual();
  world.start(World::one_pool(2));
  EXPECT_EQ(failures(world.load(1000, 1s)), 0);
  world.network.stop(endpoint_of(1));
  const auto hit = world.load(1000, 260ms);
  const auto after = world.load(1000, 3s);
  world.finish();
  EXPECT_EQ(failures(hit) + failures(after), 0);
  EXPECT_LT(slowest(after), 20ms);
}

TEST(Failover, AHungServerThatGoesOnReturns) {
  World world;
  for (int i = 1; i <= 2; ++i) world.add_server(i).behaviour = usual();
  world.start(World::one_pool(2));
  auto calls = world.load(200, 1s);
  world.network.stop(endpoint_of(1));
  calls = join(std::move(calls), world.load(200, 5s));
  world.network.resume(endpoint_of(1));
  calls = join(std::move(calls), world.load(200, 20s));
  world.finish();
  EXPECT_EQ(failures(calls), 0);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::healthy);
  EXPECT_GT(world.server(1).requests(), 1000);
}

TEST(Failover, APostOnAHungServerIsNotSentTwiceAndMayStillBeAnswered) {
  World world;
  for (int i = 1; i <= 2; ++i) world.add_server(i).behaviour = usual();
  world.start(World::one_pool(2));
  EXPECT_EQ(failures(world.load(100, 1s)), 0);
  world.network.stop(endpoint_of(1));
  const auto posts = world.load(100, 200ms, Call{.method = http::Method::post});
  const auto gets = world.load(100, 4s);
  const auto waits = [](const auto& call) { return !call->done; };
  EXPECT_GT(std::count_if(posts.begin(), posts.end(), waits), 0);
  world.network.resume(endpoint_of(1));
  world.finish();
  EXPECT_EQ(failures(posts) + failures(gets), 0);
  for (const auto& post : posts) EXPECT_EQ(post->attempts, 1u);
}

// ---- only a server that answers no health checks is left ----

Call impatient(http::Method method = http::Method::get) { return {.method = method, .last_resort_patience = 10s}; }

TEST(LastResort, AHungServerThatIsTheOnlyOneIsNotWaitedForAsLongAsAGoodOne) {
  World world;
  world.add_server(1).behaviour = usual();
  world.start(World::one_pool(1));
  world.network.stop(endpoint_of(1));
  world.network.advance(20s);
  Call call = impatient();
  world.run(call);
  EXPECT_EQ(call.error.code, Errc::timed_out);
  EXPECT_GE(call.took, 9900ms);
  EXPECT_LE(call.took, 10100ms);
  EXPECT_THAT(call.cause, ::testing::AnyOf(::testing::HasSubstr("health checks"), ::testing::HasSubstr("connect")));
}

TEST(LastResort, ADrowningServersAnswersAreTakenUntilThen) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 9s}; };
  world.server(1).health_answer.think = 9s;
  world.start(World::one_pool(1));
  world.network.advance(20s);
  Call call = impatient();
  world.run(call);
  EXPECT_EQ(call.status, 200) << call.cause;
}

TEST(LastResort, AnOrderGoesOnWaiting) {
  World world;
  world.add_server(1).behaviour = usual();
  world.start(World::one_pool(1));
  world.network.stop(endpoint_of(1));
  world.network.advance(20s);
  Call order = impatient(http::Method::post);
  world.begin(order);
  world.network.advance(25s);
  EXPECT_FALSE(order.done);
  world.network.resume(endpoint_of(1));
  world.finish();
  EXPECT_EQ(order.status, 200) << order.cause;
}

TEST(LastResort, WhoWaitedAlreadyWhenItFellSilentWaitsNoLonger) {
  World world;
  world.add_server(1).behaviour = usual();
  world.start(World::one_pool(1));
  ASSERT_EQ(world.get().status, 200);
  world.network.stop(endpoint_of(1));
  Call page = impatient();
  Call order = impatient(http::Method::post);
  world.begin(page);
  world.begin(order);
  world.network.advance(9900ms);
  EXPECT_FALSE(page.done);
  world.network.advance(200ms);
  EXPECT_TRUE(page.done);
  EXPECT_EQ(page.error.code, Errc::timed_out);
  EXPECT_EQ(page.cause, "no answer in time, as to its health checks");
  EXPECT_EQ(page.attempts, 1u);
  EXPECT_FALSE(order.done);
  world.network.resume(endpoint_of(1));
  world.finish();
  EXPECT_EQ(order.status, 200) << order.cause;
}

TEST(LastResort, AServerThatAnswersItsChecksAgainIsWaitedForAsBefore) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 15s}; };
  world.start(World::one_pool(1));
  world.server(1).health_answer.think = 5s;
  Call call = impatient();
  world.begin(call);
  world.network.advance(6s);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::down);
  world.server(1).health_answer.think = 0s;
  world.finish();
  EXPECT_EQ(call.status, 200) << call.cause;
}

TEST(LastResort, WhoHasWaitedElsewhereMeanwhileDoesNotAskAnyMore) {
  World world;
  world.add_server(1).behaviour = usual();
  world.start(World::one_pool(1));
  world.network.stop(endpoint_of(1));
  world.network.advance(20s);
  Call call = impatient();
  call.last_resort_patience = 0s;
  world.run(call);
  EXPECT_EQ(call.error.code, Errc::timed_out);
  EXPECT_EQ(call.attempts, 0u);
  EXPECT_EQ(call.cause, "not asked any more: it does not answer its health checks");
  EXPECT_EQ(call.server, endpoint_of(1).text());
}

TEST(Failover, ASlowPageMakesNoServerDown) {
  // given pages that take a second, and a server that answers others quickly meanwhile, or at least its check
  World world;
  for (int i = 1; i <= 2; ++i) {
    world.add_server(i).behaviour = [](const Asked& asked) {
      return Answer{.think = asked.target() == "/slow" ? 1500ms : 2ms};
    };
  }
  world.start(World::one_pool(2));
  EXPECT_EQ(failures(world.load(100, 1s)), 0);
  Call slow{.target = "/slow"};
  world.run(slow);
  EXPECT_EQ(slow.status, 200);
  EXPECT_EQ(slow.attempts, 1u);
  EXPECT_GE(world.upstreams->metrics().suspicions.value(), 1u);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::healthy);
  EXPECT_EQ(world.snapshot_of(2).state, ServerState::healthy);
  EXPECT_EQ(world.upstreams->metrics().retries.value(), 0u);
}

TEST(Failover, AUsuallySlowServerIsNotSuspectedEarly) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 100ms}; };
  world.start(World::one_pool(1));
  EXPECT_EQ(failures(world.load(20, 5s)), 0);
  world.finish();
  // 8 × 100 ms: at 700 ms nobody worries, at 900 ms somebody does
  world.server(1).behaviour = [](const Asked&) { return Answer{.think = 700ms}; };
  world.get();
  EXPECT_EQ(world.upstreams->metrics().suspicions.value(), 0u);
  world.network.advance(60s);
  world.server(1).behaviour = [](const Asked&) { return Answer{.think = 3000ms}; };
  world.get();
  EXPECT_GE(world.upstreams->metrics().suspicions.value(), 1u);
}

TEST(Failover, AFloodThatMakesAllServersTooSlowForTheirChecksTakesNoneAway) {
  World world;
  for (int i = 1; i <= 3; ++i) {
    world.add_server(i).behaviour = [](const Asked&) { return Answer{.think = 3s}; };
    world.server(i).health_answer.think = 3s;
  }
  world.start(World::one_pool(3));
  const auto calls = world.load(50, 20s);
  world.finish();
  EXPECT_EQ(failures(calls), 0);
  for (int i = 1; i <= 3; ++i) EXPECT_GT(world.server(i).requests(), 200) << i;
}

TEST(Failover, AFlappingServerFailsNoGet) {
  World world(3);
  for (int i = 1; i <= 3; ++i) world.add_server(i).behaviour = usual();
  world.start(World::one_pool(3));
  Calls calls;
  for (int round = 0; round < 10; ++round) {
    world.network.kill(endpoint_of(2));
    calls = join(std::move(calls), world.load(200, 700ms));
    world.network.revive(endpoint_of(2));
    calls = join(std::move(calls), world.load(200, 3s));
  }
  world.finish();
  EXPECT_EQ(failures(calls), 0);
}

TEST(Failover, KillsAndHangsAtRandomFailNoGet) {
  // given four servers of which at any time at most one is dead or hung
  for (const std::uint64_t seed : {11, 12, 13}) {
    World world(seed);
    for (int i = 1; i <= 4; ++i) world.add_server(i).behaviour = usual();
    world.start(World::one_pool(4));
    FastRandom random(seed);
    Calls calls;
    for (int round = 0; round < 8; ++round) {
      const auto victim = endpoint_of(1 + static_cast<int>(random.below(4)));
      const bool hangs = random.below(2) == 0;
      hangs ? world.network.stop(victim) : world.network.kill(victim);
      calls = join(std::move(calls), world.load(200, std::chrono::milliseconds(200 + random.below(4000))));
      hangs ? world.network.resume(victim) : world.network.revive(victim);
      calls = join(std::move(calls), world.load(200, 9s));
    }
    world.finish();
    EXPECT_EQ(failures(calls), 0) << "seed " << seed;
  }
}

// ---- ejection ----

TEST(EjectionRun, AServerThatAnswersWith5xxIsEjectedAndReturns) {
  World world;
  for (int i = 1; i <= 3; ++i) world.add_server(i).behaviour = usual();
  world.start(World::one_pool(3));
  EXPECT_EQ(failures(world.load(300, 3s)), 0);
  world.server(2).behaviour = [](const Asked&) { return Answer{.status = 500}; };
  const auto bad = world.load(300, 1s);
  EXPECT_EQ(world.snapshot_of(2).state, ServerState::ejected);
  EXPECT_THAT(world.snapshot_of(2).checks.why, testing::HasSubstr("5xx"));
  EXPECT_LE(failures(bad), 8);
  world.server(2).behaviour = usual();
  EXPECT_EQ(failures(world.load(100, 8s)), 0);
  EXPECT_EQ(world.snapshot_of(2).state, ServerState::ejected);
  EXPECT_EQ(failures(world.load(100, 3s)), 0);
  EXPECT_EQ(world.snapshot_of(2).state, ServerState::slow_start);
  EXPECT_EQ(world.snapshot_of(2).checks.ejections, 1u);
}

TEST(EjectionRun, AFloodOfErrorsCannotEjectEverything) {
  World world;
  for (int i = 1; i <= 4; ++i) world.add_server(i).behaviour = [](const Asked&) { return Answer{.status = 500}; };
  world.start(World::one_pool(4));
  world.load(500, 10s);
  int ejected = 0;
  for (int i = 1; i <= 4; ++i) ejected += world.snapshot_of(i).state == ServerState::ejected ? 1 : 0;
  EXPECT_LE(ejected, 2);
  EXPECT_EQ(world.get().status, 500);
}

TEST(EjectionRun, ResetsInARowEject) {
  World world;
  for (int i = 1; i <= 3; ++i) world.add_server(i).behaviour = usual();
  world.start(World::one_pool(3));
  world.server(1).behaviour = [](const Asked&) { return Answer{.then = Answer::Then::close, .raw = "HTTP"}; };
  EXPECT_EQ(failures(world.load(100, 1s)), 0);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::ejected);
}

// ---- tiers ----

Settings two_regions() {
  Settings settings = World::one_pool(2);
  PoolSettings& standby = settings.pools.emplace_back();
  standby.name = standby.region = "us";
  standby.role = PoolSettings::Role::standby;
  standby.servers.push_back(server_settings(3));
  return settings;
}

TEST(Tiers, TheStandbyTakesOverAndGivesBack) {
  World world;
  for (int i = 1; i <= 3; ++i) world.add_server(i).behaviour = usual();
  world.start(two_regions());
  EXPECT_EQ(failures(world.load(200, 1s)), 0);
  EXPECT_EQ(world.server(3).requests(), 0);
  EXPECT_TRUE(world.directory->snapshot()[0].serving);
  EXPECT_FALSE(world.directory->snapshot()[1].serving);
  world.network.kill(endpoint_of(1));
  world.network.kill(endpoint_of(2));
  EXPECT_EQ(failures(world.load(200, 2s)), 0);
  EXPECT_TRUE(world.directory->snapshot()[1].serving);
  EXPECT_NEAR(world.server(3).requests(), 400, 5);
  world.network.revive(endpoint_of(1));
  world.network.revive(endpoint_of(2));
  world.network.advance(6s);
  const int before = world.server(3).requests();
  EXPECT_EQ(failures(world.load(200, 2s)), 0);
  EXPECT_EQ(world.server(3).requests(), before);
  EXPECT_FALSE(world.directory->snapshot()[1].serving);
}

// ---- reload ----

TEST(Reload, KeepsTheStateOfServersThatStayAndDrainsThoseThatGo) {
  World world;
  for (int i = 1; i <= 3; ++i) world.add_server(i).behaviour = usual();
  world.start(World::one_pool(2));
  EXPECT_EQ(failures(world.load(100, 1s)), 0);
  const auto requests_before = world.snapshot_of(2).totals.answers;
  world.server(1).behaviour = [](const Asked&) { return Answer{.think = 10s}; };
  world.server(2).behaviour = world.server(1).behaviour;
  Calls under_way = world.load(100, 100ms);
  // when server 1 goes and server 3 comes
  Settings next = World::one_pool(1);
  next.pools[0].servers = {server_settings(2), server_settings(3)};
  ASSERT_TRUE(world.directory->replace(next));
  world.network.advance(500ms);
  // then what is under way finishes, nothing new goes to 1, and 2 is as it was
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::draining);
  EXPECT_GT(world.snapshot_of(1).active, 0u);
  EXPECT_GE(world.snapshot_of(2).totals.answers, requests_before);
  EXPECT_EQ(world.snapshot_of(2).state, ServerState::healthy);
  const int at_one = world.server(1).requests();
  EXPECT_EQ(failures(world.load(100, 1s)), 0);
  EXPECT_EQ(world.server(1).requests(), at_one);
  world.finish();
  EXPECT_EQ(failures(under_way), 0);
  EXPECT_TRUE(world.snapshot_of(1).name.empty());
  const int checks = world.server(1).health_checks();
  world.network.advance(10s);
  EXPECT_EQ(world.server(1).health_checks(), checks);
}

TEST(Reload, TheOldTopologyIsLetGoOnceItsRequestsAreOver) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 10s}; };
  world.start(World::one_pool(1));
  const std::weak_ptr<const Topology> old = world.directory->topology();
  Call call;
  world.begin(call);
  world.network.advance(100ms);
  ASSERT_TRUE(world.directory->replace(World::one_pool(1)));
  world.network.advance(2s);
  EXPECT_FALSE(old.expired());
  world.finish();
  world.network.settle();
  EXPECT_EQ(call.status, 200);
  EXPECT_TRUE(old.expired());
}

TEST(Reload, ABrokenOneChangesNothing) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  EXPECT_FALSE(world.directory->replace({}));
  EXPECT_EQ(world.get().status, 200);
}

// ---- what is shown ----

TEST(Metrics, NameEachServerAndItsState) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(2));
  world.get();
  MetricsText text;
  world.directory->describe(text);
  EXPECT_THAT(text.text(),
              testing::HasSubstr(R"(tenfold_origin_server_requests_total{origin="eu",server="10.0.0.1:80"} 1)"));
  EXPECT_THAT(text.text(), testing::HasSubstr(R"(server="10.0.0.2:80",state="down"} 1)"));
}

}  // namespace
}  // namespace tenfold::origin
