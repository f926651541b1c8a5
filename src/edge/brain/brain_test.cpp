// The brain on windows made by hand: what it decides, and when.
#include "edge/brain/brain.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/sha256.hpp"
#include "edge/identify/standing.hpp"
#include "guard/kernel/test_table.hpp"
#include "guard/token/tokens.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using guard::Standing;
using guard::judging::Posture;
using guard::ladder::StrangersNeed;

class BrainTest : public testing::Test {
 protected:
  BrainTest() {
    origin::Settings settings;
    settings.pools.push_back({.name = "eu", .region = "eu", .servers = {{.host = "10.0.0.1", .port = 80}}});
    directory = std::move(*origin::Directory::make(settings, clock));
    make_brain();
  }
  void make_brain() {
    brain.emplace(Brain::Setup{.clock = clock,
                               .directory = *directory,
                               .meter = meter,
                               .secret = "0123456789abcdef",
                               .set_room_rate = [this](double rate) { room_rate = rate; }});
    set_mode(GuardMode::enforce);
  }
  void make_brain_on(guard::kernel::TestKernel& kernel) {
    auto table = std::make_unique<guard::kernel::TestTable>(kernel);
    brain.emplace(Brain::Setup{.clock = clock,
                               .directory = *directory,
                               .meter = meter,
                               .secret = "0123456789abcdef",
                               .kernel = std::make_unique<guard::kernel::KernelBlocks>(std::move(table), clock.now())});
  }
  void set_mode(GuardMode mode) {
    auto rules = std::make_shared<GuardRules>();
    rules->mode = mode;
    brain->set_rules(std::move(rules), 32);
  }
  origin::PoolLoad& load() { return *directory->topology()->pools[0]->load; }

  // A tenth of a second in which strangers, each from an address of its own, ask for so much; customers take little.
  void flood(int requests, double origin_ms_each) {
    GuardWindow& window = exchange.filling();
    PoolWindow& pool = *window.pool(directory->topology()->pools[0]->load);
    const int served = std::min(requests, 20);
    for (int i = 0; i < requests; ++i) {
      const bool is_served = i < served;
      guard::Usage usage{.requests = 1, .asked = 1};
      usage.origin_us = is_served ? static_cast<std::uint64_t>(origin_ms_each * 1000) : 0;
      usage.misses = is_served ? 1 : 0;
      window.meter.add(net::IpAddress::v4(0x0b000000u + static_cast<std::uint32_t>(random.below(1u << 24))), usage);
    }
    StandingWindow& strangers = window.of(Standing::stranger);
    strangers.requests += static_cast<std::uint64_t>(requests);
    strangers.asked += static_cast<std::uint64_t>(requests);
    strangers.answered += static_cast<std::uint64_t>(served);
    strangers.origin_us += static_cast<std::uint64_t>(served * origin_ms_each * 1000);
    pool.answered += static_cast<std::uint64_t>(served);
    pool.shed += static_cast<std::uint64_t>(requests - served);
    pool.most_waiting = static_cast<std::uint32_t>(requests - served);
    pool.waited = 100ms;
    for (int i = 0; i < requests; ++i) pool.stranger_waits.add(requests > served ? 60ms : 0ms);
    for (int i = 0; i < served; ++i) pool.route(7).others.add_answer(std::chrono::milliseconds(80));
    load().peak = 32;
  }
  std::shared_ptr<const GuardPolicy> step() {
    clock.advance(100ms);
    exchange.hand_over(clock.now());
    WindowExchange* const exchanges[] = {&exchange};
    auto policy = brain->step(exchanges);
    if (policy) last = policy;
    return policy;
  }

  ManualClock clock;
  FastRandom random{11};
  guard::Meter::Options meter{.secret = {3, 4}};
  std::unique_ptr<origin::Directory> directory;
  WindowExchange exchange{meter};
  std::optional<Brain> brain;
  std::shared_ptr<const GuardPolicy> last;
  double room_rate = 0;
};

TEST_F(BrainTest, PublishesOnceAndThenOnlyWhatIsNew) {
  ASSERT_NE(step(), nullptr);
  EXPECT_EQ(last->state->posture, Posture::calm);
  EXPECT_EQ(last->mode(), GuardMode::enforce);
  EXPECT_EQ(step(), nullptr);
  EXPECT_EQ(step(), nullptr);
  set_mode(GuardMode::observe);
  ASSERT_NE(step(), nullptr);
  EXPECT_EQ(last->mode(), GuardMode::observe);
}

