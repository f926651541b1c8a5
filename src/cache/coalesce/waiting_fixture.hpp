#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "cache/cache.hpp"
#include "cache/test_requests.hpp"
#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"

// Visitors who want the same page of a cache at once, in a simulated network's time.
namespace tenfold::cache {
using namespace std::chrono_literals;
using namespace testing;

struct Asking {
  http::RequestHead request;
  Arena arena;
  Key key;
  std::optional<Found> answer;
};

inline net::Task<void> wait_for(Cache& cache, Wait waiting, Asking& asking, net::Loop& loop, TimePoint deadline,
                                net::CancelToken token, Stake stake) {
  Found found = co_await cache.wait(std::move(waiting), asking.key, asking.request, loop, deadline, token, stake);
  asking.answer.emplace(std::move(found));
}

class WaitingTest : public ::testing::Test {
 protected:
  ~WaitingTest() override {
    network.advance(1h);
    asked.clear();
  }

  Found look(const http::RequestHead& request) {
    const auto key = cache.key_of(request, arena);
    return cache.lookup(*key, request, network.clock().now());
  }
  // Asks on one of the loops; where the cache says Wait, waits for five seconds at most.
  Asking& ask(net::Loop& loop, http::RequestHead request, net::CancelToken token = {}) {
    return ask_as(0, loop, std::move(request), 5s, token);
  }
  Asking& ask_as(std::uint64_t client, net::Loop& loop, http::RequestHead request, Duration waits = 10s,
                 net::CancelToken token = {}, Stake stake = {}) {
    Asking& asking = asked.emplace_back();
    asking.request = std::move(request);
    asking.key = *cache.key_of(asking.request, asking.arena);
    Found found = cache.lookup(asking.key, asking.request, network.clock().now(), client);
    if (auto* wait = std::get_if<Wait>(&found)) {
      scope.spawn(wait_for(cache, std::move(*wait), asking, loop, network.clock().now() + waits, token, stake));
    } else {
      asking.answer.emplace(std::move(found));
    }
    return asking;
  }
  Asking& ask_for(Stake stake, net::Loop& loop, http::RequestHead request) {
    return ask_as(0, loop, std::move(request), 10s, {}, stake);
  }
  FetchTimes now() { return {network.clock().now(), network.clock().now(), network.clock().wall_now()}; }
  template <class T>
  static bool got(const Asking& asking) {
    return asking.answer && std::holds_alternative<T>(*asking.answer);
  }
  static std::string_view body(const Asking& asking) { return std::get<Hit>(*asking.answer).entry->body(); }
  Fill& fill_of(Asking& asking) { return std::get<Miss>(*asking.answer).fill; }
  void store(Fill& fill, const http::RequestHead& request, Fields fields, std::string_view text) {
    ASSERT_EQ(fill.head(request, answer(200, fields), known(text.size()), now()), FillVerdict::store);
    fill.body(text);
    fill.finish();
  }

  net::sim::SimNetwork network;
  net::sim::SimLoop& one = network.make_loop();
  net::sim::SimLoop& two = network.make_loop();
  Cache cache{{}, network.clock()};
  Arena arena;
  net::Scope scope;
  std::list<Asking> asked;
};

}  // namespace tenfold::cache
