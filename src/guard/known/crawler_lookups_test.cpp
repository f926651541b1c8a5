// False and true crawlers against a simulated name server.
#include "guard/known/crawler_lookups.hpp"

#include <gtest/gtest.h>

#include <string>

#include "net/sim/sim_loop.hpp"
#include "net/sim/sim_network.hpp"

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;
using net::sim::SimLoop;
using net::sim::SimNetwork;
using net::sim::SimResolver;

net::IpAddress lookups_ip(const std::string& text) { return *net::IpAddress::parse(text); }

class CrawlerLookupsTest : public testing::Test {
 protected:
  void SetUp() override { lookups.start(); }
  void TearDown() override { net::sim::run_task(network, loop, lookups.stop()); }

  // The name leads back to the address, unless it is said to lead elsewhere.
  void name_is(const std::string& address, const std::string& host, const std::string& leads_to) {
    resolver.set_reverse(lookups_ip(address), {host});
    if (!leads_to.empty()) resolver.set(host + ".", {{lookups_ip(leads_to)}, 1h});
  }
  void claim_and_wait(const std::string& address, Duration for_how_long = 1s) {
    claims.push(lookups_ip(address));
    network.advance(for_how_long);
  }
  std::string verdict(const std::string& address) {
    if (!verdicts) return "unknown";
    const CrawlerVerdict* const found = verdicts->find(lookups_ip(address), loop.now());
    return found != nullptr ? std::string(name(found->crawler)) : "unknown";
  }

  SimNetwork network;
  SimLoop& loop = network.make_loop();
  SimResolver resolver;
  CrawlerClaims claims;
  std::shared_ptr<const CrawlerVerdicts> verdicts;
  int published = 0;
  CrawlerLookups lookups{loop, resolver, claims, [this](auto found) {
                           verdicts = std::move(found);
                           ++published;
                         }};
};

TEST_F(CrawlerLookupsTest, ANameThatLeadsBackIsAProof) {
  name_is("66.249.66.1", "crawl-66-249-66-1.googlebot.com", "66.249.66.1");
  name_is("2001:db8::1", "crawl-v6.googlebot.com", "2001:db8::1");
  claim_and_wait("66.249.66.1");
  claim_and_wait("2001:db8::1");
  EXPECT_EQ(verdict("66.249.66.1"), "google");
  EXPECT_EQ(verdict("2001:db8::1"), "google");
}

TEST_F(CrawlerLookupsTest, AnythingElseIsNone) {
  name_is("203.0.112.1", "crawl-66-249-66-1.googlebot.com", "66.249.66.1");  // an attacker names its own addresses
  name_is("203.0.113.1", "host.attacker.example", "203.0.113.1");
  name_is("203.0.114.1", "x.googlebot.com.attacker.example", "203.0.114.1");
  for (const char* address : {"203.0.112.1", "203.0.113.1", "203.0.114.1", "203.0.115.1"}) {
    claim_and_wait(address);
    EXPECT_EQ(verdict(address), "none") << address;
  }
}

TEST_F(CrawlerLookupsTest, ANameWithoutAnAddressIsAskedForAgainInAMinute) {
  name_is("66.249.66.1", "crawl-66-249-66-1.googlebot.com", "");
  claim_and_wait("66.249.66.1");
  EXPECT_EQ(verdict("66.249.66.1"), "none");
  network.advance(1min);
  name_is("66.249.66.1", "crawl-66-249-66-1.googlebot.com", "66.249.66.1");
  claim_and_wait("66.249.66.1");
  EXPECT_EQ(verdict("66.249.66.1"), "google");
}

TEST_F(CrawlerLookupsTest, ASilentNameServerLeavesEverybodyUnknownAndHoldsFourAtMost) {
  resolver.mute(loop);
  for (int n = 0; n < 50; ++n) claims.push(lookups_ip("203.0." + std::to_string(n) + ".1"));
  network.advance(2s);
  EXPECT_EQ(lookups.proofs().counts().looked_up, CrawlerProofs::most_strangers_at_once);
  network.advance(2s);
  EXPECT_EQ(lookups.proofs().counts().unanswered, CrawlerProofs::most_strangers_at_once);
}

TEST_F(CrawlerLookupsTest, PublishesOnlyWhatIsNew) {
  network.advance(10s);
  const int before = published;
  name_is("66.249.66.1", "crawl-66-249-66-1.googlebot.com", "66.249.66.1");
  claim_and_wait("66.249.66.1", 10s);
  EXPECT_EQ(published, before + 1);
}

}  // namespace
}  // namespace tenfold::guard
