#include "origin/upstreams.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "origin/test_world.hpp"

namespace tenfold::origin {
namespace {

using namespace testing_world;

TEST(Fetch, ForwardsARequestAndGivesTheAnswer) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  const Call call = world.get("/a?b=c");
  EXPECT_EQ(call.status, 200);
  EXPECT_EQ(call.text, "hello");
  EXPECT_EQ(call.attempts, 1u);
  EXPECT_EQ(call.server, "10.0.0.1:80");
  EXPECT_EQ(world.server(1).last_asked.target(), "/a?b=c");
  EXPECT_TRUE(world.server(1).last_asked.has("shop.example"));
}

TEST(Fetch, ReusesTheConnectionUsedLast) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  const int before = world.server(1).connections();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(world.get().status, 200);
  EXPECT_EQ(world.server(1).connections(), before + 1);
  EXPECT_EQ(world.upstreams->metrics().reused.value(), 19u);
}

TEST(Fetch, ClosesConnectionsThatWereIdleTooLong) {
  World world;
  world.add_server(1);
  Settings settings = World::one_pool(1);
  settings.pools[0].timeouts.idle = 5s;
  world.start(settings, World::Checked::no);
  world.get();
  world.network.advance(4s);
  world.get();
  EXPECT_EQ(world.server(1).connections(), 1);
  world.network.advance(7s);
  world.get();
  EXPECT_EQ(world.server(1).connections(), 2);
}

TEST(Fetch, ARequestThatMustNotBeRepeatedTakesOnlyAConnectionUsedLately) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1), World::Checked::no);
  const auto post = [&] {
    Call call{.method = http::Method::post};
    world.run(call);
    return call.status;
  };
  world.get();
  world.network.advance(1900ms);
  EXPECT_EQ(post(), 200);
  EXPECT_EQ(world.server(1).connections(), 1);
  world.network.advance(2100ms);
  EXPECT_EQ(post(), 200);
  EXPECT_EQ(world.server(1).connections(), 2);
}

TEST(Fetch, AKeptConnectionThatTheServerClosesIsNoFailure) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  world.get();
  // given a server that closes each connection on its second request without an answer
  int asked = 0;
  world.server(1).behaviour = [&](const Asked&) {
    return ++asked == 1 ? Answer{.then = Answer::Then::close, .raw = " "} : Answer();
  };
  world.server(1).behaviour = [&](const Asked&) { return Answer(); };
  world.network.kill(world.server(1).endpoint());
  world.network.revive(world.server(1).endpoint());
  // then the next request goes over a new one, and nothing is held against the server
  const Call call = world.get();
  EXPECT_EQ(call.status, 200);
  EXPECT_EQ(world.snapshot_of(1).totals.failures(), 0u);
}

TEST(Fetch, SendsThePoolsHostInsteadOfTheClients) {
  World world;
  world.add_server(1);
  Settings settings = World::one_pool(1);
  settings.pools[0].host = "internal.example";
  world.start(settings);
  world.get();
  EXPECT_TRUE(world.server(1).last_asked.has("internal.example"));
  EXPECT_FALSE(world.server(1).last_asked.has("shop.example"));
}

TEST(Fetch, PassesInterimResponsesOn) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) {
    return Answer{.before = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"};
  };
  const Call call = world.get();
  EXPECT_EQ(call.status, 200);
  EXPECT_THAT(call.interims, testing::ElementsAre(103));
}

TEST(Fetch, EndlessInterimResponsesAreNoAnswer) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) {
    std::string hints;
    for (int i = 0; i < 100; ++i) hints += "HTTP/1.1 103 Early Hints\r\n\r\n";
    return Answer{.before = hints};
  };
  world.start(World::one_pool(1));
  const Call call = world.get();
  EXPECT_EQ(call.status, 0);
  EXPECT_EQ(call.error.code, Errc::invalid);
  EXPECT_LE(call.interims.size(), 16u * call.attempts);
}

// Says "103" every second and nothing else.
net::Task<void> say_hints(net::Listener& listener, net::Loop& loop) {
  auto stream = co_await listener.accept();
  if (!stream) co_return;
  for (int i = 0; i < 10; ++i) {
    auto sent = co_await (*stream)->write("HTTP/1.1 103 Early Hints\r\n\r\n", no_deadline);
    if (!sent) co_return;
    auto slept = co_await loop.sleep_for(1s);
  }
}

