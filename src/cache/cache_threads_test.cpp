// The cache under several threads with real loops: for the thread sanitizer, and for its promises under contention.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/random.hpp"
#include "cache/cache.hpp"
#include "cache/reply.hpp"
#include "cache/test_requests.hpp"
#include "net/scope.hpp"

namespace tenfold::cache {
namespace {

using namespace std::chrono_literals;
using namespace testing;

const SystemClock system_clock;

// A worker that asks for pages as the edge does. The body of a page is its target, so that a mix-up shows.
struct Worker {
  Cache& cache;
  net::Loop& loop;
  FastRandom random;
  std::atomic<int>& fetches;
  int wrong = 0;
  int answered = 0;
};

net::Task<void> fetch(Worker& worker, const http::RequestHead& request, Fill fill) {
  worker.fetches.fetch_add(1);
  // The origin's time, in which others come to wait.
  co_await worker.loop.sleep_for(std::chrono::microseconds(worker.random.below(2000)));
  if (worker.random.below(20) == 0) co_return;  // the client left
  if (worker.random.below(20) == 0) {
    fill.fail();
    co_return;
  }
  const bool cacheable = request.target.find("private") == std::string_view::npos;
  const auto response = answer(200, {{"Cache-Control", cacheable ? "max-age=60" : "private"}});
  const FetchTimes times{worker.loop.now(), worker.loop.now(), system_clock.wall_now()};
  if (fill.head(request, response, unknown(), times) != FillVerdict::store) co_return;
  for (int i = 0; i < 20; ++i) fill.body(request.target);
  fill.finish();
}

void check(Worker& worker, const http::RequestHead& request, const EntryPtr& entry) {
  Arena arena;
  const Reply reply = reply_from(*entry, request, 0, {}, system_clock.wall_now(), arena);
  if (!reply.body.starts_with(request.target) || reply.body.size() != 20 * request.target.size()) ++worker.wrong;
}

net::Task<void> ask(Worker& worker, std::string target) {
  Arena arena;
  const http::RequestHead request = get(target);
  const auto key = worker.cache.key_of(request, arena);
  Found found = worker.cache.lookup(*key, request, worker.loop.now());
  if (auto* waiting = std::get_if<Wait>(&found)) {
    Found waited =
        co_await worker.cache.wait(std::move(*waiting), *key, request, worker.loop,
                                   worker.loop.now() + std::chrono::milliseconds(1 + worker.random.below(20)));
    found = std::move(waited);
  }
  ++worker.answered;
  if (auto* hit = std::get_if<Hit>(&found)) check(worker, request, hit->entry);
  if (auto* stale = std::get_if<Stale>(&found)) check(worker, request, stale->entry);
  if (auto* miss = std::get_if<Miss>(&found)) co_await fetch(worker, request, std::move(miss->fill));
}

void work(Worker& worker, int requests) {
  net::Scope scope;
  for (int i = 0; i < requests; ++i) {
    const auto number = std::to_string(worker.random.below(60));
    scope.spawn(ask(worker, (worker.random.below(10) == 0 ? "/private/" : "/page/") + number));
    if (scope.running() > 64 || i % 16 == 0) worker.loop.run_once(0ms);
  }
  while (scope.running() > 0) worker.loop.run_once(10ms);
}

TEST(CacheThreads, LookFillAndPurgeTogether) {
  CacheOptions options;
  options.memory_bytes = 1024 * 1024;
  Cache cache(options, system_clock);
  std::atomic<int> fetches{0};
  std::atomic<int> wrong{0};
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    threads.emplace_back([&, seed] {
      auto loop = net::make_loop(system_clock, net::Backend::epoll);
      Worker worker{cache, **loop, FastRandom(seed), fetches};
      work(worker, 4000);
      wrong += worker.wrong;
      EXPECT_EQ(worker.answered, 4000);
    });
  }
  std::thread purger([&] {
    FastRandom random(9);
    while (!done) {
      EXPECT_LE(cache.snapshot().bytes, options.memory_bytes);
      const auto number = std::to_string(random.below(60));
      EXPECT_TRUE(cache.purge("https://shop.example/page/" + number).has_value());
      if (random.below(50) == 0) {
        EXPECT_TRUE(cache.purge_prefix("https://shop.example/page/1").has_value());
      }
      std::this_thread::yield();
    }
  });
  for (auto& thread : threads) thread.join();
  done = true;
  purger.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(cache.snapshot().waiting, 0u);
  EXPECT_GT(cache.snapshot().hits, 0u);
}

net::Task<void> wait_for_page(Cache& cache, net::Loop& loop, std::atomic<int>& bodies) {
  Arena arena;
  const http::RequestHead request = get("/page");
  const auto key = cache.key_of(request, arena);
  Found found = cache.lookup(*key, request, loop.now());
  if (auto* waiting = std::get_if<Wait>(&found)) {
    Found waited = co_await cache.wait(std::move(*waiting), *key, request, loop, loop.now() + 30s);
    found = std::move(waited);
  }
  const auto* hit = std::get_if<Hit>(&found);
  if (hit != nullptr && hit->entry->body() == "page") bodies.fetch_add(1);
}

// Whoever fetches and whoever waits are on different threads.
TEST(CacheThreads, OneFetchServesWaitersOnOtherLoops) {
  Cache cache({}, system_clock);
  Arena arena;
  const http::RequestHead request = get("/page");
  const auto key = cache.key_of(request, arena);
  Found found = cache.lookup(*key, request, system_clock.now());
  ASSERT_TRUE(std::holds_alternative<Miss>(found));
  std::atomic<int> bodies{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      auto loop = net::make_loop(system_clock, net::Backend::epoll);
      net::Scope scope;
      for (int j = 0; j < 100; ++j) scope.spawn(wait_for_page(cache, **loop, bodies));
      while (scope.running() > 0) (*loop)->run_once(10ms);
    });
  }
  while (cache.snapshot().waiting < 200) std::this_thread::yield();
  Fill& fill = std::get<Miss>(found).fill;
  const FetchTimes times{system_clock.now(), system_clock.now(), system_clock.wall_now()};
  ASSERT_EQ(fill.head(request, answer(200, {{"Cache-Control", "max-age=60"}}), known(4), times), FillVerdict::store);
  fill.body("page");
  fill.finish();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(bodies, 200);
  EXPECT_EQ(cache.snapshot().misses, 1u);
}