TEST_F(BrainTest, HandsOnTheKeysOfThePreviousSecret) {
  brain.emplace(Brain::Setup{.clock = clock,
                             .directory = *directory,
                             .meter = meter,
                             .secret = "0123456789abcdef",
                             .previous_secret = "fedcba9876543210"});
  set_mode(GuardMode::enforce);
  ASSERT_NE(step(), nullptr);
  const auto seen = guard::first_seen_now(7, clock.wall_now());
  const guard::TokenKeys before("fedcba9876543210", clock.wall_now());
  EXPECT_EQ(guard::open_first_seen(*last->state->keys, guard::seal(before, seen), clock.wall_now()), seen);
}

TEST_F(BrainTest, WhomTheOwnerDeniesTheKernelHasUnlessARequestMayShowMore) {
  guard::kernel::TestKernel kernel;
  make_brain_on(kernel);
  GuardRules rules;
  rules.mode = GuardMode::enforce;
  rules.denied = {*net::IpNetwork::parse("192.0.2.0/24")};
  const auto follow = [&] {
    brain->set_rules(std::make_shared<const GuardRules>(rules), 32);
    step();
    return kernel.blocked.size();
  };
  EXPECT_EQ(follow(), 1u);
  ASSERT_TRUE(brain->add(&guard::OwnerEntries::deny, {.network = *net::IpNetwork::parse("198.51.100.7"),
                                                      .reason = "scrapes",
                                                      .added = clock.wall_now(),
                                                      .ends = clock.wall_now() + 60s}));
  step();
  EXPECT_EQ(kernel.blocked.size(), 2u) << "of the API";
  rules.allow = guard::AllowRules({}, {{.name = "app", .header = "X-Api-Key", .hashes = {sha256("k")}}});
  EXPECT_EQ(follow(), 0u) << "an app there may have a key";
  rules.allow = guard::AllowRules({{.name = "hooks", .networks = {}, .paths = {{"POST", "/hooks/pay"}}}}, {});
  EXPECT_EQ(follow(), 0u) << "or ask for what is let be from anywhere";
  rules.allow =
      guard::AllowRules({{.name = "office", .networks = {*net::IpNetwork::parse("192.0.2.9")}, .paths = {}}}, {});
  EXPECT_EQ(follow(), 2u);
  clock.advance(60s);
  step();
  EXPECT_EQ(kernel.blocked.size(), 1u) << "the API's is over";
  brain.reset();  // before what it blocks in
}

TEST_F(BrainTest, WhatTheKernelBlocksIsShownAndLifted) {
  guard::kernel::TestKernel kernel;
  const auto blocked = guard::Prefix::of(net::IpAddress::v4(0xc0000201), guard::Level::client);
  kernel.left = {{blocked, 60s}};
  make_brain_on(kernel);
  auto rules = std::make_shared<GuardRules>();
  rules->mode = GuardMode::enforce;
  rules->never_dropped = {*net::IpNetwork::parse("10.0.0.0/8")};
  brain->set_rules(rules, 32);
  step();
  EXPECT_EQ(kernel.allowed, rules->never_dropped);
  EXPECT_EQ(brain->view().kernel.words, "a test's kernel");
  EXPECT_NE(brain->view().kernel.find(blocked), nullptr);
  brain->lift(blocked);
  step();
  EXPECT_TRUE(kernel.blocked.empty());
  EXPECT_EQ(brain->view().kernel.total, 0u);
  brain.reset();  // before what it blocks in
}

TEST_F(BrainTest, WithoutAKernelItSaysWhyNot) {
  brain.emplace(Brain::Setup{.clock = clock,
                             .directory = *directory,
                             .meter = meter,
                             .secret = "0123456789abcdef",
                             .why_no_kernel = "no rights"});
  set_mode(GuardMode::enforce);
  step();
  EXPECT_EQ(brain->view().kernel.words, "");
  EXPECT_EQ(brain->view().kernel.why_not, "no rights");
}

TEST_F(BrainTest, AFloodOfStrangersIsASiegeWithinASecond) {
  for (int i = 0; i < 20; ++i) step();
  const TimePoint began = clock.now();
  while (last->state->strangers != StrangersNeed::challenge && clock.now() - began < 5s) flood(200, 80), step();
  EXPECT_LE(clock.now() - began, 1s);
  EXPECT_EQ(last->state->posture, Posture::besieged);
  ASSERT_TRUE(last->state->trouble_began.has_value());
  EXPECT_NEAR(static_cast<double>((clock.wall_now() - *last->state->trouble_began).count()),
              static_cast<double>((clock.now() - began).count()), 0.3e9);
  EXPECT_GE(room_rate, 1);
  EXPECT_EQ(brain->view().plan.posture, Posture::besieged);
  EXPECT_FALSE(brain->view().plan.reasons.empty());
}

