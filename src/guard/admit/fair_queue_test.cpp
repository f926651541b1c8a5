#include "guard/admit/fair_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "base/random.hpp"

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;
using Waiter = FairQueue::Waiter;

const auto any_lane = [](const void*) { return true; };

class FairQueueTest : public testing::Test {
 protected:
  struct Ask {
    Rank rank = Rank::stranger;
    std::uint64_t flow = 0;
    double cost_ms = 20;
    double weight = 1;
    const void* lane = nullptr;
    bool goes_on = false;
    Rank floor_of = Rank::basket;
  };
  Waiter& wait(const Ask& ask) {
    Waiter& waiter = make(ask);
    EXPECT_TRUE(queue_.join(waiter, now_).waits);
    return waiter;
  }
  Waiter& make(const Ask& ask) {
    Waiter& waiter = *waiters_.emplace_back(std::make_unique<Waiter>());
    waiter.rank = ask.rank;
    waiter.flow = ask.flow;
    waiter.expected_ms = ask.cost_ms;
    waiter.weight = ask.weight;
    waiter.lane = ask.lane;
    waiter.goes_on = ask.goes_on;
    waiter.floor_of = ask.floor_of;
    return waiter;
  }
  Waiter* serve_next() {
    Waiter* const next = queue_.next(any_lane);
    if (next != nullptr) queue_.serve(*next, now_);
    return next;
  }

  TimePoint now_{1h};
  std::deque<std::unique_ptr<Waiter>> waiters_;
  FairQueueOptions options_;
  FairQueue queue_{FairQueueOptions()};
};

TEST_F(FairQueueTest, BetterRanksComeFirst) {
  Waiter& last = wait({Rank::last});
  Waiter& stranger = wait({Rank::stranger});
  Waiter& cleared = wait({Rank::cleared});
  Waiter& known = wait({Rank::known});
  Waiter& basket = wait({Rank::basket});
  for (Waiter* const expected : {&basket, &known, &cleared, &stranger, &last}) EXPECT_EQ(serve_next(), expected);
  EXPECT_EQ(serve_next(), nullptr);
}

TEST_F(FairQueueTest, AllOldestFirstWhileAllCanBeServedSoon) {
  Waiter& first = wait({Rank::known});
  Waiter& second = wait({Rank::known});
  Waiter& older = wait({Rank::stranger});
  Waiter& newer = wait({Rank::stranger});
  for (Waiter* const expected : {&first, &second, &older, &newer}) EXPECT_EQ(serve_next(), expected);
}

TEST_F(FairQueueTest, PressedCustomersOldestFirstStrangersNewestFirst) {
  queue_.set_pressed(true);
  Waiter& first = wait({Rank::known});
  Waiter& second = wait({Rank::known});
  Waiter& older = wait({Rank::stranger});
  Waiter& newer = wait({Rank::stranger});
  for (Waiter* const expected : {&first, &second, &newer, &older}) EXPECT_EQ(serve_next(), expected);
}

// Two thousand that ask all the time, and one who asks now and then: in a round robin it would wait for a round.
TEST_F(FairQueueTest, WhoTakesLittleIsServedBeforeAllWhoTakeTheirShare) {
  for (std::uint64_t flow = 1; flow <= 2000; ++flow) {
    wait({Rank::cleared, flow, 80});
    wait({Rank::cleared, flow, 80});
  }
  for (int i = 0; i < 2500; ++i) serve_next();
  Waiter& customer = wait({Rank::cleared, 9999, 20});
  int before = 0;
  while (serve_next() != &customer) ++before;
  EXPECT_EQ(before, 0);
}

