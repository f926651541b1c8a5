// What it costs to find out whether a request says it is a crawler's, and whether that is proven.
#include <benchmark/benchmark.h>

#include <chrono>

#include "guard/known/crawler_verdicts.hpp"

namespace tenfold::guard {
namespace {

constexpr std::string_view chrome =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
constexpr std::string_view iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Mobile/15E148 Safari/604.1";
constexpr std::string_view googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
constexpr std::string_view amazonbot =  // the last of those that are looked for
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1; "
    "+https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36";

void claimed(benchmark::State& state, std::string_view agent) {
  for (auto _ : state) benchmark::DoNotOptimize(claimed_crawler(agent));
}
BENCHMARK_CAPTURE(claimed, chrome, chrome);
BENCHMARK_CAPTURE(claimed, iphone, iphone);
BENCHMARK_CAPTURE(claimed, googlebot, googlebot);
BENCHMARK_CAPTURE(claimed, amazonbot, amazonbot);

void proven(benchmark::State& state, std::string_view agent) {
  const TimePoint now{std::chrono::hours(1)};
  const TimePoint later = now + std::chrono::hours(12);
  CrawlerVerdicts::Table table;
  for (std::uint32_t n = 0; n < 4096; ++n) {
    table[net::IpAddress::v4(n).bytes()] = {.crawler = Crawler::google, .until = later, .renew = later};
  }
  const CrawlerVerdicts verdicts(std::move(table));
  CrawlerClaims claims;
  std::uint32_t n = 0;
  for (auto _ : state) {
    const auto address = net::IpAddress::v4(n++ % 8192);  // every second one is not known
    benchmark::DoNotOptimize(proven_crawler(agent, address, verdicts, claims, now));
  }
}
BENCHMARK_CAPTURE(proven, chrome, chrome);
BENCHMARK_CAPTURE(proven, googlebot, googlebot);

}  // namespace
}  // namespace tenfold::guard
