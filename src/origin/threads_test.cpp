// The shared state under real threads and a real loop each: for the thread sanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "origin/checks.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::origin {
namespace {

Settings closed_ports(int servers) {
  Settings settings;
  PoolSettings& pool = settings.pools.emplace_back();
  pool.name = "eu";
  // Port 1 (tcpmux): nobody listens there, so that every request fails and everything that failing sets off runs.
  for (int i = 1; i <= servers; ++i) pool.servers.push_back({.host = "127.0.0." + std::to_string(i), .port = 1});
  settings.health.every = 20ms;
  return settings;
}

net::Task<void> fetch_often(Upstreams& upstreams, int times, std::atomic<int>& ended) {
  for (int i = 0; i < times; ++i) {
    http::RequestHead head;
    head.method_name = "GET";
    head.authority = "shop.example";
    head.target = "/";
    FetchRequest request{
        .head = head, .route = upstreams.route("GET", "shop.example", "/"), .deadline = upstreams.loop().now() + 1s};
    auto fetched = co_await upstreams.fetch(std::move(request));
    ended.fetch_add(1);
    auto slept = co_await upstreams.loop().sleep_for(1ms);
  }
}

net::Task<void> stop_checks(Checks& checks, net::Loop& loop) {
  co_await checks.stop();
  loop.stop();
}

class LiteralResolver final : public net::Resolver {
 public:
  net::Task<Result<net::Resolution>> resolve(std::string, TimePoint, net::CancelToken) override {
    co_return fail(Errc::unreachable);
  }
  net::Task<Result<std::vector<std::string>>> reverse(net::IpAddress, TimePoint, net::CancelToken) override {
    co_return fail(Errc::not_found);
  }
};

TEST(Threads, WorkersChecksAndReloadsShareTheDirectory) {
  const SystemClock clock;
  auto directory = Directory::make(closed_ports(3), clock);
  ASSERT_TRUE(directory);
  auto checks_loop = *net::make_loop(clock);
  LiteralResolver resolver;
  FastRandom checks_random(1);
  Checks checks(**directory, *checks_loop, resolver, checks_random);
  checks.start();
  std::thread checking([&] { checks_loop->run(); });

  constexpr int times = 100;
  std::atomic<int> ended{0};
  const auto work = [&](std::uint64_t seed) {
    auto loop = *net::make_loop(clock);
    FastRandom random(seed);
    Upstreams upstreams(**directory, *loop, random);
    net::Scope scope;
    scope.spawn(fetch_often(upstreams, times, ended));
    while (scope.running() != 0) loop->run_once(10ms);
  };
  std::thread first(work, 2);
  std::thread second(work, 3);
  for (int i = 0; ended.load() < 2 * times; ++i) {
    EXPECT_TRUE((*directory)->replace(closed_ports(2 + i % 2)));
    EXPECT_FALSE((*directory)->snapshot().empty());
    std::this_thread::yield();
  }
  first.join();
  second.join();

  net::Scope stopping;
  checks_loop->post([&] { stopping.spawn(stop_checks(checks, *checks_loop)); });
  checking.join();
  EXPECT_EQ(ended.load(), 2 * times);
}

}  // namespace
}  // namespace tenfold::origin
