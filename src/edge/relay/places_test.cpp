// Who reads slowly, or not at all, keeps no place at the origin from others: the edge in a simulated network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "edge/edge_fixture.hpp"

namespace tenfold::edge {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class PlacesTest : public EdgeTest {
 protected:
  ~PlacesTest() override {
    world.network.run_until([&] { return visitors.running() == 0; }, 10min);
  }
  // Of the one server that there is.
  void start_with(std::uint32_t places) {
    world.add_server(1);
    origin::Settings settings = World::one_pool(1);
    settings.pools[0].max_connections = places;
    start(settings);
  }
  std::uint32_t taken() const { return world.snapshot_of(1).active; }
  // Reads nothing for so long.
  Idler& idle_along(const std::string& sends, Duration idles = 20s) {
    Idler& idler = idlers.emplace_back();
    visitors.spawn(idle(people, server->local(), sends, idles, AfterIdling::reads, idler));
    return idler;
  }
  static std::string get_of(const std::string& target, const std::string& fields = "Connection: close\r\n") {
    return "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + fields + "\r\n";
  }
  // As many requests on one connection as it takes to fill it with answers of some kilobytes.
  static std::string many(const std::string& request) {
    std::string all;
    for (int i = 0; i < 400; ++i) all += request;
    return all;
  }
  static Answer chunked(const std::string& body, const std::string& end = "0\r\n\r\n") {
    return {.raw = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n" +
                   body + "\r\n" + end};
  }

