// What the edge and the cache do together, in a simulated network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "edge/edge_fixture.hpp"

namespace tenfold::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

using CachingTest = EdgeTest;

// Two servers with different file times: one's answer about the other's page is no answer about what is stored.
TEST_F(CachingTest, ARefreshThatIsAnsweredAboutAnotherVersionFetchesTheWhole) {
  world.add_server(1);
  start(World::one_pool(1));
  const std::string control = "Cache-Control: max-age=1, stale-while-revalidate=60\r\n";
  world.server(1).behaviour = [&](const Asked& asked) {
    if (asked.has("If-None-Match")) return Answer{.raw = "HTTP/1.1 304 X\r\nETag: \"v2\"\r\n\r\n"};
    if (asked.has("if-none-match")) return Answer{.raw = "HTTP/1.1 304 X\r\nETag: \"v2\"\r\n\r\n"};
    const int version = world.server(1).requests() == 0 ? 1 : 2;
    return Answer{.body = "version " + std::to_string(version),
                  .fields = control + "ETag: \"v" + std::to_string(version) + "\"\r\n"};
  };
  get("/");
  world.network.advance(5s);
  EXPECT_THAT(get("/"), HasSubstr("version 1"));
  world.network.run_until([&] { return site->background.running() == 0; }, 1min);
  EXPECT_EQ(world.server(1).requests(), 3);
  const std::string after = get("/");
  EXPECT_THAT(after, HasSubstr("version 2"));
  EXPECT_THAT(after, HasSubstr("Tenfold; hit"));
}

TEST_F(CachingTest, AfterAFailedRefreshAnAnswerAboutAnotherVersionFetchesTheWhole) {
  world.add_server(1);
  start(World::one_pool(1));
  int asked_times = 0;
  world.server(1).behaviour = [&](const Asked&) {
    switch (++asked_times) {
      case 1: return cacheable("version 1", "max-age=1");
      case 2: return Answer{.status = 500};
      case 3: return Answer{.raw = "HTTP/1.1 304 X\r\nETag: \"v2\"\r\n\r\n"};
      default: return cacheable("version 2");
    }
  };
  get("/");
  world.network.advance(5s);
  EXPECT_THAT(get("/"), HasSubstr("version 1"));
  world.network.advance(5s);
  EXPECT_THAT(get("/"), HasSubstr("version 1"));
  world.network.run_until([&] { return site->background.running() == 0; }, 1min);
  EXPECT_THAT(get("/"), HasSubstr("version 2"));
  EXPECT_EQ(asked_times, 4);
}

TEST_F(CachingTest, TheRefreshForAnOldClientWithoutHostSaysTheHostThatTheFirstFetchSaid) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return cacheable("page", "max-age=1, stale-while-revalidate=60"); };
  ask("GET / HTTP/1.0\r\n\r\n");
  const std::string first = world.server(1).last_asked.head;
  world.network.advance(5s);
  EXPECT_THAT(ask("GET / HTTP/1.0\r\n\r\n"), HasSubstr("page"));
  world.network.run_until([&] { return site->background.running() == 0; }, 1min);
  EXPECT_EQ(world.server(1).requests(), 2);
  EXPECT_TRUE(world.server(1).last_asked.has("ost: 192.0.2.1\r\n")) << world.server(1).last_asked.head;
  EXPECT_THAT(first, HasSubstr("ost: 192.0.2.1\r\n"));
}

TEST_F(CachingTest, A304ThatNobodyAskedForGoesOnAndIsNotKept) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) { return Answer{.raw = "HTTP/1.1 304 X\r\nETag: \"a\"\r\n\r\n"}; };
  EXPECT_THAT(get("/"), HasSubstr("HTTP/1.1 304"));
  world.server(1).behaviour = [](const Asked&) { return cacheable("page"); };
  EXPECT_THAT(get("/"), HasSubstr("page"));
}

