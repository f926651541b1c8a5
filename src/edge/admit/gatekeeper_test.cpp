// The order at the origins' door, with real fetches in a simulated network.
#include "edge/admit/gatekeeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "guard/admit/cost_kind.hpp"
#include "origin/test_world.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using guard::Rank;
using guard::Standing;
using origin::testing_world::Answer;
using origin::testing_world::Asked;
using origin::testing_world::Call;
using origin::testing_world::Calls;
using origin::testing_world::World;
using testing::EndsWith;

class GatekeeperTest : public testing::Test {
 protected:
  // One server that works on so many at once, for so long each.
  void start(std::uint32_t limit, Duration work, Order order = Order::by_rank) {
    auto made = std::make_unique<Gatekeeper>(world.loop, guard::Meter::Options{.secret = {1, 2}});
    gatekeeper = made.get();
    gatekeeper->set_order(order);
    world.admission = std::move(made);
    world.add_server(1).behaviour = [this, work](const Asked& asked) {
      served += asked.target();
      return Answer{.think = work};
    };
    world.start(World::one_pool(1));
    world.directory->topology()->pools[0]->load->limit = limit;
  }
  std::shared_ptr<Call> ask(const std::string& target, Standing standing, std::uint64_t flow = 0) {
    const Rank rank = standing == Standing::known     ? Rank::known
                      : standing == Standing::cleared ? Rank::cleared
                                                      : Rank::stranger;
    auto call = std::make_shared<Call>(Call{.target = target});
    call->claim = {.client = 1,
                   .rank = static_cast<std::uint8_t>(rank),
                   .standing = static_cast<std::uint8_t>(standing),
                   .flow = flow,
                   .goes_on = goes_on,
                   .kind_of_work = kind};
    calls.push_back(call);
    world.begin(*call);
    world.network.advance(1ms);
    return call;
  }

  std::uint64_t kind = 9;  // of work, of all that is asked
  bool goes_on = false;    // likewise
  std::string served;      // targets, in the order in which the server was asked
  Calls calls;
  World world;
  Gatekeeper* gatekeeper = nullptr;
};

TEST_F(GatekeeperTest, CustomersComeFirst) {
  start(1, 10ms);
  ask("/0", Standing::stranger);
  ask("/a", Standing::stranger);
  ask("/b", Standing::stranger);
  ask("/c", Standing::cleared);
  ask("/d", Standing::known);
  ask("/e", Standing::known);
  world.finish();
  EXPECT_EQ(served, "/0/d/e/c/a/b");
}

TEST_F(GatekeeperTest, OffIsFirstComeFirstServed) {
  start(1, 40ms, Order::as_they_come);
  ask("/0", Standing::stranger);
  ask("/a", Standing::stranger);
  ask("/b", Standing::known);
  world.finish();
  EXPECT_EQ(served, "/0/a/b");
}

TEST_F(GatekeeperTest, WhoGoesOnIsFirstOnlyWhereThereAreRanks) {
  const auto served_with = [&](Order order) {
    gatekeeper->set_order(order);
    served.clear();
    goes_on = false;
    ask("/0", Standing::cleared, 1);
    ask("/a", Standing::cleared, 2);
    goes_on = true;
    ask("/b", Standing::cleared, 3);
    world.finish();
    return served;
  };
  start(1, 40ms);
  EXPECT_EQ(served_with(Order::by_rank), "/0/b/a");
  EXPECT_EQ(served_with(Order::by_arrival), "/0/a/b");
  EXPECT_EQ(served_with(Order::as_they_come), "/0/a/b") << "a guard that only observes changes nothing";
}

TEST_F(GatekeeperTest, WithoutFairnessItIsFirstComeFirstServedInTheGuardsOwnBounds) {
  start(1, 10ms, Order::by_arrival);
  origin::Settings one = World::one_pool(1);
  one.pools[0].max_waiting = 1;  // of a pool that no guard is before
  ASSERT_TRUE(world.directory->replace(one));
  world.directory->topology()->pools[0]->load->limit = 1;
  ask("/0", Standing::known, 7);
  for (int i = 0; i < 50; ++i) ask("/a", Standing::stranger, 8);
  const auto customer = ask("/k", Standing::known, 9);
  const auto stranger = ask("/s", Standing::stranger, 10);
  world.network.advance(400ms);
  EXPECT_FALSE(customer->done) << "it came after fifty";
  world.finish();
  EXPECT_THAT(served, EndsWith("/a/a/k/s"));
  EXPECT_EQ(stranger->status, 200) << "nobody is sent away for having waited";
}

