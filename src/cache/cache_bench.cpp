// What a hit costs: key, lookup and reply, as the edge asks for them; one thread and two, one key and a skewed load.
#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "cache/cache.hpp"
#include "cache/reply.hpp"
#include "cache/test_requests.hpp"

namespace tenfold::cache {
namespace {

using testing::answer;

constexpr int pages = 20'000;

// As a browser sends it.
http::RequestHead browser_request(std::string_view target) {
  return testing::get(target, {{"Host", "shop.example"},
                               {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
                               {"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
                               {"Accept-Language", "de,en-US;q=0.7,en;q=0.3"},
                               {"Accept-Encoding", "gzip, deflate, br, zstd"},
                               {"Referer", "https://shop.example/"},
                               {"Cookie", "session=0123456789abcdef0123456789abcdef"},
                               {"Connection", "keep-alive"}});
}

struct Shop {
  explicit Shop(std::string_view vary) {
    const std::string body(1024, 'x');
    for (int i = 0; i < pages; ++i) targets.push_back("/catalogue/item/" + std::to_string(i) + "?view=full");
    for (const std::string& target : targets) {
      Arena arena;
      const auto request = browser_request(target);
      const auto key = cache.key_of(request, arena);
      Found found = cache.lookup(*key, request, clock.now());
      auto response = answer(200, {{"Content-Type", "text/html; charset=utf-8"},
                                   {"Cache-Control", "public, max-age=6000"},
                                   {"ETag", "\"0123456789\""},
                                   {"Last-Modified", "Wed, 31 Dec 2025 14:00:00 GMT"},
                                   {"Server", "nginx"}});
      if (!vary.empty()) response.headers.add(http::Field::vary, vary);
      Fill& fill = std::get<Miss>(found).fill;
      fill.head(request, response, {http::BodyLength::Kind::known, body.size()},
                {clock.now(), clock.now(), clock.wall_now()});
      fill.body(body);
      fill.finish();
    }
    // Zipf with exponent 1, drawn beforehand and written one behind the other, as requests come out of a buffer.
    FastRandom random(1);
    const double total = std::log(static_cast<double>(pages));
    for (int i = 0; i < 65'536; ++i) {
      const int page = std::min(pages - 1, static_cast<int>(std::exp(random.unit() * total)) - 1);
      const std::string& target = targets[static_cast<std::size_t>(page)];
      ends.push_back((ends.empty() ? 0 : ends.back()) + target.size());
      stream += target;
    }
  }

  ManualClock clock;
  Cache cache{{.hash_seed = 42}, clock};
  std::vector<std::string> targets;
  std::string stream;
  std::vector<std::size_t> ends;  // of each target in the stream

  std::string_view drawn(std::size_t i) const {
    i %= ends.size();
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(stream).substr(begin, ends[i] - begin);
  }
};

Shop& shop() {
  static Shop made("");
  return made;
}
Shop& varying_shop() {
  static Shop made("Accept-Encoding");
  return made;
}

enum class Step { look, answer };

void run(benchmark::State& state, Shop& at, Step step) {
  Arena arena;
  auto request = browser_request("/");
  std::size_t next = static_cast<std::size_t>(state.thread_index()) * 7919;
  for (auto _ : state) {
    request.target = at.drawn(next++);
    const auto key = at.cache.key_of(request, arena);
    Found found = at.cache.lookup(*key, request, at.clock.now());
    const auto* hit = std::get_if<Hit>(&found);
    if (hit == nullptr) {
      state.SkipWithError("not a hit");
      break;
    }
    if (step == Step::answer) {
      const Reply reply =
          reply_from(*hit->entry, request, hit->age_s, {.ttl_s = hit->ttl_s}, at.clock.wall_now(), arena);
      benchmark::DoNotOptimize(reply.body.data());
    }
    benchmark::DoNotOptimize(hit);
    arena.clear();
  }
  state.SetItemsProcessed(state.iterations());
}

void hit_zipf(benchmark::State& state) { run(state, shop(), Step::look); }
void hit_zipf_vary(benchmark::State& state) { run(state, varying_shop(), Step::look); }
void hit_zipf_and_reply(benchmark::State& state) { run(state, shop(), Step::answer); }

void hit_one_key(benchmark::State& state) {
  Shop& at = shop();
  Arena arena;
  auto request = browser_request(at.targets[0]);
  for (auto _ : state) {
    const auto key = at.cache.key_of(request, arena);
    Found found = at.cache.lookup(*key, request, at.clock.now());
    benchmark::DoNotOptimize(found);
    arena.clear();
  }
}

BENCHMARK(hit_zipf)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(hit_zipf_vary)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(hit_zipf_and_reply)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(hit_one_key)->Threads(1)->Threads(2)->UseRealTime();

}  // namespace
}  // namespace tenfold::cache
