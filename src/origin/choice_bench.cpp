#include <benchmark/benchmark.h>

#include "origin/choice.hpp"
#include "origin/retry_budget.hpp"
#include "origin/router.hpp"

namespace tenfold::origin {
namespace {

constexpr TimePoint now{1h};

// A pool of that many servers; with weights 1, 2, 3, ... if they are to differ.
std::shared_ptr<Topology> topology_of(std::int64_t servers, Tier::Weights weights) {
  Settings settings;
  PoolSettings& pool = settings.pools.emplace_back();
  pool.name = "eu";
  for (std::int64_t i = 1; i <= servers; ++i) {
    pool.servers.push_back({.host = "10.0.0." + std::to_string(i),
                            .port = 80,
                            .weight = weights == Tier::Weights::equal ? 1 : static_cast<std::uint32_t>(i)});
  }
  ServerBook book;
  return *build_topology(std::move(settings), book);
}

// What every forwarded request does to the balancer: choose, enter, count the answer, leave.
void choose_enter_answer_leave(benchmark::State& state, Tier::Weights weights) {
  const auto topology = topology_of(state.range(0), weights);
  FastRandom random(1);
  RetryBudget budget;
  for (auto _ : state) {
    budget.count_request(now);
    const Choice choice = choose({.route = topology->routes.back(), .tried = {}, .sticky = {}, .now = now}, random);
    Server& server = *choice.member->server;
    benchmark::DoNotOptimize(server.try_enter(choice.member->max_connections));
    server.answered(200, 1ms, now);
    server.leave();
  }
}
BENCHMARK_CAPTURE(choose_enter_answer_leave, equal_weights, Tier::Weights::equal)->Arg(1)->Arg(2)->Arg(10)->Arg(100);
BENCHMARK_CAPTURE(choose_enter_answer_leave, different_weights, Tier::Weights::different)->Arg(2)->Arg(10);

void choose_with_one_server_down(benchmark::State& state) {
  const auto topology = topology_of(state.range(0), Tier::Weights::equal);
  topology->servers.front()->set(Mark::dead);
  FastRandom random(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(choose({.route = topology->routes.back(), .tried = {}, .sticky = {}, .now = now}, random));
  }
}
BENCHMARK(choose_with_one_server_down)->Arg(2)->Arg(10);

void route_among_ten(benchmark::State& state) {
  std::vector<RouteSettings> routes;
  for (int i = 0; i < 10; ++i) {
    routes.push_back({.hosts = {"h" + std::to_string(i) + ".example"}, .paths = {{"", "/a*"}}, .pools = {}});
  }
  const Router router(routes);
  for (auto _ : state) benchmark::DoNotOptimize(router.find("GET", "h9.example:443", "/articles/7"));
}
BENCHMARK(route_among_ten);

}  // namespace
}  // namespace tenfold::origin
