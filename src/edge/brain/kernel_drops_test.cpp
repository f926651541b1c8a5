// The plan's drops in a kernel that is a list: who is dropped there, and until when.
#include "edge/brain/kernel_drops.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "guard/kernel/test_table.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using guard::judging::Subject;
using guard::judging::SubjectLevel;
using guard::kernel::KernelBlocks;
using guard::kernel::TestKernel;
using guard::kernel::TestTable;
using guard::ladder::Measure;

guard::Prefix dropped_prefix(std::string_view text) {
  const auto network = *net::IpNetwork::parse(text);
  return guard::Prefix::of(network.base(), static_cast<std::uint8_t>(network.prefix_bits()));
}

Subject subject(std::string_view text, guard::Level level = guard::Level::client) {
  const std::uint64_t client = guard::client_key(dropped_prefix(text).base);
  return {static_cast<SubjectLevel>(level), guard::judging::SubjectId{guard::key_at(level, client)}};
}

class KernelDropsTest : public testing::Test {
 protected:
  void start(std::size_t most = 100) {
    drops.emplace(std::make_unique<KernelBlocks>(std::make_unique<TestTable>(kernel), clock.now(), most));
  }
  void measure(const Subject& on, Step step, Duration lasts = 60s) {
    Measure each;
    each.subject = on;
    each.step = step;
    each.until = clock.now() + lasts;
    plan.measures.push_back(each);
    ++plan.revision;
  }
  void follow(std::vector<Subject> seen = {}, GuardMode mode = GuardMode::enforce) {
    drops->follow(plan, mode, seen, clock.now());
  }
  bool drops_it(std::string_view text) const { return kernel.blocked.contains(dropped_prefix(text)); }

  ManualClock clock;
  TestKernel kernel;
  guard::ladder::Plan plan;
  std::optional<KernelDrops> drops;
};

TEST_F(KernelDropsTest, WhoIsAtTheLastStepAndWasSeenThereIsDropped) {
  start();
  measure(subject("192.0.2.1"), Step::drop);
  measure(subject("192.0.2.2"), Step::refuse);
  measure(subject("198.51.100.0", guard::Level::network), Step::drop, 90s);
  follow({subject("192.0.2.1"), subject("192.0.2.2"), subject("198.51.100.0", guard::Level::network)});
  EXPECT_EQ(kernel.blocked.size(), 2U);
  EXPECT_EQ(kernel.blocked.at(dropped_prefix("192.0.2.1")), 60s);
  EXPECT_EQ(kernel.blocked.at(dropped_prefix("198.51.100.0/24")), 90s);
  const KernelView view = drops->view(clock.now());
  EXPECT_EQ(view.total, 2U);
  EXPECT_NE(view.find(dropped_prefix("192.0.2.1")), nullptr);
  EXPECT_EQ(view.find(dropped_prefix("192.0.2.2")), nullptr);
}

TEST_F(KernelDropsTest, WhoseRequestsComeThroughAProxyIsNotDropped) {
  start();
  measure(subject("192.0.2.1"), Step::drop);
  for (int i = 0; i < 3; ++i) follow();
  EXPECT_TRUE(kernel.blocked.empty()) << "nobody has seen it send by itself";
  follow({subject("192.0.2.1")});
  EXPECT_TRUE(drops_it("192.0.2.1"));
}

TEST_F(KernelDropsTest, WhoWasSeenBeforeItsDropIsSeenAgainFirst) {
  start();
  follow({subject("192.0.2.1")});
  measure(subject("192.0.2.1"), Step::drop);
  follow();
  EXPECT_TRUE(kernel.blocked.empty());
}

TEST_F(KernelDropsTest, WhoWasSeenWhileItWasRefusedIsDroppedAtOnce) {
  start();
  measure(subject("192.0.2.1"), Step::refuse);
  follow({subject("192.0.2.1")});
  EXPECT_TRUE(kernel.blocked.empty());
  plan.measures[0].step = Step::drop;
  ++plan.revision;
  follow();
  EXPECT_TRUE(drops_it("192.0.2.1"));
}

TEST_F(KernelDropsTest, WhoWasLetDownInBetweenIsSeenAgainFirst) {
  start();
  measure(subject("192.0.2.1"), Step::refuse);
  follow({subject("192.0.2.1")});
  for (const Step step : {Step::challenge, Step::drop}) {
    plan.measures[0].step = step;
    ++plan.revision;
    follow();
  }
  EXPECT_TRUE(kernel.blocked.empty());
}

TEST_F(KernelDropsTest, ItLastsAsThePlanSays) {
  start();
  measure(subject("192.0.2.1"), Step::drop, 60s);
  follow({subject("192.0.2.1")});
  clock.advance(10s);
  follow();
  EXPECT_EQ(kernel.puts, 1U) << "nothing has changed";
  plan.measures[0].until = clock.now() + 120s;
  ++plan.revision;
  follow();
  EXPECT_EQ(kernel.blocked.at(dropped_prefix("192.0.2.1")), 120s);
  plan.measures.clear();
  ++plan.revision;
  follow();
  EXPECT_TRUE(kernel.blocked.empty());
}