TEST_F(BrainTest, WhereNobodyIsChallengedNoneIsShownTo) {
  auto rules = std::make_shared<GuardRules>();
  rules->mode = GuardMode::enforce;
  rules->without.challenge = true;
  brain->set_rules(std::move(rules), 32);
  step();
  for (int i = 0; i < 30; ++i) flood(200, 80), step();
  ASSERT_EQ(last->state->posture, Posture::besieged);
  EXPECT_EQ(brain->view().plan.strangers_need, StrangersNeed::queue);
}

// Nobody is held back there, so nobody waits here: a shop that works on four at once would drown in calm.
TEST_F(BrainTest, WhoOnlyObservesSeesTheQueueAtTheServers) {
  set_mode(GuardMode::observe);
  const auto serve = [&](std::uint64_t asked, int answered, Duration took) {
    GuardWindow& window = exchange.filling();
    PoolWindow& pool = *window.pool(directory->topology()->pools[0]->load);
    StandingWindow& strangers = window.of(Standing::stranger);
    strangers.requests += asked;
    strangers.asked += asked;
    strangers.answered += static_cast<std::uint64_t>(answered);
    strangers.origin_us += static_cast<std::uint64_t>(answered * (took / 1us));
    pool.answered += static_cast<std::uint64_t>(answered);
    for (int i = 0; i < answered; ++i) pool.route(7).others.add_answer(took);
    step();
  };
  for (int i = 0; i < 700; ++i) serve(2, 2, 80ms);
  EXPECT_EQ(last->state->posture, Posture::calm);
  for (int i = 0; i < 30; ++i) serve(40, 5, 1s);
  EXPECT_EQ(last->state->posture, Posture::besieged);
}

TEST_F(BrainTest, TheLimitIsSetWhereTheGuardActsAndNowhereElse) {
  step();
  EXPECT_GT(load().limit, 0u);
  set_mode(GuardMode::observe);
  step();
  EXPECT_EQ(load().limit, 0u);
}

TEST_F(BrainTest, CalmComesBackWhenTheFloodIsOver) {
  step();
  for (int i = 0; i < 30; ++i) flood(200, 80), step();
  ASSERT_EQ(last->state->posture, Posture::besieged);
  for (int i = 0; i < 10 * 60 * 10 && last->state->posture != Posture::calm; ++i) step();
  EXPECT_EQ(last->state->posture, Posture::calm);
  EXPECT_EQ(last->state->strangers, StrangersNeed::nothing);
  EXPECT_FALSE(last->state->trouble_began.has_value());
}

TEST_F(BrainTest, EachWorkerGetsItsOwnWindowBack) {
  WindowExchange other(meter);
  WindowExchange* const both[] = {&exchange, &other};
  for (int i = 0; i < 10; ++i) {  // the first worker has nothing to hand over
    ++other.filling().of(Standing::stranger).asked;
    clock.advance(100ms);
    EXPECT_TRUE(other.hand_over(clock.now()));
    brain->step(both);
  }
  EXPECT_EQ(brain->view().by_standing[static_cast<std::size_t>(Standing::stranger)].asked, 10u);
}

TEST_F(BrainTest, AnOrderIsKnownOnTheNextDayAlsoAfterARestart) {
  const net::IpAddress customer = net::IpAddress::v4(0xc0000207);
  step();
  exchange.filling().note_order(customer);
  exchange.filling().orders_seen = 1;
  EXPECT_EQ(step(), nullptr) << "it counts from tomorrow on";
  EXPECT_EQ(brain->view().customers, 2u) << "and is shown at once: whoever set sales.order looks whether it is right";
  step();
  EXPECT_EQ(brain->view().orders_seen, 1u);
  const Kept kept = brain->to_keep();
  ASSERT_TRUE(kept.customers);
  clock.advance(24h);
  ASSERT_NE(step(), nullptr);
  EXPECT_EQ(last->state->customers->past_of(customer, last->state->today), (guard::Past{1, 1}));

  make_brain();
  brain->restore(kept);
  ASSERT_NE(step(), nullptr);
  EXPECT_EQ(last->state->customers->past_of(customer, last->state->today), (guard::Past{1, 1}));
  EXPECT_EQ(brain->view().customers, 2u) << "the client, and its network";
}