TEST_F(GatekeeperTest, StrangersOfAStandingQueueAreSentAwayAndCustomersWait) {
  start(1, 200ms);
  const auto customer = [&] { return ask("/k", Standing::known); };
  for (int i = 0; i < 8; ++i) customer();
  const auto stranger = ask("/s", Standing::stranger);
  const auto waits = customer();
  // Until the queue is a standing one: five requests' usual cost.
  for (int i = 0; i < 10 && !stranger->done; ++i) world.network.advance(200ms), customer();
  EXPECT_TRUE(stranger->done);
  EXPECT_EQ(stranger->status, 0);
  EXPECT_EQ(stranger->error.code, Errc::exhausted);
  EXPECT_EQ(stranger->attempts, 0u);
  world.finish();
  EXPECT_EQ(waits->status, 200);
}

// Also where it is challenged instead, since that is all that is known of what is kept away.
TEST_F(GatekeeperTest, WhatARequestWouldTakeIsCountedOnceSomeOfItsKindWereAnswered) {
  start(4, 30ms);
  const auto priced = [&](std::uint64_t of) {
    gatekeeper->price(Standing::stranger, of);
    return gatekeeper->window().of(Standing::stranger);
  };
  kind = guard::CostKinds::least_learned;
  EXPECT_EQ(priced(kind).priced, 0u);
  ask("/k", Standing::known);
  world.finish();
  EXPECT_EQ(priced(kind).priced, 1u);
  EXPECT_NEAR(static_cast<double>(priced(kind).priced_us), 60'000, 2'000);
  kind = guard::CostKinds::least_learned - 1;
  ask("/k", Standing::known);
  world.finish();
  EXPECT_EQ(priced(kind).priced, 2u) << "much else is of that kind, too";
}

// Sixteen who ask again as soon as they are answered are no flood: they are all served within a moment.
TEST_F(GatekeeperTest, ACrowdThatIsServedSoonLosesNobody) {
  start(1, 5ms);
  std::vector<std::shared_ptr<Call>> crowd;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 16; ++i) crowd.push_back(ask("/s", Standing::stranger, 7));
    while (gatekeeper->waiting() > 1) world.network.advance(5ms);
  }
  world.finish();
  for (const auto& call : crowd) EXPECT_EQ(call->status, 200);
}

TEST_F(GatekeeperTest, WhoWasNotServedSoonGivesWayToTheNewest) {
  start(1, 10ms);
  for (int i = 0; i < 70; ++i) ask("/o", Standing::stranger);
  const auto newest = ask("/n", Standing::stranger);
  world.network.advance(50ms);
  EXPECT_EQ(newest->status, 200);
  world.finish();
}

TEST_F(GatekeeperTest, WhereConnectionsAreShortAndNotOriginTimeStrangersWait) {
  start(10, 0ms);
  world.server(1).behaviour = [](const Asked& asked) {
    return asked.target() == "/held" ? Answer{.body = std::string(1 << 20, 'x'), .think = 900ms} : Answer{};
  };
  origin::Settings one = World::one_pool(1);
  one.pools[0].max_connections = 1;
  ASSERT_TRUE(world.directory->replace(one));
  ask("/held", Standing::known);
  const auto stranger = ask("/s", Standing::stranger);
  world.network.advance(500ms);
  EXPECT_FALSE(stranger->done);
  world.finish();
  EXPECT_EQ(stranger->status, 200);
}

TEST_F(GatekeeperTest, ARefreshComesLastAndIsNobodys) {
  start(1, 40ms);
  ask("/0", Standing::known);
  auto refresh = std::make_shared<Call>(Call{.target = "/r"});
  refresh->claim = {
      .kind = origin::Claim::Kind::refresh, .rank = static_cast<std::uint8_t>(Rank::last), .kind_of_work = 9};
  calls.push_back(refresh);
  world.begin(*refresh);
  world.network.advance(1ms);
  ask("/s", Standing::stranger);
  world.finish();
  EXPECT_EQ(served, "/0/s/r");
}

TEST_F(GatekeeperTest, WhoLeavesIsOutOfTheQueueAtOnce) {
  start(1, 100ms);
  ask("/0", Standing::known);
  net::CancelSource leaves;
  auto call = std::make_shared<Call>(Call{.target = "/gone", .cancel = leaves.token()});
  call->claim.rank = static_cast<std::uint8_t>(Rank::known);
  calls.push_back(call);
  world.begin(*call);
  world.network.advance(1ms);
  EXPECT_EQ(gatekeeper->waiting(), 1u);
  leaves.cancel();
  world.network.advance(1ms);
  EXPECT_EQ(gatekeeper->waiting(), 0u);
  world.finish();
  EXPECT_EQ(served, "/0");
}