TEST_F(KernelDropsTest, EndsOnTimeWhateverThePlanSays) {
  start();
  measure(subject("192.0.2.1"), Step::drop, 60s);
  follow({subject("192.0.2.1")});
  clock.advance(60s);
  follow();
  EXPECT_TRUE(kernel.blocked.empty());
  EXPECT_EQ(drops->view(clock.now()).total, 0U);
}

TEST_F(KernelDropsTest, OnlyWhereTheGuardActs) {
  start();
  measure(subject("192.0.2.1"), Step::drop);
  follow({subject("192.0.2.1")}, GuardMode::observe);
  EXPECT_TRUE(kernel.blocked.empty());
  follow({subject("192.0.2.1")});
  EXPECT_TRUE(drops_it("192.0.2.1"));
  follow({}, GuardMode::observe);
  EXPECT_TRUE(kernel.blocked.empty());
  follow({}, GuardMode::enforce);
  EXPECT_TRUE(drops_it("192.0.2.1"));
}

TEST_F(KernelDropsTest, WhatIsTriedOnATenthIsNotDropped) {
  start();
  measure(subject("198.51.100.0", guard::Level::network), Step::drop);
  plan.measures[0].reach = Measure::Reach::canary;
  follow({subject("198.51.100.0", guard::Level::network)});
  EXPECT_TRUE(kernel.blocked.empty());
}

TEST_F(KernelDropsTest, WhatWasLeftGoesOnUntilItIsOverOrLifted) {
  kernel.left = {
      {dropped_prefix("192.0.2.1"), 20s}, {dropped_prefix("192.0.2.2"), 40s}, {dropped_prefix("192.0.2.3"), 40s}};
  start();
  measure(subject("192.0.2.3"), Step::drop, 50s);
  follow();
  EXPECT_EQ(kernel.blocked.size(), 3U);
  EXPECT_EQ(kernel.blocked.at(dropped_prefix("192.0.2.3")), 50s) << "the plan knows of it: it is dropped still";
  EXPECT_FALSE(drops->view(clock.now()).find(dropped_prefix("192.0.2.3"))->is_left);
  drops->lift(dropped_prefix("192.0.2.2"));
  follow();
  EXPECT_FALSE(drops_it("192.0.2.2"));
  EXPECT_TRUE(drops_it("192.0.2.1"));
  clock.advance(20s);
  follow();
  EXPECT_FALSE(drops_it("192.0.2.1"));
}

TEST_F(KernelDropsTest, WhatTheKernelDoesNotTakeIsTriedAgain) {
  start();
  measure(subject("192.0.2.1"), Step::drop);
  kernel.is_stuck = true;
  follow({subject("192.0.2.1")});
  EXPECT_EQ(drops->view(clock.now()).not_taken, 1U);
  kernel.is_stuck = false;
  follow();
  EXPECT_TRUE(drops_it("192.0.2.1"));
  kernel.is_stuck = true;
  drops->lift(dropped_prefix("192.0.2.1"));
  plan.measures.clear();
  ++plan.revision;
  follow();
  EXPECT_TRUE(drops_it("192.0.2.1"));
  kernel.is_stuck = false;
  follow();
  EXPECT_FALSE(drops_it("192.0.2.1"));
}

TEST_F(KernelDropsTest, PastTheBoundItIsRefusedInTheProcess) {
  start(1);
  measure(subject("192.0.2.1"), Step::drop, 10s);
  measure(subject("192.0.2.2"), Step::drop, 60s);
  follow({subject("192.0.2.1"), subject("192.0.2.2")});
  EXPECT_EQ(kernel.blocked.size(), 1U);
  EXPECT_GE(drops->view(clock.now()).not_taken, 1U);
}

TEST_F(KernelDropsTest, WithoutAKernelNothingHappens) {
  drops.emplace(nullptr);
  measure(subject("192.0.2.1"), Step::drop);
  follow({subject("192.0.2.1")});
  drops->lift(dropped_prefix("192.0.2.1"));
  drops->allow({});
  EXPECT_EQ(drops->deny({}), 0U);
  EXPECT_TRUE(drops->view(clock.now()).words.empty());
}

TEST_F(KernelDropsTest, TheAllowListIsTheKernels) {
  start();
  const std::vector allowed{*net::IpNetwork::parse("192.0.2.0/25")};
  drops->allow(allowed);
  follow();
  EXPECT_EQ(kernel.allowed, allowed);
}

DeniedNetwork denied(std::string_view network, TimePoint ends = no_deadline) {
  return {*net::IpNetwork::parse(network), ends};
}