TEST(Fetch, InterimResponsesDoNotPutTheTimeOutOff) {
  World world;
  Settings settings = World::one_pool(1);
  settings.pools.front().timeouts.first_byte = 3s;
  const auto listener = *world.server_loop.listen(endpoint_of(1), {});
  net::Scope serving;
  serving.spawn(say_hints(*listener, world.server_loop));
  world.start(settings, World::Checked::no);
  const Call call = world.get();
  EXPECT_EQ(call.error.code, Errc::timed_out);
  EXPECT_LE(call.took, 3s * static_cast<int>(call.attempts) + 1s);
  world.network.advance(30s);
  EXPECT_EQ(serving.running(), 0u);
}

TEST(Fetch, GivesTheConnectionOfAnUpgrade) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) {
    return Answer{.raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"};
  };
  EXPECT_EQ(world.get().status, 101);
}

// ---- retries ----

TEST(Retry, ARefusedConnectionIsTriedElsewhereWhateverTheMethod) {
  World world;
  world.add_server(1);
  world.add_server(2);
  world.start(World::one_pool(2), World::Checked::no);
  world.network.kill(world.server(1).endpoint());
  for (int i = 0; i < 20; ++i) {
    Call call{.method = i % 2 == 0 ? http::Method::get : http::Method::post};
    world.run(call);
    EXPECT_EQ(call.status, 200);
    EXPECT_LE(call.attempts, 2u);
    EXPECT_EQ(call.server, "10.0.0.2:80");
  }
  EXPECT_GT(world.upstreams->metrics().retries.value(), 0u);
}

TEST(Retry, AnAnswerBrokenOffBeforeItsHeadIsAskedForElsewhereIfIdempotent) {
  for (const http::Method method : {http::Method::get, http::Method::put, http::Method::post}) {
    World world;
    world.add_server(1).behaviour = [](const Asked&) {
      return Answer{.then = Answer::Then::close, .raw = "HTTP/1.1 "};
    };
    world.add_server(2);
    world.start(World::one_pool(2), World::Checked::no);
    int failed = 0;
    for (int i = 0; i < 10; ++i) {
      Call call{.method = method};
      world.run(call);
      failed += call.status == 200 ? 0 : 1;
      EXPECT_TRUE(call.status == 200 || call.error.code == Errc::closed);
    }
    EXPECT_EQ(failed > 0, method == http::Method::post) << static_cast<int>(method);
  }
}

TEST(Retry, AShortBodyIsGatheredAndFetchedAnewWhenItsServerDiesInIt) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) {
    return Answer{.body = std::string(30'000, 'x'), .body_sent = 100};
  };
  world.add_server(2).behaviour = [](const Asked&) { return Answer{.body = std::string(30'000, 'x')}; };
  world.start(World::one_pool(2), World::Checked::no);
  for (int i = 0; i < 20; ++i) {
    const Call call = world.get();
    EXPECT_EQ(call.status, 200);
    EXPECT_EQ(call.text.size(), 30'000u);
  }
  // without gathering, the client sees the break
  bool broke = false;
  for (int i = 0; i < 20 && !broke; ++i) {
    Call call{.gather_bytes = 29'999};
    world.run(call);
    broke = call.body_broke;
  }
  EXPECT_TRUE(broke);
}

TEST(Retry, ManySmallPartsAreGatheredWhole) {
  World world;
  std::string body;
  for (int i = 0; i < 6000; ++i) body += std::to_string(i) + ",";
  world.add_server(1).behaviour = [&](const Asked&) { return Answer{.body = body}; };
  world.network.set_faults(endpoint_of(1), {.largest_piece = 97});
  world.start(World::one_pool(1), World::Checked::no);
  const Call call = world.get();
  EXPECT_EQ(call.text, body);
  EXPECT_EQ(world.upstreams->metrics().gathered.value(), 1u);
}

TEST(Retry, EventStreamsAreNotGathered) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.fields = "Content-Type: text/event-stream\r\n"}; };
  world.start(World::one_pool(1), World::Checked::no);
  EXPECT_EQ(world.get().text, "hello");
  EXPECT_EQ(world.upstreams->metrics().gathered.value(), 0u);
}

TEST(Retry, A503IsAskedForElsewhereUnlessItSaysWhenToComeBack) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.status = 503}; };
  world.add_server(2);
  Settings settings = World::one_pool(2);
  settings.ejection.consecutive_5xx = 0;
  settings.ejection.error_volume = 1'000'000;
  world.start(settings);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(world.get().status, 200);
  world.server(1).behaviour = [](const Asked&) { return Answer{.status = 503, .fields = "Retry-After: 5\r\n"}; };
  int passed_on = 0;
  for (int i = 0; i < 20; ++i) passed_on += world.get().status == 503 ? 1 : 0;
  EXPECT_GT(passed_on, 0);
  // and a POST's 503 is the client's
  world.server(1).behaviour = [](const Asked&) { return Answer{.status = 503}; };
  passed_on = 0;
  for (int i = 0; i < 20; ++i) {
    Call call{.method = http::Method::post};
    world.run(call);
    passed_on += call.status == 503 ? 1 : 0;
  }
  EXPECT_GT(passed_on, 0);
}