TEST_F(CachingTest, AGetWithABodyNeitherReadsNorFillsTheCache) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked& asked) {
    return cacheable(asked.has("ength: 4") ? "for one" : "for all");
  };
  const auto with = [&](const std::string& fields, const std::string& body) {
    return ask("GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n" + fields + "\r\n" + body);
  };
  EXPECT_THAT(with("Content-Length: 4\r\n", "evil"), HasSubstr("for one"));
  EXPECT_THAT(get("/"), HasSubstr("for all"));
  EXPECT_THAT(with("Content-Length: 4\r\n", "evil"), HasSubstr("for one"));
  EXPECT_THAT(with("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n\r\n"), Not(HasSubstr("Tenfold; hit")));
  EXPECT_THAT(with("Content-Length: 0\r\n", ""), HasSubstr("Tenfold; hit"));
  EXPECT_THAT(get("/"), HasSubstr("for all"));
}

TEST_F(CachingTest, ACookieThatComesWithA304IsForWhoAsked) {
  world.add_server(1);
  start(World::one_pool(1));
  int asked_times = 0;
  world.server(1).behaviour = [&](const Asked&) {
    if (++asked_times != 2) return cacheable("page", "max-age=1");
    return Answer{.raw = "HTTP/1.1 304 X\r\nETag: \"v1\"\r\nSet-Cookie: id=1\r\nSet-Cookie: b=2\r\n\r\n"};
  };
  get("/");
  world.network.advance(5s);
  const std::string own = get("/");
  EXPECT_THAT(own, HasSubstr("page"));
  EXPECT_THAT(own, HasSubstr("Set-Cookie: id=1\r\n"));
  EXPECT_THAT(own, HasSubstr("Set-Cookie: b=2\r\n"));
  EXPECT_THAT(get("/"), Not(HasSubstr("Set-Cookie")));
}

TEST_F(CachingTest, OurOwnFieldsFromAnOriginReachNobody) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked&) {
    Answer answer = cacheable("page");
    answer.fields += "Tenfold-Challenge: v1\r\nTENFOLD-Else: 1\r\n";
    return answer;
  };
  EXPECT_THAT(get("/"), Not(HasSubstr("hallenge")));
  const std::string hit = get("/");
  EXPECT_THAT(hit, HasSubstr("Tenfold; hit"));
  EXPECT_THAT(hit, Not(HasSubstr("hallenge")));
  EXPECT_THAT(hit, Not(HasSubstr("TENFOLD-Else")));
}

TEST_F(CachingTest, AVariantIsWhatTheOriginWasSent) {
  world.add_server(1);
  start(World::one_pool(1));
  world.server(1).behaviour = [](const Asked& asked) {
    Answer answer = cacheable(asked.has("anguage: de") ? "deutsch" : "english");
    answer.fields += "Vary: Accept-Language\r\n";
    return answer;
  };
  const std::string spoil =
      "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close, Accept-Language\r\n"
      "Accept-Language: de\r\n\r\n";
  EXPECT_THAT(ask(spoil), HasSubstr("english"));
  EXPECT_THAT(get("/", "Accept-Language: de\r\n"), HasSubstr("deutsch"));
  EXPECT_THAT(ask(spoil), HasSubstr("english"));
}

TEST_F(CachingTest, AnAnswerThatVariesByWhatWeTellOfTheClientIsNotKept) {
  world.add_server(1);
  start(World::one_pool(1));
  std::string vary;
  world.server(1).behaviour = [&](const Asked&) {
    Answer answer = cacheable("for you");
    answer.fields += "Vary: " + vary + "\r\n";
    return answer;
  };
  for (const char* name : {"X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"}) {
    vary = name;
    get(std::string("/") + name);
    EXPECT_THAT(get(std::string("/") + name), Not(HasSubstr("Tenfold; hit"))) << name;
  }
  vary = "X-Forwarded-Proto";
  get("/scheme");
  EXPECT_THAT(get("/scheme"), HasSubstr("Tenfold; hit"));
}

}  // namespace
}  // namespace tenfold::edge