// In a rush: a hundred wait, thousands have been here, and new ones come all the time.
TEST_F(FairQueueTest, NewcomersWithoutEndDoNotKeepThoseWaitingWhoHaveTakenSomething) {
  std::uint64_t newcomer = 1;
  for (int i = 0; i < 100; ++i) wait({Rank::cleared, newcomer++, 20});
  for (int i = 0; i < 5000; ++i) {
    wait({Rank::cleared, newcomer++, 20});
    serve_next();
  }
  constexpr std::uint64_t searcher = 1'000'000;
  Waiter& search = wait({Rank::cleared, searcher, 80});
  while (search.waits()) {
    wait({Rank::cleared, newcomer++, 20});
    serve_next();
  }
  Waiter& next_page = wait({Rank::cleared, searcher, 20});
  int before = 0;
  for (; next_page.waits() && before < 5000; ++before) {
    wait({Rank::cleared, newcomer++, 20});
    serve_next();
  }
  EXPECT_LE(before, 600) << "the hundred, and what its search took, shared by them";
}

TEST_F(FairQueueTest, WhoHasWaitedLongestGetsAQuarterOfTheTimeAfterASecond) {
  const auto taken_of_those_who_took_more = [&](Duration between) {
    double taken_ms = 0, all_ms = 0;
    std::uint64_t newcomer = 1'000'000;
    for (std::uint64_t flow = 1; flow <= 200; ++flow)
      wait({Rank::cleared, flow, 200}), wait({Rank::cleared, flow, 200});
    for (int i = 0; i < 200; ++i) serve_next();
    for (int i = 0; i < 1000; ++i) {
      now_ += between;
      wait({Rank::cleared, newcomer++, 20});
      wait({Rank::cleared, newcomer++, 20});
      const Waiter* const served = serve_next();
      all_ms += served->expected_ms;
      if (served->flow <= 200) taken_ms += served->expected_ms;
    }
    while (serve_next() != nullptr) {
    }
    now_ += 1min;
    return taken_ms / all_ms;
  };
  EXPECT_LT(taken_of_those_who_took_more(0ms), 0.02) << "newcomers come before those who have taken 200 ms each";
  EXPECT_NEAR(taken_of_those_who_took_more(100ms), 0.25, 0.03);
}