TEST(Retry, The503OfAllServersIsPassedOn) {
  World world;
  for (int i = 1; i <= 2; ++i) world.add_server(i).behaviour = [](const Asked&) { return Answer{.status = 503}; };
  world.start(World::one_pool(2));
  const Call call = world.get();
  EXPECT_EQ(call.status, 503);
  EXPECT_EQ(call.attempts, 2u);
}

TEST(Retry, ATotalOutageDoesNotMultiplyTheLoad) {
  // given three servers that take every connection and break it, and no checks to take them out
  World world;
  for (int i = 1; i <= 3; ++i) {
    world.add_server(i).behaviour = [](const Asked&) { return Answer{.then = Answer::Then::close, .raw = " "}; };
  }
  world.start(World::one_pool(3), World::Checked::no);
  const auto calls = world.load(1000, 5s);
  world.finish();
  EXPECT_EQ(failures(calls), 5000);
  const auto& metrics = world.upstreams->metrics();
  EXPECT_LE(metrics.attempts.value(), 5000 * 1.2 + 100);
  EXPECT_GT(metrics.retries_denied.value(), 3000u);
}

TEST(Retry, NoMoreAttemptsThanAllowed) {
  World world;
  for (int i = 1; i <= 5; ++i) {
    world.add_server(i).behaviour = [](const Asked&) { return Answer{.then = Answer::Then::close, .raw = " "}; };
  }
  Settings settings = World::one_pool(5);
  settings.retry.attempts = 3;
  world.start(settings, World::Checked::no);
  const Call call = world.get();
  EXPECT_EQ(call.attempts, 3u);
  int servers_asked = 0;
  for (int i = 1; i <= 5; ++i) servers_asked += world.server(i).requests();
  EXPECT_EQ(servers_asked, 3);
}

TEST(Retry, AnAnswerThatIsNotHttpIsInvalid) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.raw = "SSH-2.0-OpenSSH\r\n\r\n"}; };
  world.start(World::one_pool(1), World::Checked::no);
  EXPECT_EQ(world.get().error.code, Errc::invalid);
}

TEST(Retry, ASlowServerIsLeftAtItsFirstByteTimeout) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 1h}; };
  Settings settings = World::one_pool(1);
  settings.pools[0].timeouts.first_byte = 3s;
  settings.retry.attempts = 1;
  world.start(settings);
  const Call call = world.get();
  EXPECT_EQ(call.error.code, Errc::timed_out);
  EXPECT_NEAR(static_cast<double>(call.took.count()), 3e9, 1e8);
  world.network.advance(1h);
}

TEST(Fetch, TheDeadlineEndsAllAttemptsTogether) {
  World world;
  for (int i = 1; i <= 3; ++i) world.add_server(i).behaviour = [](const Asked&) { return Answer{.think = 20s}; };
  world.start(World::one_pool(3));
  Call call{.patience = 5s};
  world.run(call);
  EXPECT_EQ(call.error.code, Errc::timed_out);
  EXPECT_NEAR(static_cast<double>(call.took.count()), 5e9, 1e8);
}

TEST(Fetch, CancellingEndsTheWait) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 20s}; };
  world.start(World::one_pool(1));
  net::CancelSource gone;
  Call call{.cancel = gone.token()};
  world.begin(call);
  world.network.advance(1s);
  EXPECT_FALSE(call.done);
  gone.cancel();
  world.network.settle();
  EXPECT_TRUE(call.done);
  EXPECT_EQ(call.error.code, Errc::cancelled);
  EXPECT_EQ(world.snapshot_of(1).totals.failures(), 0u);
  EXPECT_EQ(world.snapshot_of(1).active, 0u);
}