// Whichever comes first, a purge or the listing of what was fetched before it: nothing of that is left.
TEST(CacheThreads, APurgeAndTheEndOfAFetchLeaveNothingBehind) {
  Cache cache({}, system_clock);
  const http::RequestHead request = get("/page");
  const FetchTimes times{system_clock.now(), system_clock.now(), system_clock.wall_now()};
  std::atomic<int> ready{0};
  for (int round = 0; round < 4000; ++round) {
    Arena arena;
    const auto key = cache.key_of(request, arena);
    Found found = cache.lookup(*key, request, system_clock.now());
    ASSERT_TRUE(std::holds_alternative<Miss>(found)) << round;
    Fill& fill = std::get<Miss>(found).fill;
    ASSERT_EQ(fill.head(request, answer(200, {{"Cache-Control", "max-age=60"}}), known(4), times), FillVerdict::store);
    fill.body("page");
    ready = 0;
    std::thread purger([&] {
      for (++ready; ready < 2;) {
      }
      const auto purged =
          round % 2 == 0 ? cache.purge("https://shop.example/page") : cache.purge_prefix("https://shop.example/");
      EXPECT_TRUE(purged.has_value());
    });
    for (++ready; ready < 2;) {
    }
    fill.finish();
    purger.join();
    ASSERT_EQ(cache.snapshot().entries, 0u) << round;
  }
}

}  // namespace
}  // namespace tenfold::cache
