// The whole edge but for its threads and sockets, in a simulated network: the same code on a hand-moved clock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "edge/edge_fixture.hpp"
#include "http/rehearsal_credential.hpp"

namespace tenfold::edge {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Sends its body when it is told to.
net::Task<void> send_after_continue(net::Loop& loop, net::Endpoint to, Visitor& visitor) {
  auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
  if (!stream) co_return;
  auto wrote = co_await (*stream)->write(
      "POST /in HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nContent-Length: 5\r\n"
      "Expect: 100-continue\r\n\r\n",
      no_deadline);
  while (wrote) {
    auto bytes = co_await (*stream)->read(no_deadline);
    if (!bytes || bytes->empty()) break;
    visitor.received.append(bytes->view());
    if (!visitor.received.ends_with("100 Continue\r\n\r\n")) continue;
    auto body = co_await (*stream)->write("hello", no_deadline);
    wrote = std::move(body);
  }
  visitor.closed = true;
}

TEST_F(EdgeTest, PassesARequestOnAndTheAnswerBack) {
  world.add_server(1);
  start(World::one_pool(1));
  const std::string answer = get("/a?b=c", "X-Mine: 1\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\nhello"));
  const Asked& asked = world.server(1).last_asked;
  EXPECT_EQ(asked.target(), "/a?b=c");
  EXPECT_TRUE(asked.has("X-Mine: 1\r\n"));
  EXPECT_THAT(asked.head, HasSubstr("198.51.100.7"));
  EXPECT_EQ(metrics.answers[2].value(), 1u);
}

TEST_F(EdgeTest, PassesABodyOn) {
  world.add_server(1);
  start(World::one_pool(1));
  const std::string answer =
      ask("POST /cart HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
          "4\r\nitem\r\n3\r\n=42\r\n0\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(world.server(1).last_asked.body, HasSubstr("item"));
  EXPECT_THAT(world.server(1).last_asked.body, HasSubstr("=42"));
}

TEST_F(EdgeTest, AnswersFromTheCacheTheSecondTime) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return cacheable("picture"); };
  EXPECT_THAT(get("/p.png"), HasSubstr("Tenfold; fwd=uri-miss; stored"));
  world.network.advance(5s);
  const std::string again = get("/p.png");
  EXPECT_THAT(again, HasSubstr("Tenfold; hit; ttl=55"));
  EXPECT_THAT(again, HasSubstr("picture"));
  EXPECT_EQ(world.server(1).requests(), 1);
  EXPECT_THAT(get("/p.png", "If-None-Match: \"v1\"\r\n"), StartsWith("HTTP/1.1 304"));
}

TEST_F(EdgeTest, TwoQueriesAreTwoPages) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked& asked) { return cacheable(asked.target()); };
  EXPECT_THAT(get("/s?q=a"), HasSubstr("/s?q=a"));
  EXPECT_THAT(get("/s?q=b"), HasSubstr("/s?q=b"));
  EXPECT_EQ(world.server(1).requests(), 2);
}

TEST_F(EdgeTest, OneFetchServesAllWhoWait) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) {
    Answer answer = cacheable("slow page");
    answer.think = 2s;
    return answer;
  };
  std::vector<Visitor> crowd(50);
  for (Visitor& visitor : crowd) {
    visitors.spawn(visit(people, server->local(),
                         "GET /slow HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n", visitor));
  }
  world.network.run_until([&] { return visitors.running() == 0; }, 1min);
  for (const Visitor& visitor : crowd) EXPECT_THAT(visitor.received, HasSubstr("slow page"));
  EXPECT_EQ(world.server(1).requests(), 1);
}

TEST_F(EdgeTest, TheShopWindowStaysLitWhenEveryOriginIsDown) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return cacheable("window"); };
  get("/");
  world.network.advance(2min);
  world.network.kill(world.server(1).endpoint());
  const std::string answer = get("/");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("window"));
  EXPECT_THAT(answer, HasSubstr("stale-if-error"));
  EXPECT_THAT(get("/never-seen"), StartsWith("HTTP/1.1 50"));
}

TEST_F(EdgeTest, TheShopWindowIsLitSoonWhenEveryOriginHangs) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return cacheable("window"); };
  get("/");
  world.network.advance(2min);
  world.network.stop(world.server(1).endpoint());
  world.network.advance(10s);
  const TimePoint asked = world.network.clock().now();
  EXPECT_THAT(get("/"), HasSubstr("window"));
  EXPECT_LE(world.network.clock().now() - asked, 2100ms);
}

