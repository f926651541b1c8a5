#include <benchmark/benchmark.h>

#include "guard/pages/pages.hpp"

// What an answer's text costs: it is made for each request that is not let in, which in a flood is most of them.
namespace tenfold::guard {
namespace {

using http::PageFormat;
using http::PageLanguage;

void BM_ChallengePage(benchmark::State& state) {
  const GuardPages pages("Corner Shop");
  const ChallengeOffer offer{
      .seed = "0123456789abcdef0123456789abcdef0123456789abcdef", .bits = 13, .to = "/search?q=green+tea&page=2"};
  const auto format = static_cast<PageFormat>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(pages.challenge(format, PageLanguage::de, offer));
}
BENCHMARK(BM_ChallengePage)->Arg(static_cast<int>(PageFormat::html))->Arg(static_cast<int>(PageFormat::json));

void BM_WaitingPage(benchmark::State& state) {
  const GuardPages pages("Corner Shop");
  const QueuePlace place{.ahead = 1234, .eta = std::chrono::seconds(200), .to = "/search?q=green+tea&page=2"};
  const auto format = static_cast<PageFormat>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(pages.waiting(format, PageLanguage::de, place));
}
BENCHMARK(BM_WaitingPage)->Arg(static_cast<int>(PageFormat::html))->Arg(static_cast<int>(PageFormat::json));

}  // namespace
}  // namespace tenfold::guard
