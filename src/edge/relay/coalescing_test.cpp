// A fetch for which others wait depends on nobody's client: the edge in a simulated network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "edge/edge_fixture.hpp"

namespace tenfold::edge {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string plain = "GET /page HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";

class CoalescingTest : public EdgeTest {
 protected:
  // Those who are still there write to what dies here.
  ~CoalescingTest() override {
    world.network.run_until([&] { return visitors.running() == 0; }, 10min);
  }
  Visitor& ask_along(const std::string& sends = plain) {
    Visitor& visitor = crowd.emplace_back();
    visitors.spawn(visit(people, server->local(), sends, visitor));
    return visitor;
  }
  // From another address than all others.
  Visitor& ask_from_elsewhere() {
    Visitor& visitor = crowd.emplace_back();
    visitors.spawn(visit(elsewhere, server->local(), plain, visitor));
    return visitor;
  }
  Idler& idle_along(Duration idles, AfterIdling then, const std::string& sends = plain) {
    Idler& idler = idlers.emplace_back();
    visitors.spawn(idle(people, server->local(), sends, idles, then, idler));
    return idler;
  }
  // The origin's answers take so long.
  static Answer slow(Answer answer, Duration think = 2s) {
    answer.think = think;
    return answer;
  }

  net::sim::SimLoop& elsewhere = world.network.make_loop(net::IpAddress::v4(0xc6336408));
  std::list<Visitor> crowd;
  std::list<Idler> idlers;
};

TEST_F(CoalescingTest, ALeaderThatDoesNotReadHoldsUpNobody) {
  world.add_server(1);
  start(World::one_pool(1));
  const std::string large(1'000'000, 'x');
  world.server(1).behaviour = [&](const Asked&) { return slow(cacheable(large)); };
  Idler& leader = idle_along(5s, AfterIdling::reads);
  world.network.advance(100ms);
  Visitor& waiter = ask_along();
  world.network.advance(2s);
  EXPECT_TRUE(waiter.closed);
  EXPECT_EQ(waiter.received.size() - waiter.received.find("\r\n\r\n") - 4, large.size());
  EXPECT_FALSE(leader.done);
  world.network.advance(4s);
  EXPECT_THAT(leader.received, EndsWith(large));
  EXPECT_EQ(world.server(1).requests(), 1);
}

TEST_F(CoalescingTest, ALeaderThatDoesNotReadHoldsUpNobodyWhereTheLengthIsNotTold) {
  world.add_server(1);
  start(World::one_pool(1));
  const std::string large(300'000, 'x');
  world.server(1).behaviour = [&](const Asked&) {
    return slow({.raw = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n" +
                        large + "\r\n0\r\n\r\n"});
  };
  Idler& leader = idle_along(5s, AfterIdling::reads);
  world.network.advance(100ms);
  Visitor& waiter = ask_along();
  world.network.advance(2s);
  EXPECT_TRUE(waiter.closed);
  EXPECT_THAT(waiter.received, EndsWith(large));
  world.network.advance(4s);
  EXPECT_THAT(leader.received, EndsWith(large));
  EXPECT_EQ(world.server(1).requests(), 1);
}

TEST_F(CoalescingTest, ALeaderThatTakesNo103HoldsUpNobody) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [&](const Asked&) {
    Answer answer = cacheable("page");
    for (int i = 0; i < 5; ++i) answer.before += "HTTP/1.1 103 X\r\nLink: " + std::string(30'000, 'l') + "\r\n\r\n";
    return slow(answer);
  };
  Idler& leader = idle_along(5s, AfterIdling::reads);
  world.network.advance(100ms);
  Visitor& waiter = ask_along();
  world.network.advance(2s);
  EXPECT_THAT(waiter.received, EndsWith("page"));
  world.network.advance(4s);
  EXPECT_THAT(leader.received, HasSubstr(" 103 "));
  EXPECT_THAT(leader.received, EndsWith("page"));
}

TEST_F(CoalescingTest, ALeaderThatLeavesCostsTheOthersNoTime) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return slow(cacheable("page"), 8s); };
  idle_along(1s, AfterIdling::leaves);
  world.network.advance(100ms);
  Visitor& waiter = ask_along();
  world.network.advance(8s);
  EXPECT_THAT(waiter.received, EndsWith("page"));
  EXPECT_EQ(world.server(1).requests(), 1);
}