// Ten tokens, each of which asks at once for all that its budget has.
TEST_F(FairQueueTest, AFewWhoAskForVeryMuchAreNotThoseWhoHaveWaitedLongest) {
  constexpr std::uint64_t greedy = 10;
  for (std::uint64_t i = 0; i < 1500; ++i) wait({Rank::cleared, 1 + i % greedy, 20});
  std::uint64_t newcomer = 1'000'000;
  double taken_ms = 0, of_newcomers_ms = 0;
  for (int i = 0; i < 10'000; ++i) {
    now_ += 2500us;
    if (queue_.size(Rank::cleared) < 3000) wait({Rank::cleared, newcomer++, 20});
    const Waiter* const served = serve_next();
    (served->flow <= greedy ? taken_ms : of_newcomers_ms) += served->expected_ms;
  }
  EXPECT_LE(taken_ms, greedy * (options_.longest_up_to_ms + 100));
  EXPECT_GE(of_newcomers_ms, 190'000);
}

TEST_F(FairQueueTest, WhoGoesOnComesBeforeThoseWhoBeginByWhatAVisitCostsAndNoMore) {
  constexpr std::uint64_t shopper = 1'000'000;
  std::uint64_t newcomer = 1;
  double taken_ms = 0;
  for (int i = 0; i < 400; ++i) {
    if (i % 2 == 0) wait({Rank::cleared, newcomer++, 20});
    wait({.rank = Rank::cleared, .flow = shopper, .cost_ms = 20, .goes_on = true});
    const Waiter* const served = serve_next();
    if (served->flow != shopper) break;
    taken_ms += 20;
  }
  EXPECT_GE(taken_ms, options_.head_start_ms);
  EXPECT_LE(taken_ms, options_.head_start_ms + 100);
}

// In a rush all who are on their way to an order were let in by their floor as newcomers, and got no further.
TEST_F(FairQueueTest, WhileItsPeopleAreServedInABetterRankARankIsOwedAQuarterOfItsFloor) {
  const auto share_of_newcomers = [&](Rank floor_of) {
    double taken_ms = 0, all_ms = 0;
    for (int i = 0; i < 2000; ++i) {
      if (queue_.size(Rank::known) < 100) wait({.rank = Rank::known, .flow = 1u + i % 50u, .floor_of = floor_of});
      if (queue_.size(Rank::cleared) < 100) wait({Rank::cleared, 1000u + static_cast<std::uint64_t>(i)});
      const Waiter* const served = serve_next();
      all_ms += served->expected_ms;
      if (served->rank == Rank::cleared) taken_ms += served->expected_ms;
    }
    return taken_ms / all_ms;
  };
  EXPECT_NEAR(share_of_newcomers(Rank::basket), options_.floor[2], 0.02);
  // Else whoever solves and puts something into a cart, a thousand times, would shut out all who begin.
  EXPECT_NEAR(share_of_newcomers(Rank::cleared), options_.floor[2] / 3, 0.015) << "what they get counts in full";
}

TEST_F(FairQueueTest, FlowsThatAllWantMoreGetTheSameTimeWhateverTheirRequestsCost) {
  std::map<std::uint64_t, double> taken_ms;
  const std::map<std::uint64_t, double> costs{{1, 20}, {2, 80}, {3, 5}};
  for (const auto& [flow, cost] : costs) {
    for (int i = 0; i < 3; ++i) wait({Rank::cleared, flow, cost});
  }
  for (int i = 0; i < 3000; ++i) {
    Waiter* const served = serve_next();
    taken_ms[served->flow] += served->expected_ms;
    wait({Rank::cleared, served->flow, served->expected_ms});
  }
  EXPECT_NEAR(taken_ms[1] / taken_ms[2], 1, 0.05);
  EXPECT_NEAR(taken_ms[3] / taken_ms[2], 1, 0.05);
}

TEST_F(FairQueueTest, WeightIsSoManyTimesTheShare) {
  std::map<std::uint64_t, int> served_of;
  for (const std::uint64_t flow : {1u, 2u}) {
    for (int i = 0; i < 3; ++i) wait({Rank::cleared, flow, 20, flow == 1 ? 4.0 : 1.0});
  }
  for (int i = 0; i < 1000; ++i) {
    Waiter* const served = serve_next();
    ++served_of[served->flow];
    wait({Rank::cleared, served->flow, 20, served->weight});
  }
  EXPECT_NEAR(static_cast<double>(served_of[1]) / served_of[2], 4, 0.2);
}

TEST_F(FairQueueTest, CostIsCorrectedWhenItIsKnown) {
  // Both are thought to cost 20 ms; those of flow 1 cost 200.
  std::map<std::uint64_t, double> taken_ms;
  for (const std::uint64_t flow : {1u, 2u}) {
    for (int i = 0; i < 2; ++i) wait({Rank::cleared, flow, 20});
  }
  for (int i = 0; i < 2000; ++i) {
    Waiter* const served = serve_next();
    const double real_ms = served->flow == 1 ? 200 : 20;
    queue_.correct(Rank::cleared, served->flow, 1, 20, real_ms);
    taken_ms[served->flow] += real_ms;
    wait({Rank::cleared, served->flow, 20});
  }
  EXPECT_NEAR(taken_ms[1] / taken_ms[2], 1, 0.1);
}

TEST_F(FairQueueTest, WhoGivesUpIsNotChargedForIt) {
  Waiter& leaves = wait({Rank::cleared, 1, 500});
  wait({Rank::cleared, 2, 20});
  queue_.leave(leaves, now_);
  Waiter& again = wait({Rank::cleared, 1, 20});
  Waiter& other = wait({Rank::cleared, 2, 20});
  std::vector<Waiter*> order;
  while (Waiter* const served = serve_next()) order.push_back(served);
  EXPECT_EQ(order[1], &again);
  EXPECT_EQ(order[2], &other);
}

TEST_F(FairQueueTest, EachRankHasItsFloorUnderAFloodOfBetterOnes) {
  std::map<Rank, double> taken_ms;
  double all_ms = 0;
  for (int i = 0; i < 4000; ++i) {
    wait({Rank::known, static_cast<std::uint64_t>(i % 50 + 1)});
    if (queue_.size(Rank::cleared) == 0) wait({Rank::cleared, static_cast<std::uint64_t>(i + 1000)});
    if (queue_.size(Rank::stranger) == 0) wait({Rank::stranger, 0, 80});
    if (Waiter* const served = serve_next()) {
      taken_ms[served->rank] += served->expected_ms;
      all_ms += served->expected_ms;
    }
    if (queue_.size() > 3000) break;
  }
  EXPECT_NEAR(taken_ms[Rank::cleared] / all_ms, 0.2, 0.02);
  EXPECT_NEAR(taken_ms[Rank::stranger] / all_ms, 0.1, 0.02);
  EXPECT_GT(taken_ms[Rank::known] / all_ms, 0.68);
}

TEST_F(FairQueueTest, StrangersOfAStandingQueueThatIsServedSoonMayWaitLonger) {
  wait({Rank::stranger});
  EXPECT_TRUE(queue_.overdue(now_ + 4s, 5).empty());
  EXPECT_EQ(queue_.overdue(now_ + 4001ms, 5).size(), 1u);
}

TEST_F(FairQueueTest, StrangersOfAPressedQueueWhoWaitedTooLongAreGivenUp) {
  queue_.set_pressed(true);
  // Given a queue of strangers that is never empty, when 101 ms have passed, then who is older than 20 ms goes.
  Waiter& old = wait({Rank::stranger});
  now_ += 99ms;
  EXPECT_TRUE(queue_.overdue(now_, 5).empty());
  now_ += 2ms;
  Waiter& fresh = wait({Rank::stranger});
  wait({Rank::known});
  const auto gone = queue_.overdue(now_ + 20ms, 5);
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(gone.front(), &old);
  EXPECT_FALSE(old.waits());
  EXPECT_TRUE(fresh.waits());
  EXPECT_TRUE(queue_.overdue(now_ + 20ms, 5).empty());
  EXPECT_EQ(queue_.overdue(now_ + 21ms, 5).size(), 1u);
  EXPECT_EQ(queue_.size(), 1u);  // the customer waits on
}

TEST_F(FairQueueTest, StrangersOfASlowShopMayWaitAsLongAsARequestTakes) {
  queue_.set_pressed(true);
  wait({Rank::stranger});
  EXPECT_TRUE(queue_.overdue(now_ + 299ms, 300).empty());
  EXPECT_TRUE(queue_.overdue(now_ + 1499ms, 300).empty());  // not a standing one yet
  EXPECT_EQ(queue_.overdue(now_ + 1501ms, 300).size(), 1u);
}

TEST_F(FairQueueTest, FullMeansThatTheOldestOfTheLastRankGoes) {
  Waiter& oldest = wait({Rank::last});
  for (int i = 0; i < 100; ++i) wait({Rank::last});
  for (int i = 0; i < 923; ++i) wait({Rank::stranger});
  // Strangers and last are at their bound together: a stranger displaces the oldest of the last.
  Waiter& stranger = make({Rank::stranger});
  const auto joined = queue_.join(stranger, now_);
  EXPECT_TRUE(joined.waits);
  EXPECT_EQ(joined.displaced, &oldest);
  // Nobody goes for one of the last rank.
  Waiter& one_more = make({Rank::last});
  EXPECT_FALSE(queue_.join(one_more, now_).waits);
  // Customers are not at theirs.
  EXPECT_EQ(queue_.join(make({Rank::known}), now_).displaced, nullptr);
}

TEST_F(FairQueueTest, ACustomerOnTheWayToAnOrderIsNeverGivenUpForAnother) {
  for (int i = 0; i < 4096; ++i) wait({Rank::basket});
  EXPECT_FALSE(queue_.join(make({Rank::basket}), now_).waits);
  EXPECT_FALSE(queue_.join(make({Rank::stranger}), now_).waits);
  EXPECT_EQ(queue_.size(), 4096u);
}

TEST_F(FairQueueTest, EachLaneIsServedByItsOwn) {
  const int lanes[2] = {};
  Waiter& one = wait({Rank::known, 0, 20, 1, &lanes[0]});
  Waiter& other = wait({Rank::basket, 0, 20, 1, &lanes[1]});
  EXPECT_EQ(queue_.next([&](const void* lane) { return lane == &lanes[0]; }), &one);
  EXPECT_EQ(queue_.next(any_lane), &other);
  EXPECT_EQ(queue_.best_rank(&lanes[0]), 1u);
  queue_.serve(one, now_);
  EXPECT_EQ(queue_.best_rank(&lanes[0]), fair_ranks);
}

// Half a million addresses that are used once each leave nothing behind.
TEST_F(FairQueueTest, WhatIsRememberedIsBounded) {
  FastRandom random(5);
  for (int i = 0; i < 500'000; ++i) {
    Waiter waiter;
    waiter.rank = Rank::cleared;
    waiter.flow = random.next();
    ASSERT_TRUE(queue_.join(waiter, now_).waits);
    queue_.serve(waiter, now_);
    ASSERT_LE(queue_.flows(), options_.most_flows);
  }
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_F(FairQueueTest, AClaimThatIsDueSoonerBringsForward) {
  for (int i = 0; i < 20; ++i) wait({Rank::stranger, 7, 100});
  Waiter& behind = wait({Rank::stranger, 7});
  EXPECT_TRUE(queue_.would_bring_forward(behind, Rank::known, 7));
  EXPECT_TRUE(queue_.would_bring_forward(behind, Rank::stranger, 8));
  EXPECT_FALSE(queue_.would_bring_forward(behind, Rank::stranger, 7));
  EXPECT_FALSE(queue_.would_bring_forward(behind, Rank::last, 8));
  Waiter& other = wait({Rank::stranger, 9});
  EXPECT_FALSE(queue_.would_bring_forward(other, Rank::stranger, 7));
}

// ---- places that are held ----

TEST_F(FairQueueTest, WhoHoldsPlacesGoesBehindWhoHoldsNone) {
  wait({Rank::stranger, 1});
  queue_.charge_held(Rank::stranger, 7, 1, 500);
  Waiter& holder = wait({Rank::stranger, 7});
  Waiter& other = wait({Rank::stranger, 8});
  serve_next();
  EXPECT_EQ(serve_next(), &other);
  EXPECT_EQ(serve_next(), &holder);
}

// Else a hundred tunnels of a moment would shut a network out for minutes.
TEST_F(FairQueueTest, HoweverMuchIsHeldItTellsForASecond) {
  wait({Rank::stranger, 1});
  for (int i = 0; i < 100; ++i) queue_.charge_held(Rank::stranger, 7, 1, 1'000);
  queue_.charge_held(Rank::stranger, 8, 1, FairQueue::held_counts_ms);
  Waiter& much = wait({Rank::stranger, 7});
  Waiter& some = wait({Rank::stranger, 8});
  serve_next();
  EXPECT_EQ(serve_next(), &much) << "no further behind, and first come";
  EXPECT_EQ(serve_next(), &some);
}

TEST_F(FairQueueTest, WhatARankHoldsIsTakenOffItsFloor) {
  const auto customers_before_a_stranger = [&] {
    Waiter& stranger = wait({Rank::stranger, 1});
    int count = 0;
    for (; count < 1'000; ++count) {
      wait({Rank::known});
      if (serve_next() == &stranger) break;
    }
    return count;
  };
  const int usually = customers_before_a_stranger();
  EXPECT_LE(usually, 12);
  for (int i = 0; i < 100; ++i) queue_.charge_held(Rank::stranger, 2, 1, 1'000);
  const int owing = customers_before_a_stranger();
  EXPECT_GE(owing, usually + 400) << "a second of the origins' time, of which a tenth is strangers'";
  EXPECT_LE(owing, usually + 600);
}

}  // namespace
}  // namespace tenfold::guard
