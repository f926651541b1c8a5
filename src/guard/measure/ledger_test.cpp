#include "guard/measure/ledger.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "guard/measure/key.hpp"
#include "guard/measure/test_traffic.hpp"

namespace tenfold::guard::measure_test {
namespace {

using namespace std::chrono_literals;

constexpr Duration window = 100ms;

// Two workers' meters and a ledger that is fed with them.
class LedgerTest : public testing::Test {
 protected:
  void add(const net::IpAddress& client, const Usage& usage) { meters_[added_++ % 2].add(client, usage); }
  void add(std::string_view client, const Usage& usage, int times = 1) {
    for (int i = 0; i < times; ++i) add(address(client), usage);
  }
  // Customers of whom each opens a page now and then: a different one each time, all over the network.
  void add_customers(int pages) {
    for (int i = 0; i < pages; ++i) add(net::IpAddress::v4(0x50000000u + customer_++ * 0x9e37u % 0x10000000u), page);
  }
  void end_window() {
    now_ += window;
    const std::array<const Meter*, 2> both{&meters_[0], &meters_[1]};
    ledger_.merge(both, now_);
    for (Meter& meter : meters_) meter.clear();
  }

  std::vector<std::string> names(Level level) const {
    std::vector<std::string> names;
    for (const Heavy& heavy : ledger_.heaviest(level, 100)) names.push_back(heavy.prefix.text());
    return names;
  }

