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
  GuardJson get(std::string path) {
    return GuardJson::parse(part(path).answer({.method = "GET", .path = path, .query = {}, .body = {}}).body);
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
      {R"({"prefix": "nonsense", "reason": "r", "for": "1h"})", "expected a network"},
      {R"({"prefix": "192.0.2.1/24", "reason": "r", "for": "1h"})", "bits set behind its prefix"},
      {R"({"prefix": "0.0.0.0/0", "reason": "r", "for": "1h"})", "half of the world"},
      {R"({"prefix": "::/0", "reason": "r", "for": "1h"})", "half of the world"},
      {R"({"prefix": "192.0.2.1", "for": "1h"})", "reason"},
      {R"({"prefix": "192.0.2.1", "reason": ")" + std::string(201, 'r') + R"(", "for": "1h"})", "at most 200 bytes"},
      {R"({"prefix": "192.0.2.1", "reason": "r"})", "a duration"},
      {R"({"prefix": "192.0.2.1", "reason": "r", "for": 60})", "a duration"},
      {R"({"prefix": "192.0.2.1", "reason": "r", "for": "1"})", "a duration"},
      {R"({"prefix": "192.0.2.1", "reason": "r", "for": "999ms"})", "a duration"},
      {R"({"prefix": "192.0.2.1", "reason": "r", "for": "367d"})", "a duration"},
  };
  for (const auto& [body, expected] : wrong) {
    const auto answer = post("/api/v1/blocks", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(std::string(GuardJson::parse(answer.body)["error"]["expected"]), HasSubstr(expected)) << body;
  }
  EXPECT_EQ(post("/api/v1/blocks", R"({"prefix": "192.0.2.1", "reason": "r", "for": "1s"})").status, 200);
  EXPECT_EQ(post("/api/v1/blocks", R"({"prefix": "192.0.2.2", "reason": "r", "for": "366d"})").status, 200);
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

TEST_F(GuardListsPartTest, BeforeTheBrainIsThereItSaysSo) {
  GuardListsPart early(clock_);
  EXPECT_EQ(early.answer({.method = "GET", .path = "/api/v1/allowed", .query = {}, .body = {}}).status, 503);
}

}  // namespace
}  // namespace tenfold::app