  // The same from a client of that number.
  Idler& idle_from(std::uint32_t client, const std::string& sends, Duration idles = 20s) {
    auto& loop = clients[client];
    if (loop == nullptr) loop = &world.network.make_loop(net::IpAddress::v4(0xc6336500 + client));
    Idler& idler = idlers.emplace_back();
    visitors.spawn(idle(*loop, server->local(), sends, idles, AfterIdling::reads, idler));
    return idler;
  }
  static std::string websocket() {
    return get_of("/live",
                  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  }
  static Answer agreed() {
    return {.raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nframe"};
  }
  static int ended(const std::list<Idler*>& all) {
    return static_cast<int>(std::count_if(all.begin(), all.end(), [](const Idler* each) { return each->done; }));
  }

  std::map<std::uint32_t, net::Loop*> clients;
  const std::string large = std::string(300'000, 'x');
  std::list<Idler> idlers;
};

TEST_F(PlacesTest, APageFoundGoodAgainIsReadWithoutAPlace) {
  start_with(4);
  world.server(1).behaviour = [&](const Asked& asked) {
    if (!asked.has("if-none-match")) return cacheable(large, "no-cache");
    return Answer{.raw = "HTTP/1.1 304 X\r\nETag: \"v1\"\r\nSet-Cookie: a=b; Path=/shop\r\nSet-Cookie: c=d\r\n\r\n"};
  };
  get("/page");
  Idler& slow = idle_along(get_of("/page"));
  world.network.advance(1s);
  EXPECT_EQ(world.server(1).requests(), 2);
  EXPECT_EQ(taken(), 0u);
  world.network.advance(20s);
  EXPECT_THAT(slow.received, HasSubstr("Set-Cookie: a=b; Path=/shop\r\nSet-Cookie: c=d\r\n"));
  EXPECT_TRUE(slow.received.ends_with(large));
}

TEST_F(PlacesTest, APageShownInPlaceOfAFailureIsReadWithoutAPlace) {
  start_with(4);
  world.server(1).behaviour = [&](const Asked&) {
    return world.server(1).requests() == 0
               ? cacheable(large, "max-age=1, stale-if-error=60")
               : Answer{.raw = "HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsorry\r\n"};
  };
  get("/page");
  world.network.advance(5s);
  Idler& slow = idle_along(get_of("/page"));
  world.network.advance(1s);
  EXPECT_EQ(world.server(1).requests(), 2);
  EXPECT_EQ(taken(), 0u);
  world.network.advance(20s);
  EXPECT_THAT(slow.received, HasSubstr("stale-if-error"));
}

TEST_F(PlacesTest, WhoHasHalfOfThemIsToldSoWithoutAnother) {
  start_with(4);
  world.server(1).behaviour = [&](const Asked&) { return Answer{.body = large}; };
  idle_along(get_of("/a"));
  idle_along(get_of("/b"));
  world.network.advance(1s);
  EXPECT_EQ(taken(), 2u);
  EXPECT_THAT(get("/c"), StartsWith("HTTP/1.1 429"));
  EXPECT_EQ(world.upstreams->metrics().holds_denied.value(), 1u);
  const std::uint64_t told = site->complaints.told();
  idle_along(many(get_of("/c", "Accept: text/html\r\n")));
  world.network.advance(1s);
  EXPECT_EQ(taken(), 2u);
  EXPECT_GT(world.upstreams->metrics().holds_denied.value(), 5u);
  EXPECT_GT(told, 0u);
}

TEST_F(PlacesTest, AnErrorInPlaceOfAnotherProtocolIsReadWithoutAPlace) {
  for (const std::string fields : {"Accept: text/html\r\n",
                                   "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"}) {
    if (server == nullptr) start_with(4);
    world.server(1).behaviour = [](const Asked&) {
      return Answer{.raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"};
    };
    idle_along(many(get_of("/live", fields)), 5s);
    world.network.advance(2s);
    EXPECT_GT(world.server(1).connections(), 10) << fields;
    EXPECT_EQ(taken(), 0u) << fields;
    EXPECT_GT(site->complaints.told(), 0u) << fields;
    world.network.advance(3min);
  }
}

TEST_F(PlacesTest, EarlyHintsAreReadWithoutAPlace) {
  start_with(4);
  world.server(1).behaviour = [](const Asked&) {
    Answer answer{.fields = "Cache-Control: no-store\r\n"};
    for (int i = 0; i < 5; ++i) answer.before += "HTTP/1.1 103 X\r\nLink: " + std::string(30'000, 'l') + "\r\n\r\n";
    return answer;
  };
  Idler& slow = idle_along(get_of("/page", "") + get_of("/page", "") + get_of("/page"));
  world.network.advance(1s);
  EXPECT_EQ(taken(), 0u);
  world.network.advance(20s);
  EXPECT_THAT(slow.received, StartsWith("HTTP/1.1 103 "));
  EXPECT_TRUE(slow.received.ends_with("hello"));
}

TEST_F(PlacesTest, AnAnswerWithTrailersIsReadWithoutAPlace) {
  start_with(4);
  world.server(1).behaviour = [&](const Asked&) { return chunked(large, "0\r\nX-Sum: 1\r\n\r\n"); };
  Idler& slow = idle_along(get_of("/page"));
  world.network.advance(1s);
  EXPECT_EQ(taken(), 0u);
  get("/other");  // its answer lies where the trailers were
  world.network.advance(20s);
  EXPECT_TRUE(slow.received.ends_with("\r\n0\r\nX-Sum: 1\r\n\r\n"));
}

TEST_F(PlacesTest, WhatBreaksOffIsReadWithoutAPlace) {
  start_with(4);
  world.server(1).behaviour = [&](const Asked&) {
    Answer answer = chunked(large, "5\r\nhel");
    answer.then = Answer::Then::close;
    return answer;
  };
  Idler& slow = idle_along(get_of("/page"));
  world.network.advance(1s);
  EXPECT_EQ(taken(), 0u);
  world.network.advance(20s);
  EXPECT_EQ(metrics.broken_answers.value(), 1u);
  EXPECT_FALSE(slow.received.ends_with("0\r\n\r\n"));
}

// The reader has to take what was gathered first, before it reads on from the origin.
TEST_F(PlacesTest, WhatOutgrowsTheCacheLeavesHalfOfThemToOthers) {
  cache_options.max_object_bytes = 200'000;
  start_with(4);
  world.server(1).behaviour = [&](const Asked&) { return chunked(large); };
  Idler& first = idle_along(get_of("/a"));
  Idler& second = idle_along(get_of("/b"));
  world.network.advance(1s);
  Idler& third = idle_along(get_of("/c"), 5s);
  world.network.advance(1s);
  EXPECT_EQ(taken(), 2u);
  world.network.advance(5s);
  EXPECT_TRUE(third.done);
  EXPECT_FALSE(third.received.ends_with("0\r\n\r\n"));
  EXPECT_EQ(metrics.broken_answers.value(), 1u);
  EXPECT_EQ(world.upstreams->metrics().holds_denied.value(), 1u);
  world.network.advance(20s);
  EXPECT_TRUE(first.received.ends_with("0\r\n\r\n"));
  EXPECT_TRUE(second.received.ends_with("0\r\n\r\n"));
}

// ---- all clients together: docs/decisions/0019-held-places.md ----

TEST_F(PlacesTest, TwoWhoReadNothingLeaveAQuarterToOthers) {
  start_with(16);
  world.server(1).behaviour = [&](const Asked& asked) {
    return asked.target() == "/page" ? Answer{} : Answer{.body = large};
  };
  for (int i = 0; i < 16; ++i) idle_from(i % 2, get_of("/large"));
  world.network.advance(5s);
  EXPECT_EQ(taken(), 16u) << "nobody is short of a place";
  const TimePoint asked = world.loop.now();
  EXPECT_THAT(get("/page"), StartsWith("HTTP/1.1 200"));
  EXPECT_LE(world.loop.now() - asked, 1100ms);
  world.network.advance(1s);
  EXPECT_EQ(taken(), 12u);
  EXPECT_EQ(metrics.broken_answers.value(), 4u);
}

TEST_F(PlacesTest, AnOriginThatIsSlowItselfIsNotItsReadersFault) {
  start_with(4);
  auto patient = std::make_shared<Policy>(*site->policy);
  patient->limits.stream_timeout = 5min;
  site->policy = patient;
  const std::string head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
  world.server(1).behaviour = [&](const Asked& asked) {
    return asked.target() == "/page" ? Answer{} : Answer{.raw = head + std::string(1000, 'x')};
  };
  for (int i = 0; i < 4; ++i) idle_from(i, get_of("/events"), 1s);
  world.network.advance(5s);
  EXPECT_THAT(get("/page"), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(metrics.broken_answers.value(), 0u);
  world.network.advance(25s);  // in all they have lasted for half a minute: whoever is slow, they hold
  EXPECT_THAT(get("/page"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(metrics.broken_answers.value(), 1u);
}

TEST_F(PlacesTest, WhoReadsGetsAPlaceOfWhoReadsNothing) {
  start_with(16);
  world.server(1).behaviour = [&](const Asked&) { return Answer{.body = large}; };
  for (int i = 0; i < 16; ++i) idle_from(i, get_of("/large"), 15s);
  world.network.advance(4s);
  Idler& newcomer = idle_along(get_of("/large"), 4s);
  world.network.advance(3s);
  EXPECT_EQ(taken(), 12u);
  EXPECT_EQ(metrics.broken_answers.value(), 5u) << "four for the quarter, and one for the newcomer";
  world.network.advance(3s);
  EXPECT_TRUE(newcomer.received.ends_with(large));
}

TEST_F(PlacesTest, SilentTunnelsLeaveAQuarterAndMakePlaceForNewOnes) {
  start_with(16);
  world.server(1).behaviour = [](const Asked& asked) { return asked.target() == "/page" ? Answer{} : agreed(); };
  for (int i = 0; i < 16; ++i) idle_from(i % 2, websocket(), 60s);
  world.network.advance(15s);
  EXPECT_EQ(metrics.open_tunnels.value(), 16);
  EXPECT_THAT(get("/page"), StartsWith("HTTP/1.1 200"));
  world.network.advance(1s);
  EXPECT_EQ(metrics.open_tunnels.value(), 12);
  Idler& newcomer = idle_along(websocket(), 5s);
  world.network.advance(4s);
  EXPECT_FALSE(newcomer.done) << "its tunnel goes on";
  EXPECT_EQ(metrics.open_tunnels.value(), 12);
}

TEST_F(PlacesTest, UploadsThatStandStillLeaveAQuarter) {
  start_with(16);
  world.server(1).behaviour = [](const Asked&) { return Answer{}; };
  std::list<Idler*> uploads;
  for (int i = 0; i < 16; ++i) {
    uploads.push_back(&idle_from(
        i % 2,
        "POST /upload HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1000000\r\n\r\n" + std::string(100'000, 'x'),
        3s));
  }
  world.network.advance(1500ms);
  EXPECT_THAT(get("/page"), StartsWith("HTTP/1.1 200"));
  world.network.advance(1s);
  EXPECT_EQ(taken(), 12u);
  world.network.advance(3s);
  EXPECT_EQ(ended(uploads), 4);
  for (const Idler* upload : uploads) {
    if (!upload->done) continue;
    EXPECT_THAT(upload->received, StartsWith("HTTP/1.1 408"));
  }
}

}  // namespace
}  // namespace tenfold::edge