  std::array<Meter, 2> meters_{Meter({.secret = secret}), Meter({.secret = secret})};
  Ledger ledger_{{.secret = secret}};
  FastRandom random_{5};
  TimePoint now_{1h};
  std::uint64_t added_ = 0;
  std::uint32_t customer_ = 0;
};

using Names = std::vector<std::string>;

TEST_F(LedgerTest, OfNothingNobodyIsHeavy) {
  end_window();
  for (const Level level : {Level::client, Level::network, Level::block}) EXPECT_TRUE(names(level).empty());
  EXPECT_EQ(ledger_.total(), UsageRates{});
}

TEST_F(LedgerTest, TellsRatesASecond) {
  // Given a minute of ten searches and twenty hits a second from one, and five pages a second from many
  for (int i = 0; i < 600; ++i) {
    add("192.0.2.1", search);
    add("192.0.2.1", hit, 2);
    if (i % 2 == 0) add_customers(1);
    end_window();
  }
  const std::vector<Heavy> heaviest = ledger_.heaviest(Level::client, 1);
  ASSERT_EQ(heaviest.size(), 1u);
  EXPECT_EQ(heaviest[0].prefix.text(), "192.0.2.1");
  EXPECT_NEAR(heaviest[0].usage.requests, 30, 0.5);
  EXPECT_NEAR(heaviest[0].usage.origin_us, 800'000, 10'000);
  EXPECT_NEAR(heaviest[0].usage.assets, 20, 0.3);
  EXPECT_EQ(heaviest[0].usage.errors, 0);
  EXPECT_NEAR(heaviest[0].share, 803.0 / 903.5, 0.01);
  EXPECT_EQ(heaviest[0].since, TimePoint(1h + window));
  EXPECT_NEAR(ledger_.total().requests, 35, 0.5);
}

TEST_F(LedgerTest, WhatWasIsHalvedInEachHalfLife) {
  add("192.0.2.1", search, 100);
  end_window();
  const double at_first = ledger_.heaviest(Level::client, 1).at(0).usage.requests;
  now_ += 5s - window;
  add("192.0.3.1", search, 50);
  end_window();
  const std::vector<Heavy> heaviest = ledger_.heaviest(Level::client, 2);
  ASSERT_EQ(heaviest.size(), 2u);
  EXPECT_NEAR(heaviest[0].usage.requests, at_first / 2, 1e-9);
  EXPECT_NEAR(heaviest[1].usage.requests, at_first / 2, 1e-9);
  EXPECT_NEAR(heaviest[0].share, 0.5, 1e-9);
}

TEST_F(LedgerTest, AfterADayOfSilenceItGoesOn) {
  add("192.0.2.1", search, 100);
  end_window();
  now_ += 24h;
  end_window();
  EXPECT_LT(ledger_.total().requests, 1e-9);
  add("192.0.3.1", search);
  end_window();
  EXPECT_EQ(names(Level::client), Names{"192.0.3.1"});
  EXPECT_NEAR(ledger_.heaviest(Level::client, 1).at(0).share, 1, 1e-9);
}

TEST_F(LedgerTest, GivesTheHeaviestFirstAndNoMoreThanAskedFor) {
  add("192.0.2.1", search, 1);
  add("192.0.3.1", search, 3);
  add("192.0.4.1", search, 2);
  end_window();
  EXPECT_EQ(names(Level::client), (Names{"192.0.3.1", "192.0.4.1", "192.0.2.1"}));
  EXPECT_EQ(ledger_.heaviest(Level::client, 2).size(), 2u);
  EXPECT_TRUE(ledger_.heaviest(Level::client, 0).empty());
}

TEST_F(LedgerTest, HeavyFromAFourHundredthOn) {
  // Given a total of 400.1 requests' weight: one, and one and some
  add("192.0.2.1", search, 10);
  add("198.51.100.1", {.origin_us = 80'000, .requests = 1});
  add("203.0.113.1", {.origin_us = 79'000, .requests = 1});
  add("192.0.3.1", search, 388);
  end_window();
  EXPECT_EQ(names(Level::client), (Names{"192.0.3.1", "192.0.2.1", "198.51.100.1"}));
}

TEST_F(LedgerTest, AFloodIsSeenWithinASecond) {
  // Given a minute of customers, at half of twenty workers' time
  for (int i = 0; i < 600; ++i) add_customers(50), end_window();
  EXPECT_TRUE(names(Level::client).empty());
  // When ten sources take the other half, a twentieth each
  for (int i = 0; i < 10; ++i) {
    add_customers(50);
    for (int source = 0; source < 10; ++source) {
      if (random_.below(100) < 125) add(net::IpAddress::v4(0xc0000201u + 0x10000u * source), search);
    }
    end_window();
  }
  // Then all ten are heavy after a second, and nobody else
  EXPECT_EQ(names(Level::client).size(), 10u);
  for (const std::string& name : names(Level::client)) EXPECT_TRUE(name.starts_with("192.")) << name;
}

TEST_F(LedgerTest, ANetworkIsNotHeavyForOneOfItsClients) {
  for (int i = 0; i < 50; ++i) {
    add("192.0.2.1", search, 10);
    if (i % 10 == 0) add("192.0.2.99", page);
    add_customers(20);
    end_window();
  }
  EXPECT_EQ(names(Level::client), Names{"192.0.2.1"});
  EXPECT_TRUE(names(Level::network).empty());
  EXPECT_TRUE(names(Level::block).empty());
}

TEST_F(LedgerTest, ACarpetOverANetworkIsSeenThere) {
  // Given ten searches each 100 ms, from any of the 254 addresses of a /24
  for (int i = 0; i < 50; ++i) {
    for (int j = 0; j < 10; ++j) {
      add(net::IpAddress::v4(0xc0000201u + static_cast<std::uint32_t>(random_.below(254))), search);
    }
    add_customers(20);
    end_window();
  }
  ASSERT_EQ(names(Level::network), Names{"192.0.2.0/24"});
  const Heavy heavy = ledger_.heaviest(Level::network, 1).at(0);
  EXPECT_GT(heavy.share, 0.6);
  EXPECT_NEAR(heavy.spread, 220, 60);
  EXPECT_TRUE(names(Level::block).empty());  // the network explains it
}

TEST_F(LedgerTest, RotatingSixtyFoursAreSeenAroundThem) {
  // Given one who has a /56, and one who has a /48, and each takes another /64 every time
  for (int i = 0; i < 100; ++i) {
    for (int j = 0; j < 5; ++j) {
      const auto turn = static_cast<unsigned>(5 * i + j);
      add(address(fmt::format("2001:db8:1:ab{:02x}::1", turn % 256)), search);
      add(address(fmt::format("2001:db8:2:{:x}::1", random_.below(65'536))), search);
    }
    add_customers(200);
    end_window();
  }
  EXPECT_TRUE(names(Level::client).empty());
  EXPECT_EQ(names(Level::network), Names{"2001:db8:1:ab00::/56"});
  ASSERT_EQ(names(Level::block), Names{"2001:db8:2::/48"});
  EXPECT_NEAR(ledger_.heaviest(Level::block, 1).at(0).spread, 500, 200);
}

TEST_F(LedgerTest, ACarpetOverABlockIsSeenThere) {
  for (int i = 0; i < 100; ++i) {
    for (int j = 0; j < 40; ++j) {
      add(net::IpAddress::v4(0xc6330000u + static_cast<std::uint32_t>(random_.below(65'536))), page);
    }
    add_customers(160);
    end_window();
  }
  EXPECT_TRUE(names(Level::client).empty());
  EXPECT_TRUE(names(Level::network).empty());
  ASSERT_EQ(names(Level::block), Names{"198.51.0.0/16"});
  EXPECT_GT(ledger_.heaviest(Level::block, 1).at(0).spread, 2'000);
}

TEST_F(LedgerTest, WhatAHeavyClientDidIsNotItsNeighbours) {
  // Given a network with a carpet, and in it one who ignores challenges
  for (int i = 0; i < 50; ++i) {
    add("192.0.2.1", {.origin_us = 80'000, .requests = 1, .challenges_ignored = 1}, 10);
    for (int j = 0; j < 10; ++j) {
      add(net::IpAddress::v4(0xc0000210u + static_cast<std::uint32_t>(random_.below(200))), search);
    }
    end_window();
  }
  ASSERT_EQ(names(Level::network), Names{"192.0.2.0/24"});
  const Heavy network = ledger_.heaviest(Level::network, 1).at(0);
  EXPECT_EQ(network.usage.challenges_ignored, 0);
  EXPECT_NEAR(network.usage.requests, ledger_.total().requests / 2, 1);
  EXPECT_NEAR(network.share, 0.5, 0.02);
}

TEST_F(LedgerTest, ForgetsWhoWasInANetwork) {
  // Given two hundred clients in a network, and for half a minute after only five, none of them heavy
  for (std::uint32_t i = 0; i < 200; ++i) add(net::IpAddress::v4(0xc0000201u + i), page);
  end_window();
  ASSERT_EQ(names(Level::network), Names{"192.0.2.0/24"});
  EXPECT_NEAR(ledger_.heaviest(Level::network, 1).at(0).spread, 200, 60);
  for (std::uint32_t i = 0; i < 300; ++i) {
    add(net::IpAddress::v4(0xc0000201u + i % 5), page);
    add_customers(100);
    end_window();
  }
  EXPECT_TRUE(names(Level::client).empty());
  ASSERT_EQ(names(Level::network), Names{"192.0.2.0/24"});
  EXPECT_NEAR(ledger_.heaviest(Level::network, 1).at(0).spread, 5, 1);
}

// What is told is compared with exact sums, under a flood that overfills meters and ledger every time.
class LedgerTruthTest : public LedgerTest {
 protected:
  struct Exact {
    double weight = 0;
    double requests = 0;
  };

  void add_exactly(const net::IpAddress& client, const Usage& usage) {
    add(client, usage);
    const std::uint64_t key = client_key(client);
    for (const Level level : {Level::client, Level::network, Level::block}) {
      Exact& exact = exact_[static_cast<std::size_t>(level)][key_at(level, key)];
      exact.weight += static_cast<double>(usage.origin_us + 100 * usage.requests);
      exact.requests += usage.requests;
    }
    all_ += static_cast<double>(usage.origin_us + 100 * usage.requests);
  }
  void end_exact_window() {
    end_window();
    const double faded = std::exp2(-0.1 / 5);
    all_ *= faded;
    for (auto& by_key : exact_) {
      for (auto& [key, exact] : by_key) exact.weight *= faded, exact.requests *= faded;
    }
  }
  // At the time of the last merge, before that window's fading.
  double now_of(double faded) const { return faded * std::exp2(0.1 / 5); }

  void expect_lower_bounds() const {
    for (const Level level : {Level::client, Level::network, Level::block}) {
      const auto& exact = exact_[static_cast<std::size_t>(level)];
      for (const Heavy& heavy : ledger_.heaviest(level, 1'000)) {
        const Exact& truth = exact.at(key_at(level, client_key(heavy.prefix.base)));
        EXPECT_LE(heavy.share, truth.weight / all_ * (1 + 1e-9)) << heavy.prefix.text();
        EXPECT_LE(heavy.usage.requests, now_of(truth.requests) * std::log(2) / 5 * (1 + 1e-9)) << heavy.prefix.text();
      }
    }
  }

  std::array<std::unordered_map<std::uint64_t, Exact>, levels>
      exact_;  // by Level, then by key_at; faded by one window more
  double all_ = 0;
};

TEST_F(LedgerTruthTest, NobodyIsToldToHaveMoreThanTheyHadAndTheHeavyAreFound) {
  std::uint32_t fresh = 0;
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 8'000; ++j) {
      add_exactly(net::IpAddress::v4(0x20000000u + ++fresh * 0x9e3779b1u % 0x40000000u), page);
      // Twenty with some three thousandths each, who come late in each window
      if (j >= 6'000 && j % 4 == 0) {
        add_exactly(net::IpAddress::v4(0xc0000201u + 0x10000u * static_cast<std::uint32_t>(random_.below(20))), search);
      }
    }
    end_exact_window();
    expect_lower_bounds();
  }
  const double resolution = 1.0 / 2048 + 1.0 / 4096;
  const Names found = names(Level::client);
  int heavy = 0;
  for (const auto& [key, exact] : exact_[0]) {
    if (exact.weight / all_ < 0.0025 + resolution) continue;
    ++heavy;
    const std::string name = prefix_of(Level::client, key).text();
    EXPECT_NE(std::find(found.begin(), found.end(), name), found.end()) << name;
  }
  EXPECT_EQ(heavy, 20);
}

TEST_F(LedgerTruthTest, MemoryStaysWhatItWas) {
  const std::size_t bytes = ledger_.bytes();
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    add(net::IpAddress::v4(i * 0x9e3779b1u), page);
    if (i % 5'000 == 0) end_window();
  }
  EXPECT_EQ(ledger_.bytes(), bytes);
}

}  // namespace
}  // namespace tenfold::guard::measure_test
