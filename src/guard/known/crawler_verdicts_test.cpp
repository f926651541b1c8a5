#include "guard/known/crawler_verdicts.hpp"

#include <gtest/gtest.h>

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint now{1h};
constexpr std::string_view google_agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
constexpr std::string_view browser_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

net::IpAddress ip(const char* text) { return *net::IpAddress::parse(text); }

CrawlerVerdicts known_verdicts() {
  CrawlerVerdicts::Table table;
  table[ip("66.249.66.1").bytes()] = {.crawler = Crawler::google, .until = now + 2h, .renew = now + 1h};
  table[ip("203.0.113.9").bytes()] = {.crawler = Crawler::none, .until = now + 10min, .renew = now + 10min};
  return CrawlerVerdicts(table);
}

TEST(ProvenCrawler, IsWhoSaysSoAndIsKnownToBeIt) {
  const CrawlerVerdicts verdicts = known_verdicts();
  CrawlerClaims claims;
  EXPECT_EQ(proven_crawler(google_agent, ip("66.249.66.1"), verdicts, claims, now), Crawler::google);
  EXPECT_EQ(proven_crawler(google_agent, ip("203.0.113.9"), verdicts, claims, now), Crawler::none);
  // what it does not say it is, it is not; nor another than it is
  EXPECT_EQ(proven_crawler(browser_agent, ip("66.249.66.1"), verdicts, claims, now), Crawler::none);
  EXPECT_EQ(proven_crawler("bingbot", ip("66.249.66.1"), verdicts, claims, now), Crawler::none);
  EXPECT_TRUE(claims.take().empty());
}

TEST(ProvenCrawler, IsLookedUpWhenItIsNotKnownAndWhenItIsTimeAgain) {
  const CrawlerVerdicts verdicts = known_verdicts();
  CrawlerClaims claims;
  EXPECT_EQ(proven_crawler(google_agent, ip("66.249.66.2"), verdicts, claims, now), Crawler::none);
  EXPECT_EQ(claims.take(), std::vector{ip("66.249.66.2")});
  // just before it is time, then; and as long as the proof is good
  EXPECT_EQ(proven_crawler(google_agent, ip("66.249.66.1"), verdicts, claims, now + 1h - 1ns), Crawler::google);
  EXPECT_TRUE(claims.take().empty());
  EXPECT_EQ(proven_crawler(google_agent, ip("66.249.66.1"), verdicts, claims, now + 1h), Crawler::google);
  EXPECT_EQ(claims.take(), std::vector{ip("66.249.66.1")});
  EXPECT_EQ(proven_crawler(google_agent, ip("66.249.66.1"), verdicts, claims, now + 2h - 1ns), Crawler::google);
  EXPECT_EQ(proven_crawler(google_agent, ip("66.249.66.1"), verdicts, claims, now + 2h), Crawler::none);
  // and browsers are not looked up
  claims.take();
  EXPECT_EQ(proven_crawler(browser_agent, ip("66.249.66.3"), verdicts, claims, now), Crawler::none);
  EXPECT_TRUE(claims.take().empty());
}

TEST(CrawlerClaims, TakeEachAddressOnceAndSoManyAtMost) {
  CrawlerClaims claims;
  for (std::uint32_t n = 0; n < CrawlerClaims::most_waiting; ++n) claims.push(net::IpAddress::v4(n));
  claims.push(net::IpAddress::v4(7));
  EXPECT_EQ(claims.dropped(), 0u);
  claims.push(net::IpAddress::v4(CrawlerClaims::most_waiting));
  EXPECT_EQ(claims.dropped(), 1u);
  EXPECT_EQ(claims.take().size(), CrawlerClaims::most_waiting);
  EXPECT_TRUE(claims.take().empty());
}

}  // namespace
}  // namespace tenfold::guard