// An origin that keeps one address waiting, and answers all others at once.
TEST_F(CoalescingTest, AClientThatTheOriginAnswersSlowlyHoldsUpOthersForTwoSeconds) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked& asked) {
    const bool is_slow = asked.head.find(": 198.51.100.7\r\n") != std::string::npos;
    return slow(cacheable("page"), is_slow ? 25s : 100ms);
  };
  Visitor& leader = ask_along();
  world.network.advance(100ms);
  for (int i = 0; i < 20; ++i) ask_from_elsewhere();
  world.network.advance(1800ms);
  EXPECT_EQ(world.server(1).requests(), 1);
  world.network.advance(400ms);
  EXPECT_EQ(std::ranges::count_if(crowd, &Visitor::closed), 20);
  EXPECT_EQ(world.server(1).requests(), 2);
  EXPECT_FALSE(leader.closed);
}

TEST_F(CoalescingTest, AnOriginThatIsSlowForAllSeesNoHerd) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return slow(cacheable("page"), 9s); };
  ask_along();
  world.network.advance(100ms);
  for (int i = 0; i < 100; ++i) ask_from_elsewhere();
  world.network.advance(9s);
  EXPECT_EQ(std::ranges::count_if(crowd, &Visitor::closed), 100) << "all but the one who fetches beside";
  EXPECT_EQ(world.server(1).requests(), 2);
}

TEST_F(CoalescingTest, ALeaderThatLeavesInMidBodyCostsTheOthersNoTime) {
  world.add_server(1);
  start(World::one_pool(1));
  const std::string large(1'000'000, 'x');
  world.network.set_faults(world.server(1).endpoint(), {.latency = 50ms});  // 64 KiB each round trip
  world.server(1).behaviour = [&](const Asked&) { return cacheable(large); };
  idle_along(500ms, AfterIdling::leaves);
  world.network.advance(100ms);
  Visitor& waiter = ask_along();
  world.network.run_until([&] { return waiter.closed; }, 1min);
  EXPECT_THAT(waiter.received, EndsWith(large));
  EXPECT_EQ(world.server(1).requests(), 1);
}

net::Task<void> finish_sending_and_read(net::Loop& loop, net::Endpoint to, Visitor& visitor) {
  auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
  if (!stream) co_return;
  auto wrote = co_await (*stream)->write(plain, loop.now() + 5s);
  co_await (*stream)->finish_writing(loop.now() + 5s);
  while (wrote) {
    auto bytes = co_await (*stream)->read(loop.now() + 5min);
    if (!bytes || bytes->empty()) break;
    visitor.received.append(bytes->view());
  }
  visitor.closed = true;
}

TEST_F(CoalescingTest, AClientThatFinishedSendingGetsAllOfALongAnswer) {
  world.add_server(1);
  start(World::one_pool(1));
  const std::string large(1'000'000, 'x');
  world.network.set_faults(world.server(1).endpoint(), {.latency = 300ms});
  world.server(1).behaviour = [&](const Asked&) { return cacheable(large); };
  Visitor& visitor = crowd.emplace_back();
  visitors.spawn(finish_sending_and_read(people, server->local(), visitor));
  world.network.run_until([&] { return visitor.closed; }, 1min);
  EXPECT_THAT(visitor.received, EndsWith(large));
}

TEST_F(CoalescingTest, WhenAllHaveLeftTheOriginIsLeftToo) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return slow(cacheable("page"), 40s); };
  idle_along(1s, AfterIdling::leaves);
  world.network.advance(100ms);
  idle_along(2s, AfterIdling::leaves);
  world.network.advance(1500ms);
  EXPECT_EQ(world.snapshot_of(1).active, 1u);
  world.network.advance(1200ms);
  EXPECT_EQ(world.snapshot_of(1).active, 0u);
  EXPECT_EQ(cache->snapshot().waiting, 0u);
}