TEST_F(KernelDropsTest, WhomTheOwnerDeniesIsDroppedUnseenAndForAsLongAsHeSays) {
  start();
  const std::vector all{denied("192.0.2.1"), denied("198.51.100.0/23", clock.now() + 90s)};
  EXPECT_EQ(drops->deny(all), 0U);
  follow();
  EXPECT_EQ(kernel.blocked.size(), 3U);
  EXPECT_EQ(kernel.blocked.at(dropped_prefix("192.0.2.1")), KernelDenied::lasts);
  EXPECT_EQ(kernel.blocked.at(dropped_prefix("198.51.101.0/24")), 90s);
  EXPECT_EQ(drops->view(clock.now()).denied,
            (std::vector{*net::IpNetwork::parse("192.0.2.1"), *net::IpNetwork::parse("198.51.100.0/23")}));
  clock.advance(90s);
  follow();
  EXPECT_EQ(kernel.blocked.size(), 1U) << "its time is over";
  EXPECT_EQ(kernel.puts, 3U);
  for (int i = 0; i < 30; ++i) {
    clock.advance(1min);
    follow();
    EXPECT_TRUE(drops->view(clock.now()).total == 1U) << "it is put anew before its time is over";
  }
  EXPECT_LT(kernel.puts, 12U);
  EXPECT_EQ(drops->deny({}), 0U);
  follow();
  EXPECT_TRUE(kernel.blocked.empty()) << "the owner has taken it off";
}

TEST_F(KernelDropsTest, WhomTheOwnerDeniesIsDroppedOnlyWhereTheGuardActs) {
  start();
  drops->deny(std::vector{denied("192.0.2.1")});
  follow({}, GuardMode::observe);
  EXPECT_TRUE(kernel.blocked.empty());
  EXPECT_TRUE(drops->view(clock.now()).denied.empty());
  follow();
  EXPECT_TRUE(drops_it("192.0.2.1"));
  follow({}, GuardMode::observe);
  EXPECT_TRUE(kernel.blocked.empty());
}

TEST_F(KernelDropsTest, OfTheOwnerAndThePlanTheLongerCounts) {
  start();
  measure(subject("192.0.2.1"), Step::drop, 60s);
  drops->deny(std::vector{denied("192.0.2.1", clock.now() + 30s)});
  follow();
  EXPECT_EQ(kernel.blocked.at(dropped_prefix("192.0.2.1")), 60s);
  plan.measures.clear();
  ++plan.revision;
  follow();
  EXPECT_EQ(kernel.blocked.at(dropped_prefix("192.0.2.1")), 30s);
  EXPECT_EQ(kernel.puts, 2U);
}

TEST_F(KernelDropsTest, WhatWasLeftOfTheOwnersIsTheOwnersAgain) {
  kernel.left = {{dropped_prefix("192.0.2.1"), 6min}};
  start();
  drops->deny(std::vector{denied("192.0.2.1")});
  follow();
  EXPECT_FALSE(drops->view(clock.now()).find(dropped_prefix("192.0.2.1"))->is_left);
  drops->deny({});
  follow();
  EXPECT_TRUE(kernel.blocked.empty());
}

TEST_F(KernelDropsTest, WhatIsTooWideOrTooMuchOfTheOwnersStaysWithTheEdge) {
  start(KernelDenied::most_prefixes + 1);
  std::vector<DeniedNetwork> all{denied("2001:db8::1"), denied("2001:db8::/32")};
  for (std::uint32_t i = 0; i < KernelDenied::most_prefixes / 256 + 1; ++i) {
    all.push_back(denied(net::IpAddress::v4((i + 1) << 24).text() + "/8"));
  }
  EXPECT_EQ(drops->deny(all), 3U);
  follow();
  EXPECT_EQ(kernel.blocked.size(), KernelDenied::most_prefixes);
  EXPECT_EQ(drops->view(clock.now()).denied.size(), KernelDenied::most_prefixes / 256);
}

TEST_F(KernelDropsTest, WhatTheKernelDoesNotTakeOfTheOwnersIsTriedAgain) {
  start();
  kernel.is_stuck = true;
  drops->deny(std::vector{denied("192.0.2.1")});
  follow();
  EXPECT_EQ(drops->view(clock.now()).not_taken, 1U);
  EXPECT_TRUE(drops->view(clock.now()).denied.empty());
  kernel.is_stuck = false;
  follow();
  EXPECT_TRUE(drops_it("192.0.2.1"));
  EXPECT_EQ(drops->view(clock.now()).denied.size(), 1U);
}

TEST_F(KernelDropsTest, NobodyIsDroppedWhileTheKernelHasNoAllowList) {
  start();
  measure(subject("192.0.2.1"), Step::drop);
  follow({subject("192.0.2.1")});
  EXPECT_TRUE(drops_it("192.0.2.1"));
  kernel.takes_no_allow_list = true;
  drops->allow({*net::IpNetwork::parse("192.0.2.0/25")});
  follow();
  EXPECT_TRUE(kernel.blocked.empty());
  kernel.takes_no_allow_list = false;
  follow();
  EXPECT_TRUE(drops_it("192.0.2.1"));
  EXPECT_EQ(kernel.allowed.size(), 1U);
}

}  // namespace
}  // namespace tenfold::edge
