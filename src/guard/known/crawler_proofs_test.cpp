#include "guard/known/crawler_proofs.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

net::IpAddress proofs_ip(const std::string& text) { return *net::IpAddress::parse(text); }

class CrawlerProofsTest : public testing::Test {
 protected:
  std::vector<net::IpAddress> due() {
    std::vector<net::IpAddress> all;
    while (const auto address = proofs.next(now)) all.push_back(*address);
    return all;
  }
  // An address in a network of its own.
  static net::IpAddress stranger(std::uint32_t n) { return net::IpAddress::v4((203u << 24) + (n << 8) + 1); }
  void prove(const net::IpAddress& address) {
    proofs.claim(address, now);
    ASSERT_EQ(due(), std::vector{address});
    proofs.proved(address, Crawler::google, now);
  }
  Crawler verdict(const net::IpAddress& address) {
    const auto table = proofs.verdicts(now);
    const CrawlerVerdict* const found = table->find(address, now);
    return found != nullptr ? found->crawler : Crawler::none;
  }

  CrawlerProofs proofs;
  TimePoint now{1h};
};

TEST_F(CrawlerProofsTest, WhoIsClaimedIsLookedUpOnceAndKept) {
  const auto address = proofs_ip("66.249.66.1");
  proofs.claim(address, now);
  proofs.claim(address, now);
  EXPECT_EQ(due(), std::vector{address});
  proofs.claim(address, now);
  EXPECT_TRUE(due().empty());
  proofs.proved(address, Crawler::google, now);
  EXPECT_EQ(verdict(address), Crawler::google);
  // not again before half its time, nor longer than all of it
  now += CrawlerProofs::renewed_after - 1ns;
  proofs.claim(address, now);
  EXPECT_TRUE(due().empty());
  now += 1ns;
  proofs.claim(address, now);
  EXPECT_EQ(due(), std::vector{address});
  EXPECT_EQ(verdict(address), Crawler::google);
  now += CrawlerProofs::proven_for - CrawlerProofs::renewed_after;
  EXPECT_EQ(verdict(address), Crawler::none);
}

TEST_F(CrawlerProofsTest, FourAtOnceAndOnePlaceIsForNetworksWithAProof) {
  prove(proofs_ip("66.249.66.1"));
  for (std::uint32_t n = 0; n < 10; ++n) proofs.claim(stranger(n), now);
  EXPECT_EQ(due().size(), 3u);
  proofs.claim(proofs_ip("66.249.66.2"), now);
  EXPECT_EQ(due(), std::vector{proofs_ip("66.249.66.2")});
  proofs.claim(proofs_ip("66.249.66.3"), now);
  EXPECT_TRUE(due().empty());
  // whose place is free first, and who has a proof goes before who waits for longer
  proofs.refuted(stranger(0), now);
  EXPECT_EQ(due(), std::vector{proofs_ip("66.249.66.3")});
}

TEST_F(CrawlerProofsTest, TenASecondWhoeverComes) {
  // given false crawlers from ever new networks, each answered at once
  int looked_up = 0;
  for (int step = 0; step < 1000; ++step, now += 10ms) {
    for (std::uint32_t n = 0; n < 10; ++n) proofs.claim(stranger(static_cast<std::uint32_t>(step) * 10 + n), now);
    for (const auto& address : due()) {
      ++looked_up;
      proofs.refuted(address, now);
    }
  }
  // then in ten seconds there are a hundred look-ups, and the burst
  EXPECT_GE(looked_up, 100);
  EXPECT_LE(looked_up, 100 + static_cast<int>(CrawlerProofs::most_in_a_burst));
  EXPECT_GT(proofs.counts().left_out, 9000u);
}

TEST_F(CrawlerProofsTest, AFloodFromOneNetworkCostsOneLookUpInManySeconds) {
  // given 256 addresses of one /24 that all say they are Google's, for an hour
  std::vector<TimePoint> looked_up;
  for (int s = 0; s < 3600; ++s, now += 1s) {
    for (std::uint32_t n = 0; n < 256; ++n) proofs.claim(net::IpAddress::v4((203u << 24) + n), now);
    for (const auto& address : due()) {
      looked_up.push_back(now);
      proofs.refuted(address, now);
    }
  }
  // then the first are 10, 20, 40 s apart, and the later ones 10 min
  ASSERT_GT(looked_up.size(), 6u);
  EXPECT_EQ(looked_up[1] - looked_up[0], 10s);
  EXPECT_EQ(looked_up[2] - looked_up[1], 20s);
  EXPECT_EQ(looked_up[3] - looked_up[2], 40s);
  EXPECT_EQ(looked_up.back() - looked_up[looked_up.size() - 2], 10min);
  EXPECT_LT(looked_up.size(), 15u);
}

TEST_F(CrawlerProofsTest, OfANetworkWithAProofManyAreLookedUpSideBySide) {
  prove(proofs_ip("66.249.66.1"));
  proofs.claim(proofs_ip("66.249.66.2"), now);
  proofs.claim(proofs_ip("66.249.66.3"), now);
  EXPECT_EQ(due().size(), 2u);
  // and one that is none holds the others up for a second
  proofs.refuted(proofs_ip("66.249.66.2"), now);
  proofs.claim(proofs_ip("66.249.66.4"), now + 1s - 1ns);
  EXPECT_TRUE(due().empty());
  now += 1s;
  proofs.claim(proofs_ip("66.249.66.4"), now);
  EXPECT_EQ(due().size(), 1u);
}

TEST_F(CrawlerProofsTest, ASilentNameServerTakesNoProofAway) {
  const auto address = proofs_ip("66.249.66.1");
  prove(address);
  now += CrawlerProofs::renewed_after;
  proofs.claim(address, now);
  ASSERT_EQ(due().size(), 1u);
  proofs.unanswered(address, now);
  EXPECT_EQ(verdict(address), Crawler::google);
  // it is asked for again after a minute
  now += 1min - 1ns;
  proofs.claim(address, now);
  EXPECT_TRUE(due().empty());
  now += 1ns;
  proofs.claim(address, now);
  ASSERT_EQ(due().size(), 1u);
  // but a plain no does
  proofs.refuted(address, now);
  EXPECT_EQ(verdict(address), Crawler::none);
}

TEST_F(CrawlerProofsTest, WhoWasNoneIsAskedForAgainAfterTenMinutes) {
  const auto address = proofs_ip("203.0.113.9");
  proofs.claim(address, now);
  ASSERT_EQ(due().size(), 1u);
  proofs.refuted(address, now);
  const auto verdicts = proofs.verdicts(now);
  ASSERT_NE(verdicts->find(address, now + 10min - 1ns), nullptr);
  EXPECT_EQ(verdicts->find(address, now + 10min), nullptr);
  now += 10min;
  proofs.claim(address, now);
  EXPECT_EQ(due().size(), 1u);
}

TEST_F(CrawlerProofsTest, VerdictsAreTheSameUntilSomethingIsFoundOut) {
  const auto before = proofs.verdicts(now);
  EXPECT_EQ(proofs.verdicts(now + 1h), before);
  prove(proofs_ip("66.249.66.1"));
  EXPECT_NE(proofs.verdicts(now), before);
}

TEST_F(CrawlerProofsTest, WhatIsGivenUpLeavesNothingBehind) {
  const auto address = proofs_ip("66.249.66.1");
  proofs.claim(address, now);
  ASSERT_EQ(due().size(), 1u);
  proofs.given_up(address);
  proofs.claim(address, now);
  EXPECT_EQ(due().size(), 1u);
}

}  // namespace
}  // namespace tenfold::guard