TEST_F(CoalescingTest, ALeaderAloneThatLeavesTakesNoMoreOfTheOriginsTime) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return slow(cacheable("page"), 40s); };
  idle_along(1s, AfterIdling::leaves);
  world.network.advance(1100ms);
  EXPECT_EQ(world.snapshot_of(1).active, 0u);
}

TEST_F(CoalescingTest, WhoIsCalledToTakeOverAndHasLeftHoldsUpNobody) {
  world.add_server(1);
  start(World::one_pool(1));
  int asked_times = 0;
  world.server(1).behaviour = [&](const Asked&) {
    if (++asked_times > 1) return slow(cacheable("page"), 4s);
    return slow({.then = Answer::Then::close,
                 .raw = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"});
  };
  ask_along();
  world.network.advance(100ms);
  idle_along(3s, AfterIdling::leaves);  // takes over when the first answer breaks off, and leaves a second later
  world.network.advance(100ms);
  Visitor& waiter = ask_along();
  world.network.advance(6s);
  EXPECT_THAT(waiter.received, EndsWith("page"));
  EXPECT_EQ(world.server(1).requests(), 2);
}

TEST_F(CoalescingTest, AClientsBrokenOrWithheldBodyIsItsOwnAffair) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return slow(cacheable("page")); };
  const std::string head = "GET /page HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n";
  Visitor& broken = ask_along(head + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\nnonsense\r\n");
  Visitor& broken_too = ask_along(head + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\nnonsense\r\n");
  Idler& withheld = idle_along(30s, AfterIdling::leaves, head + "Content-Length: 1\r\n\r\n");
  world.network.advance(100ms);
  Visitor& first = ask_along();
  Visitor& second = ask_along();
  world.network.advance(2s);
  EXPECT_THAT(first.received, EndsWith("page"));
  EXPECT_THAT(second.received, EndsWith("page"));
  EXPECT_THAT(broken.received, StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(broken_too.received, StartsWith("HTTP/1.1 400"));
  EXPECT_FALSE(withheld.done);
}

// The log says why to each of them, as to the one who asked.
TEST_F(CoalescingTest, WhoWaitedForAFetchThatFoundNoPlaceIsToldAsTheOneWhoFetched) {
  world.add_server(1);
  origin::Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  settings.pools[0].timeouts.queue = 1s;
  start(std::move(settings));
  world.server(1).behaviour = [](const Asked&) { return slow(cacheable("page"), 20s); };
  ask_along("GET /other HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
  world.network.advance(100ms);
  for (int i = 0; i < 5; ++i) ask_along();
  world.network.advance(3s);
  int answered = 0;
  for (const Visitor& visitor : crowd) {
    if (visitor.received.empty()) continue;
    ++answered;
    EXPECT_THAT(visitor.received, StartsWith("HTTP/1.1 503"));
  }
  EXPECT_EQ(answered, 5);
  EXPECT_EQ(site->complaints.told() + site->complaints.untold(), 5u);
  EXPECT_EQ(metrics.origin_failures.value(), 5u);
}

TEST_F(CoalescingTest, AnAnswerThatBlamesTheLeaderIsTheLeadersAlone) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked& asked) {
    if (!asked.has("X-Odd")) return slow(cacheable("page"));
    return slow({.status = 400, .body = "odd", .fields = "Cache-Control: max-age=60\r\n"});
  };
  Visitor& leader = ask_along("GET /page HTTP/1.1\r\nHost: shop.example\r\nX-Odd: 1\r\nConnection: close\r\n\r\n");
  world.network.advance(100ms);
  Visitor& first = ask_along();
  Visitor& second = ask_along();
  world.network.advance(4s);
  EXPECT_THAT(leader.received, StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(first.received, EndsWith("page"));
  EXPECT_THAT(second.received, EndsWith("page"));
  EXPECT_EQ(world.server(1).requests(), 2);
  EXPECT_THAT(get("/page"), HasSubstr("Tenfold; hit"));
}

TEST_F(CoalescingTest, ABodyThatOutgrowsTheCacheReleasesAllAndReachesTheSlowLeaderWhole) {
  cache_options.max_object_bytes = 100'000;
  world.add_server(1);
  start(World::one_pool(1));
  std::string large;
  for (int i = 0; large.size() < 300'000; ++i) large += std::to_string(i) + ",";
  large.resize(300'000);
  world.server(1).behaviour = [&](const Asked&) {
    return slow({.raw = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n" +
                        large + "\r\n0\r\n\r\n"});
  };
  const std::string old = "GET /page HTTP/1.0\r\nHost: shop.example\r\n\r\n";  // 1.0: the body ends with the connection
  Idler& leader = idle_along(10s, AfterIdling::reads, old);
  world.network.advance(100ms);
  Visitor& waiter = ask_along(old);
  world.network.advance(4s);
  EXPECT_TRUE(waiter.closed) << "released, it fetches for itself";
  EXPECT_THAT(waiter.received, EndsWith(large));
  world.network.advance(8s);
  EXPECT_THAT(leader.received, EndsWith(large));
  EXPECT_EQ(cache->snapshot().entries, 0u);
}

// The connection goes back to its pool when the body is in, not when the client has taken it.
TEST_F(CoalescingTest, ASlowReaderHoldsNoPlaceAtTheOrigin) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return cacheable(std::string(1'000'000, 'x')); };
  Idler& leader = idle_along(20s, AfterIdling::reads);
  world.network.advance(1s);
  EXPECT_FALSE(leader.done);
  EXPECT_EQ(world.snapshot_of(1).active, 0u);
  EXPECT_THAT(get("/page", "Range: bytes=0-0\r\n"), HasSubstr("Tenfold; hit"));
}

TEST_F(CoalescingTest, SlowReadersOfLargePagesDoNotKeepOthersFromBeingStored) {
  cache_options.memory_bytes = 4'000'000;
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked& asked) {
    return cacheable(asked.target().starts_with("/large") ? std::string(450'000, 'x') : "small");
  };
  for (int i = 0; i < 12; ++i) {
    idle_along(30s, AfterIdling::leaves,
               "GET /large" + std::to_string(i) + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    world.network.advance(50ms);
  }
  world.network.advance(1s);
  for (const std::string target : {"/a", "/b", "/large-more"}) {
    get(target);
    EXPECT_THAT(get(target), HasSubstr("Tenfold; hit")) << target;
  }
}

// Past what may be held a body goes out in copies: no less of it arrives.
TEST_F(CoalescingTest, SlowReadersPastWhatMayBeHeldGetTheWholeToo) {
  cache_options.memory_bytes = 4'000'000;
  world.add_server(1);
  start(World::one_pool(1));
  const auto body_of = [](const std::string& target) {
    std::string body;
    while (body.size() < 450'000) body += target + std::to_string(body.size()) + " ";
    return body;
  };
  world.server(1).behaviour = [&](const Asked& asked) { return cacheable(body_of(asked.target())); };
  std::vector<std::pair<std::string, Idler*>> readers;
  for (const std::string target : {"/a", "/b", "/c", "/d", "/e", "/f"}) {
    get(target);
    readers.emplace_back(target,
                         &idle_along(5s, AfterIdling::reads,
                                     "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"));
    world.network.advance(50ms);
  }
  EXPECT_GT(cache->snapshot().held_bytes, 400'000u);
  EXPECT_LE(cache->snapshot().held_bytes, 500'000u);  // one client's share
  EXPECT_THAT(get("/f", "Range: bytes=0-1\r\n"), EndsWith("\r\n\r\n/f"));
  EXPECT_THAT(ask("HEAD /f HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"), EndsWith("\r\n\r\n"));
  world.network.advance(6s);
  for (const auto& [target, reader] : readers) {
    EXPECT_THAT(reader->received, HasSubstr("Tenfold; hit")) << target;
    EXPECT_TRUE(reader->received.ends_with("\r\n\r\n" + body_of(target))) << target;
  }
  EXPECT_EQ(world.server(1).requests(), 6);
  EXPECT_EQ(cache->snapshot().held_bytes, 0u);
}

}  // namespace
}  // namespace tenfold::edge