TEST_F(EdgeTest, AnOldClientWithoutHostIsNotSentOnWithoutOne) {
  world.add_server(1);
  start(World::one_pool(1));
  EXPECT_THAT(ask("GET / HTTP/1.0\r\n\r\n"), HasSubstr("200"));
  EXPECT_TRUE(world.server(1).last_asked.has("ost: 192.0.2.1\r\n"));
}

TEST_F(EdgeTest, AStaleEntryIsServedWhileItIsFetchedAnew) {
  world.add_server(1);
  start(World::one_pool(1));
  int version = 1;
  world.server(1).behaviour = [&](const Asked&) {
    return cacheable("version " + std::to_string(version), "max-age=1, stale-while-revalidate=60");
  };
  get("/");
  version = 2;
  world.network.advance(5s);
  EXPECT_THAT(get("/"), HasSubstr("version 1"));
  world.network.run_until([&] { return site->background.running() == 0; }, 1min);
  EXPECT_THAT(get("/"), HasSubstr("version 2"));
}

TEST_F(EdgeTest, AKilledServerCostsNoGet) {
  world.add_server(1);
  world.add_server(2);
  start(World::one_pool(2), false);
  std::vector<std::unique_ptr<Visitor>> crowd;
  for (int i = 0; i < 400; ++i) {
    crowd.push_back(std::make_unique<Visitor>());
    visitors.spawn(visit(people, server->local(), "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n",
                         *crowd.back()));
    world.network.advance(1ms);
    if (i == 200) world.network.kill(world.server(1).endpoint());
  }
  world.network.run_until([&] { return visitors.running() == 0; }, 5min);
  for (const auto& visitor : crowd) EXPECT_THAT(visitor->received, StartsWith("HTTP/1.1 200"));
}

TEST_F(EdgeTest, AHungServerCostsNoGet) {
  world.add_server(1);
  world.add_server(2);
  start(World::one_pool(2), false);
  std::vector<std::unique_ptr<Visitor>> crowd;
  for (int i = 0; i < 6000; ++i) {
    crowd.push_back(std::make_unique<Visitor>());
    visitors.spawn(visit(people, server->local(), "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n",
                         *crowd.back()));
    world.network.advance(1ms);
    if (i == 500) world.network.stop(world.server(1).endpoint());
  }
  world.network.run_until([&] { return visitors.running() == 0; }, 5min);
  int bad = 0;
  for (const auto& visitor : crowd) bad += visitor->received.starts_with("HTTP/1.1 200") ? 0 : 1;
  EXPECT_EQ(bad, 0);
}

TEST_F(EdgeTest, WithoutAnyOriginTheCustomerGetsAPageThatCanBeRead) {
  world.add_server(1);
  start(World::one_pool(1));
  world.network.kill(world.server(1).endpoint());
  world.network.advance(10s);
  const std::string answer = get("/", "Accept: text/html\r\nAccept-Language: de\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(answer, HasSubstr("Corner Shop"));
  EXPECT_THAT(answer, HasSubstr("Content-Language: de"));
  EXPECT_THAT(answer, HasSubstr("no-store"));
}

TEST_F(EdgeTest, AnAnswerThatBreaksOffIsNotMadeToLookWhole) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) {
    return Answer{.body = std::string(200'000, 'x'), .body_sent = 150'000, .then = Answer::Then::close};
  };
  const std::string answer = get("/big");
  EXPECT_THAT(answer, HasSubstr("ontent-"));
  EXPECT_LT(answer.size(), 200'000u);
  EXPECT_EQ(metrics.broken_answers.value(), 1u);
}

net::Task<void> leave_early(net::Loop& loop, net::Endpoint to, Duration stays, Visitor& visitor) {
  auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
  if (!stream) co_return;
  auto wrote = co_await (*stream)->write("GET /slow HTTP/1.1\r\nHost: shop.example\r\n\r\n", loop.now() + 5s);
  auto slept = co_await loop.sleep_for(stays);
  visitor.closed = wrote.has_value() && slept.has_value();
}

TEST_F(EdgeTest, AClientThatLeftTakesNoMoreOfAnOriginsTime) {
  world.add_server(1);
  start(World::one_pool(1), false);
  world.server(1).behaviour = [](const Asked&) { return Answer{.think = 40s}; };
  Visitor visitor;
  visitors.spawn(leave_early(people, server->local(), 1s, visitor));
  world.network.advance(1s + http::ServerExchange::departure_grace - 100ms);
  EXPECT_EQ(world.snapshot_of(1).active, 1u);
  world.network.advance(200ms);
  EXPECT_EQ(world.snapshot_of(1).active, 0u);
  EXPECT_EQ(metrics.answers[0].value(), 1u);
}

TEST_F(EdgeTest, AClientThatLeavesWhileAnothersFetchIsUnderWayIsCountedAsLeftToo) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) {
    Answer answer = cacheable("slow page");
    answer.think = 10s;
    return answer;
  };
  Visitor stays;
  Visitor leaves;
  const std::string request = "GET /slow HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
  visitors.spawn(visit(people, server->local(), request, stays));
  world.network.advance(100ms);
  visitors.spawn(leave_early(people, server->local(), 1s, leaves));
  world.network.advance(1s + http::ServerExchange::departure_grace + 100ms);
  EXPECT_EQ(metrics.answers[0].value(), 1u);
  world.network.run_until([&] { return visitors.running() == 0; }, 1min);
  EXPECT_THAT(stays.received, HasSubstr("slow page"));
  EXPECT_EQ(metrics.answers[5].value(), 0u);
}

