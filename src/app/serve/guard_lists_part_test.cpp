#include "app/serve/guard_lists_part.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "app/serve/guard_json.hpp"
#include "app/serve/guard_part.hpp"
#include "edge/brain/brain.hpp"
#include "origin/directory.hpp"

namespace tenfold::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class GuardListsPartTest : public testing::Test {
 protected:
  GuardListsPartTest() {
    origin::Settings settings;
    settings.pools.push_back({.name = "eu", .region = "eu", .servers = {{.host = "10.0.0.1", .port = 80}}});
    directory_ = std::move(*origin::Directory::make(settings, clock_));
    brain_ = std::make_unique<edge::Brain>(edge::Brain::Setup{
        .clock = clock_, .directory = *directory_, .meter = {.secret = {3, 4}}, .secret = "0123456789abcdef"});
    brain_->set_rules(std::make_shared<const edge::GuardRules>(), 32);
    lists_.set(*brain_);
    guard_.set(*brain_);
  }
  console::ApiPart::Answer post(std::string path, std::string body) {
    auto answer = part(path).answer({.method = "POST", .path = path, .query = {}, .body = std::move(body)});
    pass();
    return answer;
  }
  GuardJson get(std::string path, std::string query = {}) {
    return GuardJson::parse(part(path).answer({.method = "GET", .path = path, .query = query, .body = {}}).body);
  }
  console::ApiPart& part(std::string_view path) {
    if (path == "/api/v1/blocks/lift") return guard_;
    return lists_;
  }
  GuardJson blocks() {
    return GuardJson::parse(guard_.answer({.method = "GET", .path = "/api/v1/blocks", .query = {}, .body = {}}).body);
  }
  void pass(Duration length = 100ms) {
    clock_.advance(length);
    if (auto policy = brain_->step({})) policy_ = std::move(policy);
  }
  bool denies(std::string_view address) const {
    const auto& lists = policy_->state->lists;
    return lists != nullptr && lists->deny.contains(*net::IpAddress::parse(address));
  }

  ManualClock clock_;
  std::unique_ptr<origin::Directory> directory_;
  std::unique_ptr<edge::Brain> brain_;
  GuardListsPart lists_{clock_};
  GuardPart guard_{clock_};
  std::shared_ptr<const edge::GuardPolicy> policy_;
};

TEST_F(GuardListsPartTest, WhatTheOwnerBlocksIsInForceUntilItsTimeIsOver) {
  ASSERT_EQ(post("/api/v1/blocks", R"({"prefix": "192.0.2.0/24", "reason": "scrapes", "for": "1h"})").status, 200);
  EXPECT_TRUE(denies("192.0.2.9"));
  EXPECT_FALSE(denies("192.0.3.9"));
  const GuardJson shown = blocks()["blocks"][0];
  EXPECT_EQ(shown["prefix"], "192.0.2.0/24");
  EXPECT_EQ(shown["by"], "owner");
  EXPECT_EQ(shown["reason"], "scrapes");
  EXPECT_EQ(shown["ends_in_s"], 3599.9);
  pass(1h - 200ms);
  EXPECT_TRUE(denies("192.0.2.9"));
  pass();
  EXPECT_FALSE(denies("192.0.2.9"));
  EXPECT_TRUE(blocks()["blocks"].empty());
}

TEST_F(GuardListsPartTest, TheAnswerSaysWhetherTheBlockActs) {
  for (const auto mode : {edge::GuardMode::observe, edge::GuardMode::enforce}) {
    auto rules = std::make_shared<edge::GuardRules>();
    rules->mode = mode;
    brain_->set_rules(rules, 32);
    pass();
    const auto answer = GuardJson::parse(
        post("/api/v1/blocks", R"({"prefix": "192.0.2.0/24", "reason": "scrapes", "for": "1h"})").body);
    EXPECT_EQ(answer["acts"], mode == edge::GuardMode::enforce);
    EXPECT_EQ(answer.contains("because"), mode != edge::GuardMode::enforce);
  }
}

