#include "guard/known/crawler_names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::guard {
namespace {

TEST(CrawlerNames, AreReadFromTheAgentsThatTheirOperatorsDocument) {
  struct {
    const char* agent;
    Crawler crawler;
  } const rows[] = {
      {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Crawler::google},
      {"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/130.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
       Crawler::google},
      {"Googlebot-Image/1.0", Crawler::google},
      {"AdsBot-Google (+http://www.google.com/adsbot.html)", Crawler::google},
      {"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) "
       "Chrome/130.0.0.0 Safari/537.36",
       Crawler::bing},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
       "Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
       Crawler::apple},
      {"Mozilla/5.0 (compatible; YandexImages/3.0; +http://yandex.com/bots)", Crawler::yandex},
      {"Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", Crawler::baidu},
      {"Mozilla/5.0 (Linux; Android 7.0;) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; "
       "PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
       Crawler::petal},
      {"Mozilla/5.0 (compatible; SeznamBot/4.0; +https://o-seznam.cz/napoveda/vyhledavani/en/seznambot-crawler/)",
       Crawler::seznam},
      {"Pinterest/0.2 (+https://www.pinterest.com/bot.html)", Crawler::pinterest},
      {"Mozilla/5.0 (compatible; Pinterestbot/1.0; +https://www.pinterest.com/bot.html)", Crawler::pinterest},
      {"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1; "
       "+https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36",
       Crawler::amazon},
      {"GOOGLEBOT", Crawler::google},
  };
  for (const auto& row : rows) EXPECT_EQ(name(claimed_crawler(row.agent)), name(row.crawler)) << row.agent;
}

TEST(CrawlerNames, OthersAreNone) {
  for (const char* agent :
       {"", "b", "bo", "bot", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
        "Safari/537.36",
        "Mozilla/5.0 (Linux; Android 11; CUBOT X30) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36",
        "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)", "facebookexternalhit/1.1", "Googlebo t"}) {
    EXPECT_EQ(name(claimed_crawler(agent)), "none") << agent;
  }
}

TEST(CrawlerNames, AreFoundWhereverTheyStandInTheFirst512Bytes) {
  for (std::size_t before = 0; before <= longest_agent - 9; ++before) {
    EXPECT_EQ(claimed_crawler(std::string(before, 'x') + "GoogleBOT"), Crawler::google) << before;
  }
  EXPECT_EQ(claimed_crawler(std::string(longest_agent - 8, 'x') + "GoogleBOT"), Crawler::none);
}

TEST(CrawlerNames, AHostIsOfTheOperatorWhoseDomainItIsIn) {
  struct {
    const char* host;
    Crawler crawler;
  } const rows[] = {
      {"crawl-66-249-66-1.googlebot.com", Crawler::google},
      {"geo-crawl-35-247-243-240.geo.googlebot.com", Crawler::google},
      {"rate-limited-proxy-66-249-90-77.google.com", Crawler::google},
      {"msnbot-157-55-39-1.search.msn.com", Crawler::bing},
      {"17-58-101-179.applebot.apple.com", Crawler::apple},
      {"spider-100-43-81-144.yandex.com", Crawler::yandex},
      {"baiduspider-220-181-108-75.crawl.baidu.com", Crawler::baidu},
      {"petalbot-114-119-134-10.petalsearch.com", Crawler::petal},
      {"fulltextrobot-77-75-77-101.seznam.cz", Crawler::seznam},
      {"crawl-54-236-1-11.pinterest.com", Crawler::pinterest},
      {"12-34-56-78.crawl.amazonbot.amazon", Crawler::amazon},
      // whoever uses Google's translator, or rents its machines
      {"google-proxy-66-249-80-1.google.com", Crawler::none},
      {"1.2.3.4.bc.googleusercontent.com", Crawler::none},
      {"1-2-3-4.gae.googleusercontent.com", Crawler::none},
      // looks like it
      {"googlebot.com", Crawler::none},
      {".googlebot.com", Crawler::none},
      {"crawl.googlebot.com.attacker.example", Crawler::none},
      {"crawl-googlebot.com", Crawler::none},
      {"mail.seznam.cz", Crawler::none},
      {"rate-limited-proxy-.google.com.example", Crawler::none},
      {"", Crawler::none},
  };
  for (const auto& row : rows) EXPECT_EQ(name(crawler_of_host(row.host)), name(row.crawler)) << row.host;
}

}  // namespace
}  // namespace tenfold::guard