net::Task<void> half_close(net::Loop& loop, net::Endpoint to, Visitor& visitor) {
  auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
  if (!stream) co_return;
  auto wrote = co_await (*stream)->write("GET /slow HTTP/1.1\r\nHost: shop.example\r\n\r\n", loop.now() + 5s);
  co_await (*stream)->finish_writing(loop.now() + 5s);
  while (wrote) {
    auto bytes = co_await (*stream)->read(loop.now() + 5min);
    if (!bytes || bytes->empty()) break;
    visitor.received.append(bytes->view());
  }
}

TEST_F(EdgeTest, AClientThatOnlyFinishedSendingGetsItsAnswer) {
  world.add_server(1);
  start(World::one_pool(1), false);
  world.server(1).behaviour = [](const Asked&) { return Answer{.think = 2s}; };
  Visitor visitor;
  visitors.spawn(half_close(people, server->local(), visitor));
  world.network.run_until([&] { return visitors.running() == 0; }, 1min);
  EXPECT_THAT(visitor.received, StartsWith("HTTP/1.1 200"));
}

constexpr std::string_view websocket_fields =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

TEST_F(EdgeTest, AnUpgradeBecomesATunnel) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) {
    return Answer{.then = Answer::Then::close,
                  .raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nframe"};
  };
  const std::string answer =
      ask("GET /live HTTP/1.1\r\nHost: shop.example\r\n" + std::string(websocket_fields) + "\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 101"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nframe")) << answer;
  EXPECT_EQ(metrics.tunnels.value(), 1u);
  EXPECT_EQ(metrics.open_tunnels.value(), 0);
}

TEST_F(EdgeTest, AnUpgradeToAnythingElseIsAPlainRequest) {
  world.add_server(1);
  start(World::one_pool(1));
  for (const char* protocol : {"h2c", "foo", "TLS/1.0"}) {
    const std::string answer = get("/live", "Connection: Upgrade\r\nUpgrade: " + std::string(protocol) + "\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200")) << protocol;
    EXPECT_FALSE(world.server(1).last_asked.has("pgrade")) << protocol;
  }
  EXPECT_EQ(metrics.tunnels.value(), 0u);
}

TEST_F(EdgeTest, AnOriginThatChangesToAnotherProtocolIsNotFollowed) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) {
    return Answer{.then = Answer::Then::close,
                  .raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nframe"};
  };
  EXPECT_THAT(ask("GET /live HTTP/1.1\r\nHost: shop.example\r\n" + std::string(websocket_fields) + "\r\n"),
              StartsWith("HTTP/1.1 502"));
}