// shop.yaml's lists: a scraper's network denied, an office in it and a payment service's paths let be.
std::shared_ptr<const edge::GuardRules> rules_of_the_file() {
  auto rules = std::make_shared<edge::GuardRules>();
  rules->mode = edge::GuardMode::enforce;
  const auto network = [](const char* text) { return *net::IpNetwork::parse(text); };
  rules->deny = guard::AllowRules({{.name = "scrapers", .networks = {network("192.0.2.0/24")}, .paths = {}}}, {});
  rules->allow = guard::AllowRules(
      {{.name = "office", .networks = {network("192.0.2.16/28")}, .paths = {}},
       {.name = "payment", .networks = {network("198.51.100.0/24")}, .paths = {{"POST", "/hooks/pay"}}}},
      {});
  return rules;
}

TEST_F(GuardListsPartTest, ABlockOfWhomTheOwnerLetsBeDoesNotAct) {
  brain_->set_rules(rules_of_the_file(), 32);
  pass();
  const auto block = [&](const std::string& prefix) {
    return GuardJson::parse(
        post("/api/v1/blocks", R"({"prefix": ")" + prefix + R"(", "reason": "r", "for": "1h"})").body);
  };
  const GuardJson office = block("192.0.2.17");
  EXPECT_EQ(office["acts"], false);
  EXPECT_THAT(std::string(office["because"]), HasSubstr("guard.allow \"office\""));
  EXPECT_EQ(blocks()["blocks"][0]["acts"], false);
  // a part of it, or some paths: it acts on the rest
  const GuardJson around = block("192.0.2.0/27");
  EXPECT_EQ(around["acts"], true);
  EXPECT_THAT(std::string(around["except"]), HasSubstr("guard.allow \"office\""));
  const GuardJson payment = block("198.51.100.7");
  EXPECT_EQ(payment["acts"], true);
  EXPECT_THAT(std::string(payment["except"]), HasSubstr("guard.allow \"payment\", at its paths"));
  EXPECT_FALSE(block("203.0.113.7").contains("except"));
  // nor does one of whom the API's list lets be, from the moment that it does
  ASSERT_TRUE(brain_->add(&guard::OwnerEntries::allow, {.network = *net::IpNetwork::parse("203.0.113.0/24"),
                                                        .reason = "a partner",
                                                        .added = clock_.wall_now(),
                                                        .ends = clock_.wall_now() + 1h}));
  const GuardJson partner = block("203.0.113.8");
  EXPECT_EQ(partner["acts"], false);
  EXPECT_THAT(std::string(partner["because"]), HasSubstr("POST /api/v1/allowed of 203.0.113.0/24"));
}

TEST_F(GuardListsPartTest, WhomTheOwnersListHoldsIsNotLiftedOtherwiseAndSaysSo) {
  brain_->set_rules(rules_of_the_file(), 32);
  pass();
  const auto lift = [&](const std::string& prefix) {
    return post("/api/v1/blocks/lift", R"({"prefix": ")" + prefix + R"("})");
  };
  const auto in_file = lift("192.0.2.7");
  EXPECT_EQ(in_file.status, 409);
  EXPECT_THAT(in_file.body, HasSubstr(R"(guard.deny \"scrapers\")"));
  EXPECT_THAT(std::string(GuardJson::parse(in_file.body)["error"]["expected"]), HasSubstr("shop.yaml"));
  // in an entry of the API's that is wider
  post("/api/v1/blocks", R"({"prefix": "203.0.113.0/24", "reason": "copies", "for": "1h"})");
  const auto in_entry = lift("203.0.113.7");
  EXPECT_EQ(in_entry.status, 409);
  EXPECT_THAT(std::string(GuardJson::parse(in_entry.body)["error"]["expected"]), HasSubstr("203.0.113.0/24"));
  EXPECT_EQ(lift("203.0.113.0/24").status, 200);
  // the API's entry goes, the file's stays
  post("/api/v1/blocks", R"({"prefix": "192.0.2.7", "reason": "copies", "for": "1h"})");
  const auto still = GuardJson::parse(lift("192.0.2.7").body);
  EXPECT_EQ(still["lifted"], "192.0.2.7");
  EXPECT_THAT(std::string(still["still"]), HasSubstr("guard.deny \"scrapers\""));
  // nothing is done about whom the owner lets be, and that is why
  EXPECT_EQ(lift("192.0.2.17").status, 404);
  EXPECT_THAT(lift("192.0.2.17").body, HasSubstr(R"(let be by guard.allow \"office\")"));
  EXPECT_EQ(lift("203.0.113.9").status, 404);
}

