// What taking a request costs: a shop with 20,000 visitors under way, 50,000 products, images behind each page.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "rehearse/learn/learner.hpp"

namespace tenfold::rehearse {
namespace {

struct Text {
  std::string client, target, referer;
};

std::vector<Text> traffic(std::size_t entries) {
  std::vector<Text> result;
  std::uint64_t state = 1;
  const auto random = [&](std::uint64_t below) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % below;
  };
  while (result.size() < entries) {
    const std::string client = "10." + std::to_string(random(200)) + ".0." + std::to_string(random(100));
    const std::string page = "/product/" + std::to_string(random(50'000)) + "/a-name-of-some-length";
    result.push_back({client, page, "https://shop.example/browse/chairs"});
    for (int i = 0; i < 9; ++i)
      result.push_back(
          {client, "/image/" + std::to_string(random(20'000)) + "/150x150.jpg", "https://shop.example" + page});
  }
  return result;
}

void Take(benchmark::State& bench) {
  const auto texts = traffic(1'000'000);
  Learner learner({});
  Entry entry;
  entry.method = "GET";
  entry.status = 200;
  entry.bytes = 5'000;
  entry.user_agent =
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/71.0.3578.98";
  std::size_t i = 0;
  std::int64_t at_us = 0;
  for (auto _ : bench) {
    const Text& text = texts[i++ % texts.size()];
    entry.at_ms = 1'700'000'000'000 + (at_us += 500) / 1000;  // 2,000 requests a second
    entry.client = text.client;
    entry.target = text.target;
    entry.referer = text.referer;
    learner.take(entry);
  }
  bench.SetItemsProcessed(static_cast<std::int64_t>(bench.iterations()));
}
BENCHMARK(Take)->Iterations(8'000'000);

}  // namespace
}  // namespace tenfold::rehearse