TEST_F(GatekeeperTest, WhatItCostIsCountedAndHandedOver) {
  start(4, 30ms);
  ask("/a", Standing::known);
  ask("/b", Standing::stranger);
  world.finish();
  world.network.advance(200ms);
  const auto window = gatekeeper->exchange().take();
  ASSERT_NE(window, nullptr);
  ASSERT_EQ(window->pools.size(), 1u);
  EXPECT_EQ(window->pools[0].answered, 2u);
  const auto& times = window->pools[0].routes.at(9);
  EXPECT_EQ(times.known.answered, 1u);
  EXPECT_EQ(times.others.answered, 1u);
  EXPECT_NEAR(static_cast<double>(times.known.sum.count()), 30e6, 2e6);
}

// The brain calls them in before it decides: it is not to wait for a time of the worker's own.
TEST_F(GatekeeperTest, WhatIsCountedIsHandedOverWhenItIsCalledIn) {
  start(4, 1ms);
  gatekeeper->hand_over_window();
  EXPECT_EQ(gatekeeper->exchange().take(), nullptr) << "nothing was counted";
  ask("/a", Standing::known);
  world.network.advance(10ms);
  EXPECT_EQ(gatekeeper->exchange().take(), nullptr);
  gatekeeper->hand_over_window();
  auto window = gatekeeper->exchange().take();
  ASSERT_NE(window, nullptr);
  EXPECT_EQ(window->pools.at(0).answered, 1u);
  gatekeeper->exchange().give_back(std::move(window));
  world.network.advance(200ms);
  EXPECT_EQ(gatekeeper->exchange().take(), nullptr) << "its own time has come, and there is nothing new";
  world.finish();
}

// Who asks again and again for what fails is one who met a failure.
TEST_F(GatekeeperTest, FailuresAreCountedByWhoMetThem) {
  start(4, 1ms);
  world.server(1).behaviour = [](const Asked& asked) {
    return asked.target() == "/fails" ? Answer{.status = 500} : Answer{};
  };
  for (int i = 0; i < 20; ++i) ask("/fails", Standing::stranger, 7);
  for (std::uint64_t flow : {8, 9, 10}) ask("/a", Standing::stranger, flow);
  ask("/a", Standing::known, 11);
  ask("/fails", Standing::known, 12);
  world.network.advance(50ms);
  const auto& pools = gatekeeper->window().pools;
  ASSERT_EQ(pools.size(), 1u);
  EXPECT_EQ(pools[0].errors, 21u);
  EXPECT_NEAR(pools[0].others.failed.estimate(), 1, 0.2);
  EXPECT_NEAR(pools[0].others.answered.estimate(), 4, 0.5);
  EXPECT_NEAR(pools[0].known.failed.estimate(), 1, 0.2);
  EXPECT_NEAR(pools[0].known.answered.estimate(), 2, 0.3);
  world.finish();
}

// What measures had refused once was taken off strangers' demand for ever: no siege was seen any more.
TEST(GuardWindow, ANewOneHasNoneOfTheLastOnesCounts) {
  GuardWindow window({.secret = {1, 2}});
  window.errors = window.half_sent = window.denied = window.asked_refused = window.orders_seen = 3;
  window.core_was_short = true;
  window.of(guard::Standing::stranger).asked = 3;
  window.clear(TimePoint(1h));
  EXPECT_EQ(static_cast<const GuardCounts&>(window), GuardCounts());
  EXPECT_EQ(window.of(guard::Standing::stranger).asked, 0u);
}

TEST_F(GatekeeperTest, AWindowThatNobodyTookGoesOn) {
  start(4, 1ms);
  for (int i = 0; i < 5; ++i) {
    ask("/a", Standing::known);
    world.network.advance(200ms);
  }
  std::uint64_t answered = 0;
  while (auto window = gatekeeper->exchange().take()) {
    for (const PoolWindow& pool : window->pools) answered += pool.answered;
    gatekeeper->exchange().give_back(std::move(window));
    ask("/b", Standing::known);
    world.network.advance(200ms);
    if (answered >= 6) break;
  }
  EXPECT_GE(answered, 5u);
  world.finish();
}

}  // namespace
}  // namespace tenfold::edge