TEST_F(BrainTest, MeasuresAndTheTimeOfTheTroubleOutliveARestart) {
  step();
  const net::IpAddress attacker = net::IpAddress::v4(0x0a010203);
  const auto on_attacker = [&] {
    const auto subject = subject_of(guard::Level::client, guard::client_key(attacker));
    const auto& measures = last->state->measures;
    return measures != nullptr && measures->contains(subject) ? measures->at(subject).step : Step::serve;
  };
  for (int i = 0; i < 100 && on_attacker() < Step::refuse; ++i) {
    flood(200, 80);
    exchange.filling().meter.add(attacker,
                                 {.requests = 100, .asked = 100, .challenges_shown = 100, .challenges_ignored = 100});
    exchange.filling().challenges_ignored += 100;
    step();
  }
  ASSERT_GE(on_attacker(), Step::refuse);
  const Step step_before = on_attacker();
  const auto began = last->state->trouble_began;
  clock.advance(1s);
  const Kept kept = brain->to_keep();
  ASSERT_TRUE(kept.measures);
  EXPECT_FALSE(brain->to_keep().measures) << "nothing is new";

  make_brain();
  brain->restore(kept);
  ASSERT_NE(step(), nullptr);
  EXPECT_EQ(on_attacker(), step_before);
  EXPECT_FALSE(last->state->trouble_began) << "nothing has shown it yet";
  for (int i = 0; i < 50 && !last->state->trouble_began; ++i) flood(200, 80), step();
  EXPECT_EQ(last->state->trouble_began, began);
}

TEST_F(BrainTest, TheOwnersListsAreInForceWithTheNextStepAndOutliveARestart) {
  const guard::OwnerEntry entry{.network = *net::IpNetwork::parse("192.0.2.0/24"),
                                .reason = "because",
                                .added = clock.wall_now(),
                                .ends = clock.wall_now() + 1h};
  step();
  EXPECT_EQ(last->state->lists, nullptr);
  ASSERT_TRUE(brain->add(&guard::OwnerEntries::deny, entry));
  ASSERT_NE(step(), nullptr);
  ASSERT_NE(last->state->lists, nullptr);
  EXPECT_EQ(step(), nullptr);
  EXPECT_EQ(brain->view().lists.deny.size(), 1u);
  const Kept kept = brain->to_keep();
  ASSERT_TRUE(kept.lists);
  EXPECT_FALSE(brain->to_keep().lists) << "nothing is new";

  make_brain();
  brain->restore(kept);
  ASSERT_NE(step(), nullptr);
  ASSERT_NE(last->state->lists, nullptr);
  EXPECT_TRUE(last->state->lists->deny.contains(*net::IpAddress::parse("192.0.2.9")));
  clock.advance(1h);
  ASSERT_NE(step(), nullptr);
  EXPECT_EQ(last->state->lists, nullptr) << "its time is over";
}

TEST_F(BrainTest, WhatIsFoundOutAboutCrawlersIsInForceWithTheNextStep) {
  step();
  const auto verdicts = std::make_shared<const guard::CrawlerVerdicts>(guard::CrawlerVerdicts::Table{
      {net::IpAddress::v4(1).bytes(), {.crawler = guard::Crawler::bing, .until = {}, .renew = {}}},
      {net::IpAddress::v4(2).bytes(), {}}});
  brain->set_crawlers(verdicts);
  ASSERT_NE(step(), nullptr);
  EXPECT_EQ(last->state->crawlers, verdicts);
  EXPECT_EQ(step(), nullptr);
  EXPECT_EQ(brain->view().crawlers, 1u);
}

TEST_F(BrainTest, WhatWasKeptDamagedIsLeftOut) {
  brain->restore({.customers = "nonsense", .measures = "nonsense"});
  ASSERT_NE(step(), nullptr);
  EXPECT_EQ(last->state->customers->size(), 0u);
}

TEST_F(BrainTest, WhoTakesMostIsShown) {
  step();
  exchange.filling().meter.add(net::IpAddress::v4(0x0a010203), {.origin_us = 500'000, .requests = 10, .misses = 10});
  step();
  const GuardView view = brain->view();
  ASSERT_FALSE(view.clients.empty());
  EXPECT_EQ(view.clients[0].prefix.text(), "10.1.2.3");
}

}  // namespace
}  // namespace tenfold::edge
