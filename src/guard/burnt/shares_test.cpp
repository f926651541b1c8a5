#include "guard/burnt/shares.hpp"

#include <gtest/gtest.h>

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;
using Share = BurntShares::Share;

constexpr SipKey burnt_secret{3, 4};
constexpr TimePoint burnt_start(1h);

class BurntSharesTest : public testing::Test {
 protected:
  static BurntShares::Client client(std::uint64_t number, std::uint64_t network = 1'000'000) {
    return {.id = number, .network = network};
  }
  BurntLimits limits;
  BurntShares shares{limits, burnt_secret};
};

TEST_F(BurntSharesTest, AClientIsOverWithItsBurstAndBackAsItLeaksOut) {
  EXPECT_EQ(shares.share(client(1), burnt_start), Share::within);
  shares.spend(client(1), limits.client.burst - 1ms, burnt_start);
  EXPECT_EQ(shares.share(client(1), burnt_start), Share::within);
  shares.spend(client(1), 1ms, burnt_start);
  EXPECT_EQ(shares.share(client(1), burnt_start), Share::client_over);
  EXPECT_EQ(shares.share(client(2), burnt_start), Share::within);
  EXPECT_EQ(shares.share(client(1), burnt_start + 1s), Share::within);
}

TEST_F(BurntSharesTest, WhoKeepsToItsShareIsNeverOver) {
  for (int second = 0; second < 1000; ++second) {
    const TimePoint now = burnt_start + std::chrono::seconds(second);
    shares.spend(client(1), limits.client.a_second, now);
    ASSERT_EQ(shares.share(client(1), now), Share::within) << second;
  }
}

TEST_F(BurntSharesTest, WhatWasBurntIsForgivenWithinItsMost) {
  shares.spend(client(1), 10min, burnt_start);
  const Duration forgiven = 1s * ((limits.client.most_spent - limits.client.burst) / limits.client.a_second);
  EXPECT_EQ(shares.share(client(1), burnt_start + forgiven - 10ms), Share::client_over);
  EXPECT_EQ(shares.share(client(1), burnt_start + forgiven + 10ms), Share::within);
}

TEST_F(BurntSharesTest, ManyOfANetworkAreOverTogetherUnlessCustomersComeFromIt) {
  const int needed = static_cast<int>(limits.network.burst / (limits.client.burst / 2));
  for (int i = 0; i < needed; ++i)
    shares.spend(client(static_cast<std::uint64_t>(i)), limits.client.burst / 2, burnt_start);
  EXPECT_EQ(shares.share(client(5000), burnt_start), Share::network_over);
  EXPECT_EQ(shares.share(client(5000, 2), burnt_start), Share::within);

  shares.note_customer(client(6000), burnt_start);
  EXPECT_EQ(shares.share(client(5000), burnt_start), Share::within);
  shares.spend(client(0), limits.client.burst, burnt_start);
  EXPECT_EQ(shares.share(client(0), burnt_start), Share::client_over);
}

TEST_F(BurntSharesTest, OneAloneNeverHasItsNeighboursRefused) {
  for (int second = 0; second < 100; ++second) {
    const TimePoint now = burnt_start + std::chrono::seconds(second);
    for (int i = 0; i < 1000; ++i) shares.spend(client(1), 1ms, now);
    ASSERT_EQ(shares.share(client(1), now), Share::client_over);
    ASSERT_EQ(shares.share(client(2), now), Share::within) << second;
  }
}

TEST_F(BurntSharesTest, AnAddressThatCustomersComeFromHasANetworksShare) {
  shares.note_customer(client(1), burnt_start);
  shares.spend(client(1), limits.network.burst - 1ms, burnt_start);
  EXPECT_EQ(shares.share(client(1), burnt_start), Share::within);
  shares.spend(client(1), 1ms, burnt_start);
  EXPECT_EQ(shares.share(client(1), burnt_start), Share::client_over);
}

TEST_F(BurntSharesTest, CustomersAreRememberedForAnHour) {
  shares.note_customer(client(1), burnt_start);
  const TimePoint soon = burnt_start + limits.customers_remembered_for - 1ms;
  shares.spend(client(1), limits.client.burst, soon);
  EXPECT_EQ(shares.share(client(1), soon), Share::within);
  const TimePoint late = burnt_start + limits.customers_remembered_for;
  shares.spend(client(1), limits.client.burst, late);
  EXPECT_EQ(shares.share(client(1), late), Share::client_over);
}

TEST_F(BurntSharesTest, ARehearsalMayBurnWhatItLikes) {
  shares.note_rehearsal(client(1), burnt_start);
  shares.spend(client(1), 10min, burnt_start);
  EXPECT_EQ(shares.share(client(1), burnt_start), Share::within);
  shares.spend(client(1), 10min, burnt_start + limits.rehearsal_remembered_for);
  EXPECT_EQ(shares.share(client(1), burnt_start + limits.rehearsal_remembered_for), Share::client_over);
}

TEST_F(BurntSharesTest, AFloodOfAddressesTakesNoMoreMemoryAndForgetsNotWhoBurns) {
  const std::size_t before = shares.memory_bytes();
  EXPECT_LT(before, 1'000'000u);
  shares.spend(client(1), 1s, burnt_start);
  for (std::uint64_t i = 0; i < 200'000; ++i) shares.spend(client(100 + i, 100 + i), 60us, burnt_start);
  EXPECT_EQ(shares.memory_bytes(), before);
  EXPECT_EQ(shares.share(client(1), burnt_start), Share::client_over);
}

}  // namespace
}  // namespace tenfold::guard
