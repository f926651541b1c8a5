// The limiter beside Netflix' Gradient2 and Envoy's minRTT before simulated shops. The table that it prints is kept in
// docs/decisions/0023-how-much-an-origin-bears.md.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

#include "guard/limit/contenders.hpp"
#include "guard/limit/scenarios.hpp"

namespace tenfold::guard::limit::simulation {
namespace {

constexpr std::uint64_t seed = 1;
constexpr LimiterOptions options{.initial = 32, .floor = 4, .ceiling = 1024};

struct Outcomes {
  Outcome ours;
  Outcome gradient;
  Outcome min_rtt;
};

Outcomes run(const Scenario& scenario) {
  const Setting setting{.seed = seed};
  Ours ours(options);
  Gradient2 gradient(20, options.floor, options.ceiling);
  MinRtt min_rtt(options.ceiling, seed);
  return {scenario.run(setting, ours), scenario.run(setting, gradient), scenario.run(setting, min_rtt)};
}

const std::map<std::string_view, Outcomes>& outcomes() {
  static const auto all = [] {
    std::map<std::string_view, Outcomes> all;
    for (const Scenario& scenario : scenarios()) all[scenario.name] = run(scenario);
    return all;
  }();
  return all;
}

void print(const Outcome& outcome) {
  std::printf(" %5.1f %% | %5.1f %% | %u to %u | %.0f ms |", 100 * outcome.worked, 100 * outcome.worst, outcome.least,
              outcome.most, 1000 * outcome.server_wait_s);
}

TEST(LimiterSimulationTest, Table) {
  std::printf("| scenario | ours: work done | in the worst second | limit | wait at the servers |");
  std::printf(" Gradient2: work done | in the worst second | limit | wait |");
  std::printf(" minRTT: work done | in the worst second | limit | wait |\n");
  for (const Scenario& scenario : scenarios()) {
    const Outcomes& all = outcomes().at(scenario.name);
    std::printf("| %s |", std::string(scenario.name).c_str());
    for (const Outcome& each : {all.ours, all.gradient, all.min_rtt}) print(each);
    std::printf("\n");
  }
}

// What a limiter is for: that the servers' time is used, and requests wait here and not there.
struct Bounds {
  std::string_view scenario;
  double worked;  // share of the capacity, at least
  double worst;   // in the worst second, at least
  std::uint32_t least;
  std::uint32_t most;
};
void PrintTo(const Bounds& bounds, std::ostream* out) { *out << bounds.scenario; }
constexpr std::array all_bounds{
    // Twenty workers. In steady state the dip is under 1 %, and half an hour changes nothing.
    Bounds{"half load, then a rush", 0.99, 0.99, 20, 40},
    Bounds{"steady, 2 min", 0.99, 0.99, 20, 40},
    Bounds{"steady, 10 min", 0.99, 0.99, 20, 40},
    Bounds{"steady, costs of two kinds", 0.97, 0.9, 17, 64},
    // Two seconds after the shop has changed.
    Bounds{"half of the workers fail", 0.99, 0.99, 10, 24},
    Bounds{"as many workers again", 0.97, 0.9, 32, 72},
    Bounds{"all takes twice as long", 0.96, 0.75, 12, 40},
    Bounds{"all takes half as long", 0.99, 0.99, 20, 64},
    Bounds{"workers fail one by one", 0.98, 0.95, 9, 40},
    Bounds{"slow ramp of demand", 0.99, 0.99, 20, 40},
    // Whatever is asked for, and however it changes, the limit is that of the servers.
    Bounds{"flood of searches", 0.98, 0.9, 18, 48},
    Bounds{"flood, ten times as costly", 0.97, 0.75, 14, 72},
    Bounds{"every request its own path", 0.98, 0.9, 18, 48},
    Bounds{"cost jumps every 0.4 s", 0.97, 0.8, 15, 72},
    Bounds{"cost jumps every 3 s", 0.97, 0.8, 15, 72},
    Bounds{"jumps every 3 s, nobody known", 0.97, 0.8, 15, 72},
    Bounds{"cost follows the limit", 0.97, 0.8, 15, 72},
    Bounds{"follows it, nobody known", 0.97, 0.8, 15, 72},
    Bounds{"cheap first, then dear", 0.97, 0.8, 18, 48},
    Bounds{"poisoned in calm, then flooded", 0.98, 0.9, 18, 48},
    // Half of the time there is not enough to do.
    Bounds{"pulses of 0.5 s", 0.98, 0.9, 18, 48},
    Bounds{"pulses of 10 s", 0.7, 0.2, 18, 48},
    Bounds{"restart in a siege", 0.97, 0.8, 10, 64},
    Bounds{"silence between two rushes", 0.97, 0.8, 16, 48},
    Bounds{"no answers for 10 s", 0.97, 0.9, 15, 56},
    Bounds{"5xx and clients that leave", 0.98, 0.9, 18, 48},
    // Two single-threaded origins: what 16 clients need they have, and more.
    Bounds{"replay, 16 clients, 0.4 ms", 0.99, 0.99, 17, 128},
    Bounds{"replay, 48 clients, 0.4 ms", 0.99, 0.99, 17, 128},
    Bounds{"replay, 48 clients, 1.4 ms", 0.99, 0.99, 17, 128},
    // Ten connections for 30 s, and all for ten: what is waited for is not the pool.
    Bounds{"connections of its own short", 0.62, 0.49, 20, 40},
    Bounds{"a shop that bears 4", 0.8, 0.2, 4, 32},
    // A trial waits for what was asked before it.
    Bounds{"requests of seconds", 0.98, 0.95, 18, 40},
    Bounds{"bears 4, from the start", 0.75, 0.3, 4, 32},
};

class BoundsTest : public testing::TestWithParam<Bounds> {};

TEST_P(BoundsTest, Hold) {
  const Bounds& bounds = GetParam();
  const Outcome& ours = outcomes().at(bounds.scenario).ours;
  EXPECT_GE(ours.worked, bounds.worked) << bounds.scenario;
  EXPECT_GE(ours.worst, bounds.worst) << bounds.scenario;
  EXPECT_GE(ours.least, bounds.least) << bounds.scenario;
  EXPECT_LE(ours.most, bounds.most) << bounds.scenario;
}

TEST_P(BoundsTest, NoOtherDoesMoreWork) {
  const Outcomes& all = outcomes().at(GetParam().scenario);
  EXPECT_GE(all.ours.worked, all.gradient.worked - 0.05) << GetParam().scenario;
  EXPECT_GE(all.ours.worked, all.min_rtt.worked - 0.05) << GetParam().scenario;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, BoundsTest, testing::ValuesIn(all_bounds),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(LimiterSimulationTest, EveryScenarioHasBounds) {
  EXPECT_EQ(scenarios().size(), all_bounds.size());
  for (const Bounds& bounds : all_bounds) EXPECT_TRUE(outcomes().contains(bounds.scenario)) << bounds.scenario;
}

TEST(LimiterSimulationTest, TwoRunsAreAlike) {
  const Scenario first = scenarios().front();
  const Outcome again = run(first).ours;
  const Outcome& before = outcomes().at(first.name).ours;
  EXPECT_EQ(again.worked, before.worked);
  EXPECT_EQ(again.limit, before.limit);
  EXPECT_EQ(again.server_wait_s, before.server_wait_s);
}

}  // namespace
}  // namespace tenfold::guard::limit::simulation