// The cache must tell apart what the origin tells apart, and nothing else.
TEST_F(EdgeTest, AFieldThatConnectionNamesSelectsNoVariant) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked& asked) {
    Answer answer = cacheable(asked.has("Accept-Language: de") ? "Seite" : "page");
    answer.fields += "Vary: Accept-Language\r\n";
    return answer;
  };
  EXPECT_THAT(get("/p", "Accept-Language: de\r\nConnection: Accept-Language\r\n"), EndsWith("page"));
  EXPECT_THAT(get("/p", "Accept-Language: de\r\n"), EndsWith("Seite"));
  EXPECT_THAT(get("/p"), EndsWith("page"));
  EXPECT_EQ(world.server(1).requests(), 2);
}

TEST_F(EdgeTest, OptionsGoAsFarAsMaxForwardsSays) {
  world.add_server(1);
  start(World::one_pool(1));
  const auto options = [this](const std::string& hops) {
    return ask("OPTIONS /a HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nMax-Forwards: " + hops + "\r\n\r\n");
  };
  EXPECT_THAT(options("0"), StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(options("00"), HasSubstr("Allow: "));
  EXPECT_EQ(world.server(1).requests(), 0);
  options("1");
  EXPECT_TRUE(world.server(1).last_asked.has("Max-Forwards: 0\r\n"));
  options("10");
  EXPECT_TRUE(world.server(1).last_asked.has("Max-Forwards: 9\r\n"));
  options("many");
  EXPECT_TRUE(world.server(1).last_asked.has("Max-Forwards: many\r\n"));
}

TEST_F(EdgeTest, TrailersClaimNothingEither) {
  world.add_server(1);
  start(World::one_pool(1));
  ask("POST /cart HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\nitem\r\n0\r\nX-Original-URL: /evil\r\nX_Forwarded_For: 6.6.6.6\r\nX-Checksum: 7\r\n\r\n");
  const std::string& body = world.server(1).last_asked.body;
  EXPECT_THAT(body, HasSubstr("X-Checksum: 7"));
  EXPECT_THAT(body, Not(HasSubstr("evil")));
  EXPECT_THAT(body, Not(HasSubstr("6.6.6.6")));
}

TEST_F(EdgeTest, PlainHttpIsRedirectedWhereThatIsAsked) {
  world.add_server(1);
  redirect_status = 308;
  start(World::one_pool(1));
  const std::string answer = get("/a?b");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 308"));
  EXPECT_THAT(answer, HasSubstr("https://shop.example/a?b\r\n"));
  EXPECT_EQ(world.server(1).requests(), 0);
}

TEST_F(EdgeTest, ConnectAndTraceAreNotForwarded) {
  world.add_server(1);
  start(World::one_pool(1));
  EXPECT_THAT(ask("TRACE / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 405"));
  EXPECT_EQ(world.server(1).requests(), 0);
}

TEST_F(EdgeTest, ARehearsalOfOursIsMarkedForTheOriginAndCountedApart) {
  rehearsal_secret = "a secret of thirty-two characters";
  world.add_server(1);
  start(World::one_pool(1));
  const WallTime in_an_hour = world.network.clock().wall_now() + 1h;
  const std::string good = http::make_rehearsal_credential(rehearsal_secret, "monday", in_an_hour);
  EXPECT_THAT(get("/a", "Tenfold-Rehearsal: " + good + "\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(world.server(1).last_asked.head, HasSubstr("\r\ntenfold-rehearsal: verified\r\n"));
  EXPECT_THAT(world.server(1).last_asked.head, Not(HasSubstr("sig=")));
  EXPECT_EQ(metrics.rehearsals.value(), 1u);

  // when it has expired, it is anybody's request
  world.network.advance(1h);
  EXPECT_THAT(get("/b", "Tenfold-Rehearsal: " + good + "\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(world.server(1).last_asked.target(), "/b");
  EXPECT_THAT(world.server(1).last_asked.head, Not(HasSubstr("ehearsal")));
  EXPECT_EQ(metrics.rehearsals.value(), 1u);
}

TEST_F(EdgeTest, AStrangersRehearsalHeaderReachesNeitherOriginNorCache) {
  rehearsal_secret = "a secret of thirty-two characters";
  world.add_server(1);
  start(World::one_pool(1));
  const WallTime in_an_hour = world.network.clock().wall_now() + 1h;
  const std::string good = http::make_rehearsal_credential(rehearsal_secret, "monday", in_an_hour);
  world.server(1).behaviour = [](const Asked& asked) {
    Answer answer = cacheable(asked.has("tenfold-rehearsal: verified\r\n") ? "for rehearsals" : "for customers");
    answer.fields += "Vary: Tenfold-Rehearsal\r\n";
    return answer;
  };
  EXPECT_THAT(get("/", "Tenfold-Rehearsal: " + good + "\r\n"), HasSubstr("for rehearsals"));
  EXPECT_THAT(get("/", "Tenfold-Rehearsal: verified\r\n"), HasSubstr("for customers"));
  EXPECT_THAT(get("/"), HasSubstr("for customers"));
  EXPECT_EQ(world.server(1).requests(), 2);
  EXPECT_EQ(metrics.rehearsals.value(), 1u);
}

TEST_F(EdgeTest, PassesTrailersOnThatComeTogetherWithTheWholeAnswer) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) {
    return Answer{.raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"};
  };
  EXPECT_THAT(get("/"), EndsWith("\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"));
}

TEST_F(EdgeTest, ARouteThatBypassesTheCacheIsObeyedFromTheMomentItLeadsSomewhere) {
  world.add_server(1);
  origin::Settings settings = World::one_pool(1);
  start(settings);
  world.server(1).behaviour = [](const Asked&) { return cacheable("for you"); };
  // When a reload puts a route before all others. The policy is the old one still.
  settings.routes.push_back(
      {.paths = {{.method = "", .path = "/account*"}}, .label = static_cast<std::uint32_t>(RouteCaching::bypass)});
  ASSERT_TRUE(world.directory->replace(settings).has_value());
  EXPECT_THAT(get("/account"), HasSubstr("fwd=bypass"));
  EXPECT_THAT(get("/account"), HasSubstr("fwd=bypass"));
  EXPECT_THAT(get("/other"), HasSubstr("stored"));
}

TEST_F(EdgeTest, ARouteIsNotPassedByInAnotherSpelling) {
  world.add_server(1);
  origin::Settings settings = World::one_pool(1);
  settings.routes.push_back({.paths = {{.method = "", .path = "/public/*"}}});
  settings.routes.push_back(
      {.paths = {{.method = "", .path = "/account*"}}, .label = static_cast<std::uint32_t>(RouteCaching::bypass)});
  start(settings);
  world.server(1).behaviour = [](const Asked&) { return cacheable("for you"); };
  for (const char* path : {"/account", "/%61ccount", "/./account", "/x/../account", "//account", "/public/../account",
                           "/public/..;/account", "/account;a=b", "/public%2f..%2faccount", "/\\account", "/account.",
                           "/public/..%5caccount/orders?a=b", "/%2e/account"}) {
    EXPECT_THAT(get(path), HasSubstr("fwd=bypass")) << path;
    EXPECT_EQ(world.server(1).last_asked.target(), path);  // what is sent stays as it came
  }
  // What the path as it came would keep out stays out, too: who knows which of the two the origin serves.
  EXPECT_THAT(get("/account/../public/a"), HasSubstr("fwd=bypass"));
  // Some origins decode and do not resolve, some decode twice.
  for (const char* path : {"/%61ccount/../public/a", "/%61ccount/..;/public/a", "/%61ccount/%2e%2E/public/a",
                           "/%61ccount/..%20/public/a", "/%61ccount/..\\public", "/%2561ccount"}) {
    EXPECT_THAT(get(path), HasSubstr("fwd=bypass")) << path;
  }
  EXPECT_THAT(get("/public/50%25-off"), HasSubstr("stored"));
  EXPECT_THAT(get("/public/account"), HasSubstr("stored"));
  EXPECT_THAT(get("/account%00"), StartsWith("HTTP/1.1 400"));
}

// Lenient decoders read a dot or a slash in more bytes than it has.
TEST_F(EdgeTest, AnOverlongFormThatClimbsIsRefusedAndOneInANameIsNoBasisForTheCache) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return cacheable("page"); };
  for (const char* path : {"/%c0%ae%c0%ae/account", "/public/..%c0%afaccount", "/%e0%80%ae%e0%80%ae/", "/a%c0%80",
                           "/\xc0\xae\xc0\xae/a"}) {
    EXPECT_THAT(get(path), StartsWith("HTTP/1.1 400")) << path;
  }
  EXPECT_EQ(world.server(1).requests(), 0);
  for (const char* path : {"/%C0%AE%BF%CD", "/account%c0%afa"}) {  // the first is a word in EUC-JP
    EXPECT_THAT(get(path), HasSubstr("fwd=bypass")) << path;
    EXPECT_EQ(world.server(1).last_asked.target(), path);
  }
  EXPECT_THAT(get("/stra%DFe"), HasSubstr("stored"));  // Latin-1
}

// Origins that know one name of theirs send whoever comes under another spelling to it.
TEST_F(EdgeTest, TheHostThatAnOriginIsSentIsTheOneInTheKey) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked& asked) { return cacheable(asked.head); };
  const std::string asked = "GET /p HTTP/1.1\r\nHost: SHOP.example:80\r\nConnection: close\r\n\r\n";
  const std::string answer = ask(asked);
  EXPECT_THAT(answer, HasSubstr("host: shop.example\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("SHOP")));
  EXPECT_THAT(answer, Not(HasSubstr(":80")));
}

// Whatever they write, clients of a trusted proxy are told apart by what the proxy says of their address and scheme
// only.
TEST_F(EdgeTest, APageIsNotPoisonedThroughATrustedProxy) {
  trusted = {*net::IpNetwork::parse("198.51.100.0/24")};
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked& asked) { return cacheable(asked.head); };
  const std::string poisoned =
      get("/p",
          "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 198.51.100.8\r\nX-Forwarded-Host: evil.example\r\n"
          "X-Forwarded-Port: 666\r\nX-Original-URL: /evil\r\nForwarded: host=evil.example\r\n"
          "X.Forwarded.Host: evil.example\r\n");
  EXPECT_THAT(poisoned, HasSubstr("x-forwarded-for: 203.0.113.9, 198.51.100.8, 198.51.100.7\r\n"));
  EXPECT_THAT(poisoned, HasSubstr("x-forwarded-host: shop.example\r\n"));
  EXPECT_THAT(poisoned, HasSubstr("\nforwarded: for=203.0.113.9;host=\"shop.example\";proto=http, for=198.51.100.8, "
                                  "for=198.51.100.7\r\n"));
  EXPECT_THAT(poisoned, Not(HasSubstr("evil")));
  EXPECT_THAT(poisoned, Not(HasSubstr("666")));
  EXPECT_THAT(poisoned, Not(HasSubstr("6.6.6.6")));
}

TEST_F(EdgeTest, AClientThatWaitsToSendItsBodyHearsTheOriginsRefusal) {
  world.add_server(1);
  start(World::one_pool(1));
  for (const int status : {417, 413, 401}) {
    world.server(1).behaviour = [=](const Asked& asked) {
      EXPECT_TRUE(asked.has("expect: 100-continue"));
      return Answer{.status = status, .when = Answer::When::head_only};
    };
    const std::string answer =
        ask("POST /in HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::to_string(status)));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    EXPECT_THAT(answer, Not(HasSubstr("100 Continue")));
  }
}

TEST_F(EdgeTest, AClientThatWaitsIsToldToGoOnWhenTheOriginSaysNothing) {
  world.add_server(1);
  start(World::one_pool(1));
  const TimePoint began = world.network.clock().now();
  Visitor visitor;
  visitors.spawn(send_after_continue(people, server->local(), visitor));
  world.network.run_until([&] { return visitor.closed; }, 1min);
  EXPECT_THAT(visitor.received, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
  EXPECT_EQ(world.server(1).last_asked.body, "hello");
  EXPECT_GE(world.network.clock().now() - began, 1s);
}

TEST_F(EdgeTest, NobodysExpectationIsPassedOnWhenTooManyWait) {
  world.add_server(1);
  start(World::one_pool(1));
  site->most_expecting = 0;
  Visitor visitor;
  visitors.spawn(send_after_continue(people, server->local(), visitor));
  world.network.run_until([&] { return visitor.closed; }, 1min);
  EXPECT_THAT(visitor.received, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
  EXPECT_FALSE(world.server(1).last_asked.has("expect"));
}

TEST_F(EdgeTest, AnOrderForgetsWhatItChanged) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked& asked) {
    return asked.method() == "GET" ? cacheable("stock: 1") : Answer{.body = "ordered"};
  };
  get("/product/1");
  ask("POST /product/1 HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(get("/product/1"), HasSubstr("fwd=uri-miss"));
}

}  // namespace
}  // namespace tenfold::edge
