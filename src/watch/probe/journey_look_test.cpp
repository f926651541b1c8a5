#include <fmt/format.h>

#include "watch/probe/test_world.hpp"

namespace tenfold::watch {
namespace {

// A shop as far as a journey sees it: front page → product → basket → checkout.
class JourneyTest : public ProberWorld {
 protected:
  TestReply answer(const std::string& request) {
    const bool has_cookie = request.find("Cookie: session=abc") != std::string::npos;
    if (request.starts_with("GET / ")) {
      return page("<a href=\"/product/42\">Tea</a>", 200, "Set-Cookie: session=abc; Path=/\r\nX-Token: t+k/n=\r\n");
    }
    if (!has_cookie) return page("who are you", 403);
    if (request.starts_with("GET /product/42 ")) return page(R"({"item": {"id": 42, "name": "Tea"}})");
    if (request.starts_with("POST /basket ")) {
      return page(request.ends_with("item=42&token=t%2Bk%2Fn%3D") ? "in the basket" : "no", 200);
    }
    if (request.starts_with("GET /checkout") && request.find("X-Item: 42\r\n") != std::string::npos) {
      return page("Pay now");
    }
    return page("", 404);
  }
  JourneyProbe journey(const std::string& base) {
    return {.steps = {
                {.name = "front page",
                 .http = {.url = base + "/"},
                 .capture = {{.name = "product", .matches = "href=\"([^\"]+)\">Tea"},
                             {.name = "token", .header = "X-Token"}}},
                {.name = "product",
                 .http = {.url = base + "{product}"},
                 .capture = {{.name = "id", .pointer = "/item/id"}}},
                {.name = "basket",
                 .http = {.url = base + "/basket",
                          .method = "POST",
                          .body = "item={id}&token={token:url}",
                          .expect = {.text = "in the basket"}}},
                {.name = "checkout",
                 .http = {.url = base + "/checkout?of={id}",
                          .headers = {{"X-Item", "{id}"}},
                          .expect = {.text = "Pay now"}}},
            }};
  }
  TestServer server_{*poller_, [this](const std::string& request) { return answer(request); }};
  std::string base() { return fmt::format("http://127.0.0.1:{}", server_.port()); }
};

TEST_F(JourneyTest, WalksTheShopWithValuesAndCookies) {
  const CheckResult result = look(journey(base()));
  expect_good(result);
  EXPECT_EQ(server_.requests().size(), 4u);
  EXPECT_GE(result.phases.total, result.phases.connect + result.phases.first_byte);
  // Each run begins with an empty jar.
  expect_good(look(journey(base())));
  EXPECT_EQ(server_.requests()[4].find("Cookie"), std::string::npos);
}

// As the shield does when a basket is a deed: its answer has the cookie anew, under the name that the watch came with.
TEST_F(JourneyTest, ItsOwnCookieStaysWithItsRequestAlsoWhenAnAnswerSetsIt) {
  TestServer other(*poller_, [](const std::string&) { return page("elsewhere"); });
  TestServer shop(*poller_, [](const std::string&) {
    return page("", 200,
                "Set-Cookie: tenfold_seen=renewed; Path=/; HttpOnly\r\nSet-Cookie: sid=1; Path=/\r\n"
                "Set-Cookie: tenfold_seen=deeper; Path=/basket\r\n");
  });
  options_.own_cookie = [&](const Destination& to) {
    return to.port == shop.port() ? std::string("tenfold_seen=own") : std::string();
  };
  JourneyProbe probe;
  for (TestServer* server : {&shop, &other, &shop}) {
    probe.steps.push_back({.name = "step", .http = {.url = server->url("/basket")}});
  }
  expect_good(look(probe));
  EXPECT_THAT(other.requests().front(), HasSubstr("\r\nCookie: sid=1\r\n"));
  EXPECT_THAT(shop.requests()[1], HasSubstr("\r\nCookie: sid=1; tenfold_seen=own\r\n"));
}

// What is captured is the word of the site that is watched: it may lead anywhere, but with nothing of the owner's.
TEST_F(JourneyTest, ACapturedAddressIsToldNoSecrets) {
  TestServer other(*poller_, [](const std::string&) { return page("elsewhere"); });
  std::string next = other.url("/next");
  TestServer shop(*poller_, [&](const std::string&) { return page("", 200, "X-Next: " + next + "\r\n"); });
  const JourneyProbe probe{
      .steps = {{.name = "front", .http = {.url = shop.url()}, .capture = {{.name = "next", .header = "X-Next"}}},
                {.name = "next",
                 .http = {.url = "{next}", .headers = {{"X-Api-Key", "secret"}, {"Accept-Language", "de"}}}}}};
  expect_good(look(probe));
  EXPECT_THAT(other.requests().back(), ::testing::Not(HasSubstr("secret")));
  EXPECT_THAT(other.requests().back(), HasSubstr("Accept-Language: de"));
  next = shop.url("/basket");
  expect_good(look(probe));
  EXPECT_THAT(shop.requests().back(), HasSubstr("X-Api-Key: secret")) << "a step names that origin itself";
}

TEST_F(JourneyTest, CapturesAreReadInThePagesCharset) {
  std::string charset = "iso-8859-1";
  TestServer shop(*poller_, [&](const std::string& request) {
    if (request.starts_with("GET /tea")) return page("tea");
    return page("\xfc=/tea;", 200, "Content-Type: text/html; charset=" + charset + "\r\n");
  });
  const JourneyProbe probe{
      .steps = {{.name = "front", .http = {.url = shop.url()}, .capture = {{.name = "tea", .matches = "ü=([^;]+);"}}},
                {.name = "tea", .http = {.url = shop.url("{tea}"), .expect = {.text = "tea"}}}}};
  expect_good(look(probe));
  charset = "klingon";
  expect_failed(look(probe), Cause::content,
                "front: for {tea}: the page is written in \"klingon\", which is not known");
}

TEST_F(JourneyTest, NamesTheStepThatFails) {
  JourneyProbe probe = journey(base());
  probe.steps[2].http.expect.text = "paid";
  expect_failed(look(probe), Cause::content, "basket: the text \"paid\" is not in the page");
  EXPECT_EQ(server_.requests().size(), 3u);
  probe = journey(base());
  probe.steps[3].http.url = base() + "/nowhere";
  expect_failed(look(probe), Cause::status, "checkout: status 404, expected 200-399");
}

TEST_F(JourneyTest, CapturesThatFail) {
  JourneyProbe probe = journey(base());
  probe.steps[0].capture[0].matches = "href=\"([^\"]+)\">Coffee";
  expect_failed(look(probe), Cause::content,
                "front page: for {product}: nothing in the page matches \"href=\"([^\"]+)\">Coffee\"");
  probe = journey(base());
  probe.steps[1].capture[0].pointer = "/item/price";
  expect_failed(look(probe), Cause::content, "product: for {id}: the JSON has nothing at \"/item/price\"");
  probe = journey(base());
  probe.steps[2].http.body = "{nothing}";
  expect_failed(look(probe), Cause::content, "basket: no earlier step has captured {nothing}");
}

TEST_F(JourneyTest, EachStepHasTheTimeOut) {
  TestServer slow(*poller_, [](const std::string& request) {
    return request.starts_with("GET /three ") ? TestReply{} : page("next");
  });
  JourneyProbe probe;
  for (const char* name : {"one", "two", "three"}) {
    probe.steps.push_back({.name = name, .http = {.url = slow.url(fmt::format("/{}", name))}});
  }
  expect_failed(look(probe, 100ms), Cause::timeout,
                MatchesRegex("three: no answer within 100 ms: connected after .*s, then silence"));
}

TEST_F(JourneyTest, AJourneyOfNoStepsIsGood) { expect_good(look(JourneyProbe{})); }

}  // namespace
}  // namespace tenfold::watch