TEST_F(GuardListsPartTest, OfEachClientItIsSaidWhatTheOwnersListsSay) {
  brain_->set_rules(rules_of_the_file(), 32);
  post("/api/v1/blocks", R"({"prefix": "203.0.113.9", "reason": "copies our prices", "for": "1h"})");
  edge::WindowExchange exchange({.secret = {3, 4}});
  const auto asks = [&](const char* address) {
    exchange.filling().meter.add(*net::IpAddress::parse(address), {.origin_us = 500'000, .requests = 10});
  };
  for (const char* address : {"192.0.2.7", "192.0.2.17", "198.51.100.7", "203.0.113.9", "203.0.114.9"}) asks(address);
  // and many, none of them heavy, in networks that are
  for (std::uint32_t i = 32; i < 132; ++i) {
    for (const std::uint32_t network : {0xc0000200u, 0xcb007100u}) {
      exchange.filling().meter.add(net::IpAddress::v4(network + i), {.requests = 1});
    }
  }
  clock_.advance(100ms);
  ASSERT_TRUE(exchange.hand_over(clock_.now()));
  edge::WindowExchange* const exchanges[] = {&exchange};
  brain_->step(exchanges);

  const GuardJson shown =
      GuardJson::parse(guard_.answer({.method = "GET", .path = "/api/v1/clients", .query = {}, .body = {}}).body);
  const auto of = [&](std::string_view kind, std::string_view prefix) {
    for (const GuardJson& each : shown[std::string(kind)]) {
      if (each["prefix"] == prefix) return each;
    }
    return GuardJson();
  };
  const GuardJson denied = of("clients", "192.0.2.7");
  EXPECT_EQ(denied["by"], "owner");
  EXPECT_EQ(denied["step"], "refuse");
  EXPECT_EQ(denied["why"], "denied by guard.deny \"scrapers\"");
  EXPECT_EQ(denied["standing"], "suspect");
  const GuardJson allowed = of("clients", "192.0.2.17");
  EXPECT_EQ(allowed["by"], "owner");
  EXPECT_EQ(allowed["step"], "serve");
  EXPECT_EQ(allowed["why"], "let be by guard.allow \"office\"");
  EXPECT_EQ(allowed["standing"], "allowed");
  const GuardJson payment = of("clients", "198.51.100.7");
  EXPECT_EQ(payment["by"], nullptr);
  EXPECT_EQ(payment["step"], "serve");
  EXPECT_EQ(payment["why"], "some of it is let be by guard.allow \"payment\", at its paths");
  EXPECT_EQ(payment["standing"], nullptr);
  const GuardJson blocked = of("clients", "203.0.113.9");
  EXPECT_EQ(blocked["step"], "refuse");
  EXPECT_THAT(std::string(blocked["why"]), HasSubstr("POST /api/v1/blocks of 203.0.113.9, until "));
  EXPECT_THAT(std::string(blocked["why"]), HasSubstr(": copies our prices"));
  EXPECT_EQ(of("clients", "203.0.114.9")["why"], nullptr);
  // and of their networks
  EXPECT_EQ(of("networks", "192.0.2.0/24")["step"], "refuse");
  EXPECT_THAT(std::string(of("networks", "192.0.2.0/24")["why"]), HasSubstr("some of it is let be by guard.allow"));
  EXPECT_THAT(std::string(of("networks", "203.0.113.0/24")["why"]), HasSubstr("some of its addresses are denied"));
}

TEST_F(GuardListsPartTest, ItIsLiftedAsWhatTheGuardDoesIs) {
  post("/api/v1/blocks", R"({"prefix": "192.0.2.7", "reason": "scrapes", "for": "1h"})");
  ASSERT_TRUE(denies("192.0.2.7"));
  EXPECT_EQ(post("/api/v1/blocks/lift", R"({"prefix": "192.0.2.7"})").status, 200);
  EXPECT_FALSE(denies("192.0.2.7"));
  EXPECT_EQ(post("/api/v1/blocks/lift", R"({"prefix": "192.0.2.7"})").status, 404);
}

TEST_F(GuardListsPartTest, WhomTheOwnerLetsBeIsListedAndTakenOff) {
  ASSERT_EQ(post("/api/v1/allowed", R"({"prefix": "2001:db8::/48", "reason": "a partner", "for": "7d"})").status, 200);
  EXPECT_TRUE(policy_->state->lists->allow.contains(*net::IpAddress::parse("2001:db8::1")));
  EXPECT_EQ(get("/api/v1/allowed")["allowed"][0]["prefix"], "2001:db8::/48");
  EXPECT_EQ(post("/api/v1/allowed/remove", R"({"prefix": "2001:db8::/48"})").status, 200);
  EXPECT_EQ(policy_->state->lists, nullptr);
  EXPECT_EQ(post("/api/v1/allowed/remove", R"({"prefix": "2001:db8::/48"})").status, 404);
}

TEST_F(GuardListsPartTest, WhatIsWrongIsSaidWithWhatWasExpected) {
  const std::pair<std::string, std::string> wrong[] = {
      {"", "prefix"},
      {"[]", "prefix"},
      {R"({"prefix": 7})", "prefix"},
      {R"({"prefix": "nonsense", "reason": "r", "for": "1h"})", "a network such as"},
      {R"({"prefix": "192.0.2.1/24", "reason": "r", "for": "1h"})", "bits set behind its prefix"},
      {R"({"prefix": "0.0.0.0/0", "reason": "r", "for": "1h"})", "half of the world"},
      {R"({"prefix": "::/0", "reason": "r", "for": "1h"})", "half of the world"},
      {R"({"prefix": "192.0.2.1", "for": "1h"})", "reason"},
      {R"({"prefix": "192.0.2.1", "reason": ")" + std::string(201, 'r') + R"(", "for": "1h"})", "at most 200 bytes"},
      {R"({"prefix": "192.0.2.1", "reason": "a\nlevel=error", "for": "1h"})", "on one line"},
      {R"({"prefix": "192.0.2.1", "reason": "a\u001b[2J", "for": "1h"})", "on one line"},
      {R"({"prefix": "192.0.2.1", "reason": "a\u007f", "for": "1h"})", "on one line"},
      {R"({"prefix": "192.0.2.1", "reason": "a\u0085b", "for": "1h"})", "on one line"},
      {R"({"prefix": "192.0.2.1", "reason": "r"})", "a duration"},
      {R"({"prefix": "192.0.2.1", "reason": "r", "for": 60})", "a duration"},
      {R"({"prefix": "192.0.2.1", "reason": "r", "for": "1"})", "a duration"},
      {R"({"prefix": "192.0.2.1", "reason": "r", "for": "999ms"})", "a duration"},
      {R"({"prefix": "192.0.2.1", "reason": "r", "for": "367d"})", "a duration"},
  };
  for (const auto& [body, expected] : wrong) {
    const auto answer = post("/api/v1/blocks", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(post("/api/v1/allowed", body).status, 400) << body;
    const std::string said = GuardJson::parse(answer.body)["error"]["expected"];
    EXPECT_THAT(said, HasSubstr(expected)) << body;
    EXPECT_FALSE(said.starts_with("expected")) << body;
  }
  EXPECT_EQ(post("/api/v1/blocks", R"({"prefix": "192.0.2.1", "reason": "r", "for": "1s"})").status, 200);
  EXPECT_EQ(post("/api/v1/blocks", R"({"prefix": "192.0.2.2", "reason": "für später", "for": "366d"})").status, 200);
}

TEST_F(GuardListsPartTest, AFullListSaysSo) {
  for (std::uint32_t i = 0; i < guard::OwnerLists::most_entries; ++i) {
    ASSERT_TRUE(brain_->add(&guard::OwnerEntries::deny,
                            {.network = *net::IpNetwork::parse(net::IpAddress::v4(0x0a000000 + i).text()),
                             .reason = "r",
                             .added = clock_.wall_now(),
                             .ends = clock_.wall_now() + 1h}));
  }
  EXPECT_EQ(post("/api/v1/blocks", R"({"prefix": "192.0.2.1", "reason": "r", "for": "1h"})").status, 409);
}

TEST_F(GuardListsPartTest, TheGuardsStepsAreShownTheLastFirst) {
  pass();
  EXPECT_EQ(get("/api/v1/blocks/audit")["steps_total"], 0);
  brain_->lift(guard::Prefix::of(*net::IpAddress::parse("192.0.2.7"), guard::Level::client));
  brain_->lift(guard::Prefix::of(*net::IpAddress::parse("192.0.2.0"), guard::Level::network));
  pass();
  const GuardJson audit = get("/api/v1/blocks/audit");
  ASSERT_EQ(audit["steps"].size(), 2u);
  EXPECT_EQ(audit["steps_total"], 2);
  EXPECT_EQ(audit["steps"][0]["prefix"], "192.0.2.0/24");
  EXPECT_EQ(audit["steps"][1]["prefix"], "192.0.2.7");
  EXPECT_THAT(std::string(audit["steps"][1]["reason"]), HasSubstr("lifted by the owner"));
}

TEST_F(GuardListsPartTest, TheStepsOfANightAreFoundByNumberAndByWhomTheyConcern) {
  pass();
  constexpr std::uint32_t steps = 1500;
  for (std::uint32_t i = 0; i < steps; ++i) {
    brain_->lift(guard::Prefix::of(net::IpAddress::v4(0x0a000000 + i * 256), guard::Level::client));
    if (i % 100 == 99) pass();
  }
  const GuardJson newest = get("/api/v1/blocks/audit");
  EXPECT_EQ(newest["steps_total"], steps);
  ASSERT_EQ(newest["steps"].size(), 200u);
  EXPECT_EQ(newest["steps"][0]["number"], steps - 1);
  const GuardJson page = get("/api/v1/blocks/audit", "before=1300&limit=1000");
  ASSERT_EQ(page["steps"].size(), 1000u);
  EXPECT_EQ(page["steps"][0]["number"], 1299);
  EXPECT_EQ(page["steps"][999]["number"], 300);
  EXPECT_EQ(get("/api/v1/blocks/audit", "since=1498")["steps"].size(), 2u);
  EXPECT_EQ(get("/api/v1/blocks/audit", "since=1500")["steps"].size(), 0u);
  const GuardJson of_one = get("/api/v1/blocks/audit", "prefix=10.0.2.0");
  ASSERT_EQ(of_one["steps"].size(), 1u) << "an early one";
  EXPECT_EQ(of_one["steps"][0]["prefix"], "10.0.2.0");
  EXPECT_EQ(get("/api/v1/blocks/audit", "prefix=10.0.0.0%2F22")["steps"].size(), 4u);
  for (const std::string wrong : {"since=x", "limit=1001", "before=-1", "prefix=shop", "prefix=%zz"}) {
    EXPECT_EQ(lists_.answer({.method = "GET", .path = "/api/v1/blocks/audit", .query = wrong, .body = {}}).status, 400)
        << wrong;
  }
}

TEST_F(GuardListsPartTest, BeforeTheBrainIsThereItSaysSo) {
  GuardListsPart early(clock_);
  EXPECT_EQ(early.answer({.method = "GET", .path = "/api/v1/allowed", .query = {}, .body = {}}).status, 503);
}

}  // namespace
}  // namespace tenfold::app
