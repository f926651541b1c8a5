// The guard and those who ask for a shop without a person before a page: what they bring, and what they are met with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "edge/guarded_fixture.hpp"

namespace tenfold::edge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view post = " HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n";

class GuardAskersTest : public GuardedEdgeTest {
 protected:
  // The Cookie lines of a head that an origin got.
  static std::vector<std::string> cookie_lines(const Asked& asked) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; (at = asked.head.find("\r\nCookie: ", at)) != std::string::npos;) {
      at += 2;
      lines.push_back(asked.head.substr(at, asked.head.find("\r\n", at) - at));
    }
    return lines;
  }
};

// ---- our cookies ----

TEST_F(GuardAskersTest, AnOriginGetsTheShopsCookiesAndNoneOfOurs) {
  std::vector<std::string> lines;
  world.add_server(1).behaviour = [&](const Asked& asked) {
    lines = cookie_lines(asked);
    return Answer();
  };
  start_guarded(World::one_pool(1));
  get("/a", "Cookie: sid=1; tenfold_seen=2; theme=dark\r\nCookie: tenfold_clear=3\r\nCookie: tenfold_origin=4\r\n");
  EXPECT_THAT(lines, ElementsAre("Cookie: sid=1; theme=dark", "Cookie: tenfold_origin=4"));
  get("/a", "Cookie: tenfold_seen=2\r\n");
  EXPECT_THAT(lines, ElementsAre());
}

TEST_F(GuardAskersTest, OursMakeNoOtherPageOfWhatVariesByCookie) {
  world.add_server(1).behaviour = [](const Asked&) {
    return Answer{.body = "page", .fields = "Cache-Control: max-age=60\r\nVary: Cookie\r\n"};
  };
  start_guarded(World::one_pool(1), GuardMode::enforce, true);
  for (const char* visitor : {"", "Cookie: tenfold_seen=1\r\n", "Cookie: tenfold_seen=2; tenfold_clear=3\r\n"}) {
    EXPECT_THAT(get("/a", visitor), HasSubstr("page"));
  }
  EXPECT_EQ(world.server(1).requests(), 1);
  get("/a", "Cookie: sid=1; tenfold_seen=1\r\n");
  EXPECT_EQ(world.server(1).requests(), 2);
}

TEST_F(GuardAskersTest, AGoodCookieCountsWhateverStandsBeforeIt) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const std::string good = cookie(clear(get("/a")), "tenfold_clear");
  ASSERT_NE(good, "");
  const std::string bad = "tenfold_clear=" + std::string(good.size() - 14, '0');
  for (const std::string& cookies : {good + "; " + bad, bad + "; " + good, "tenfold_clear=; " + bad + "; " + good}) {
    EXPECT_THAT(get("/a", "Cookie: " + cookies + "\r\n"), StartsWith("HTTP/1.1 200")) << cookies;
  }
  EXPECT_THAT(get("/a", "Cookie: " + bad + "\r\n"), StartsWith("HTTP/1.1 503"));
}

// A bank's page leads back by a form of its own, with which browsers send no cookie that is for links only.
TEST_F(GuardAskersTest, WhoComesBackFromAPaymentIsKnown) {
  world.add_server(1);
  trusted.push_back(*net::IpNetwork::parse("198.51.100.0/24"));  // the visitors' own: so that they may come over TLS
  start_guarded(World::one_pool(1));
  const auto put_into_cart = [&](const std::string& fields) {
    return field(ask("POST /cart" + std::string(post) + fields + "\r\n"), "set-cookie");
  };
  const std::string from = "X-Forwarded-For: 203.0.113.5\r\n";
  EXPECT_THAT(put_into_cart(from + "X-Forwarded-Proto: https\r\n"), HasSubstr("; HttpOnly; SameSite=None; Secure"));
  EXPECT_THAT(put_into_cart(from), HasSubstr("; HttpOnly; SameSite=Lax"));  // there, no browser takes it else
  besiege();
  const std::string tls = from + "X-Forwarded-Proto: https\r\n";
  EXPECT_THAT(field(clear(get("/a", tls), "/a", tls), "set-cookie"), HasSubstr("; HttpOnly; SameSite=Lax; Secure"));
}

// ---- who cannot solve ----

TEST_F(GuardAskersTest, WhatMachinesAskInAdvanceIsNotChallenged) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  for (const char* path : {"/robots.txt", "/.well-known/acme-challenge/a-b", "/.well-known/security.txt"}) {
    EXPECT_THAT(get(path), StartsWith("HTTP/1.1 200")) << path;
  }
  EXPECT_EQ(gatekeeper->window().challenges_shown, 0u);
  for (const char* path : {"/robots.txt/a", "/a/robots.txt", "/.well-known", "/.well-known/../a", "/a/../robots.txt",
                           "/.well-known/%2e%2e/a", "/.well-known/%252e%252e/a", "/.well-known/x;/../../a"}) {
    EXPECT_THAT(get(path), StartsWith("HTTP/1.1 503")) << path;
  }
  EXPECT_THAT(ask("POST /.well-known/a" + std::string(post) + "\r\n"), StartsWith("HTTP/1.1 503"));
}

TEST_F(GuardAskersTest, APreflightIsNotChallengedSinceItBringsNoCookie) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const auto ask_options = [&](const std::string& fields) {
    return ask("OPTIONS /api/cart HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n" + fields + "\r\n");
  };
  const std::string origin = "Origin: https://www.shop.example\r\n";
  const std::string method = "Access-Control-Request-Method: POST\r\n";
  EXPECT_THAT(ask_options(origin + method), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask_options(origin), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(ask_options(method), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(get("/api/cart", origin + method), StartsWith("HTTP/1.1 503"));
}

TEST_F(GuardAskersTest, WhatIsOnAClientHoldsForWhatItAsksInAdvanceToo) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  auto measures = std::make_shared<Measures>();
  const std::uint64_t client = guard::client_key(*net::IpAddress::parse("198.51.100.7"));
  measures->insert({subject_of(guard::Level::client, guard::key_at(guard::Level::client, client)),
                    MeasureOn{.step = Step::refuse, .until = world.loop.now() + 60s}});
  state.measures = measures;
  besiege();
  EXPECT_THAT(get("/robots.txt"), StartsWith("HTTP/1.1 429"));
}

// ---- a balancer before the edge ----

TEST_F(GuardAskersTest, ABalancersOwnQuestionIsNotChallengedWithinAShare) {
  world.add_server(1).behaviour = [](const Asked& asked) {
    return Answer{.think = asked.target() == "/slow" ? 2s : 0s};
  };
  trusted.push_back(*net::IpNetwork::parse("198.51.100.7"));
  start_guarded(World::one_pool(1));
  besiege();
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
  const std::string visitors = "X-Forwarded-For: 203.0.113.5\r\n";
  EXPECT_THAT(get("/a", visitors), StartsWith("HTTP/1.1 503"));
  // One that names nobody is no way past the challenge for all its visitors.
  for (int i = 0; i < 2; ++i) get("/slow");
  EXPECT_THAT(get("/a"), StartsWith("HTTP/1.1 503"));
}

TEST_F(GuardAskersTest, WhoIsNoBalancerOfOursIsChallenged) {
  world.add_server(1);
  trusted.push_back(*net::IpNetwork::parse("198.51.100.8"));
  start_guarded(World::one_pool(1));
  besiege();
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 503"));
}

}  // namespace
}  // namespace tenfold::edge