// ---- places ----

TEST(Places, RequestsOverTheLimitWaitInOrder) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 100ms}; };
  Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 2;
  world.start(settings);
  Calls calls;
  for (int i = 0; i < 6; ++i) {
    calls.push_back(std::make_shared<Call>());
    world.begin(*calls.back());
    world.network.advance(1ms);
  }
  EXPECT_EQ(world.directory->snapshot()[0].waiting, 4u);
  world.finish();
  for (const auto& call : calls) EXPECT_EQ(call->status, 200);
  for (int i = 2; i < 6; ++i) {
    EXPECT_NEAR(static_cast<double>(calls[i]->took.count()), (i / 2 + 1) * 1e8, 1e7) << i;
  }
  EXPECT_EQ(world.upstreams->metrics().queued.value(), 4u);
  EXPECT_EQ(world.directory->snapshot()[0].waiting, 0u);
}

TEST(Places, AFullQueueTurnsAwayAndAWaitTooLongEnds) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 20s}; };
  Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  settings.pools[0].max_waiting = 2;
  settings.pools[0].timeouts.queue = 5s;
  world.start(settings);
  Calls calls;
  for (int i = 0; i < 4; ++i) {
    calls.push_back(std::make_shared<Call>());
    world.begin(*calls.back());
    world.network.settle();
  }
  EXPECT_TRUE(calls[3]->done);
  EXPECT_EQ(calls[3]->error.code, Errc::exhausted);
  EXPECT_FALSE(calls[2]->done);
  world.network.advance(5100ms);
  EXPECT_EQ(calls[1]->error.code, Errc::exhausted);
  EXPECT_EQ(calls[2]->error.code, Errc::exhausted);
  EXPECT_FALSE(calls[0]->done);
  world.finish();
  EXPECT_EQ(calls[0]->status, 200);
}

TEST(Places, AnotherWorkersPlaceIsOffered) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 100ms}; };
  Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  world.start(settings);
  FastRandom random(9);
  auto& other_loop = world.network.make_loop();
  auto other = std::make_unique<Upstreams>(*world.directory, other_loop, random);
  EXPECT_EQ(world.directory->workers(), 2u);
  Call first;
  Call second;
  world.begin(first);
  world.network.settle();
  world.calls.spawn(make_call(*other, second));
  world.finish();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(second.status, 200);
  EXPECT_NEAR(static_cast<double>(second.took.count()), 2e8, 1e7);
  other.reset();
  EXPECT_EQ(world.directory->workers(), 1u);
}

TEST(Places, ThePoolsTotalLimitHolds) {
  World world;
  for (int i = 1; i <= 3; ++i) world.add_server(i).behaviour = [](const Asked&) { return Answer{.think = 100ms}; };
  Settings settings = World::one_pool(3);
  settings.pools[0].max_total_connections = 2;
  world.start(settings);
  Calls calls;
  for (int i = 0; i < 4; ++i) {
    calls.push_back(std::make_shared<Call>());
    world.begin(*calls.back());
  }
  world.network.advance(50ms);
  std::uint32_t active = 0;
  for (int i = 1; i <= 3; ++i) active += world.snapshot_of(i).active;
  EXPECT_EQ(active, 2u);
  world.finish();
  for (const auto& call : calls) EXPECT_EQ(call->status, 200);
}

// ---- stickiness ----

TEST(Stickiness, TheCookieLeadsBackAndANewOneComesWhenItsServerIsDown) {
  World world;
  for (int i = 1; i <= 3; ++i) world.add_server(i);
  Settings settings = World::one_pool(3);
  settings.pools[0].sticky = StickySettings{};
  world.start(settings);
  const Call first = world.get();
  ASSERT_FALSE(first.new_sticky.empty());
  for (int i = 0; i < 20; ++i) {
    Call again{.sticky = first.new_sticky};
    world.run(again);
    EXPECT_EQ(again.server, first.server);
    EXPECT_TRUE(again.new_sticky.empty());
  }
  const int number = first.server[7] - '0';
  world.network.kill(endpoint_of(number));
  Call moved{.sticky = first.new_sticky};
  world.run(moved);
  EXPECT_EQ(moved.status, 200);
  EXPECT_NE(moved.server, first.server);
  EXPECT_FALSE(moved.new_sticky.empty());
  EXPECT_NE(moved.new_sticky, first.new_sticky);
}

}  // namespace
}  // namespace tenfold::origin
