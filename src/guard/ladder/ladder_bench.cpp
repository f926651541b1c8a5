#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "guard/judge/judge.hpp"
#include "guard/ladder/ladder.hpp"
#include "guard/ladder/measure_table.hpp"

namespace tenfold::guard::ladder {
namespace {

using judging::HeavySubject;
using judging::SubjectId;
using judging::SubjectLevel;

constexpr Duration window = std::chrono::milliseconds(100);

// A siege of so many heavy subjects in each window, out of a million; all of them ask for too much.
judging::Samples siege(Random& random, std::int64_t heavy) {
  judging::Samples samples;
  samples.window = window;
  samples.pools.push_back({.limit = 20, .most_active = 20, .most_waiting = 50, .shed = 100});
  samples.totals.stranger = {.requests = 1000, .asked = 1000, .answered = 100, .origin_ms = 2000};
  for (std::int64_t i = 0; i < heavy; ++i) {
    HeavySubject one;
    one.subject = {static_cast<SubjectLevel>(i % 5), SubjectId{1 + random.below(1'000'000)}};
    one.counts = {.requests = 100, .asked = 100, .answered = 10, .origin_ms = 2000, .pages = 100};
    one.spread = 10;
    samples.heavy.push_back(one);
  }
  return samples;
}

std::vector<Measure> standing_measures(std::uint64_t count, TimePoint now) {
  std::vector<Measure> measures(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    measures[i].subject = {SubjectLevel::client, SubjectId{10'000'000 + i}};
    measures[i].step = Step::drop;
    measures[i].until = now + std::chrono::hours(1);
  }
  return measures;
}

void judge_a_window(benchmark::State& state) {
  FastRandom random(1);
  ManualClock clock;
  judging::Judge judge;
  std::vector<judging::Samples> windows;
  for (int i = 0; i < 50; ++i) windows.push_back(siege(random, state.range(0)));
  std::size_t next = 0;
  for (auto _ : state) {
    clock.advance(window);
    benchmark::DoNotOptimize(judge.judge(windows[next++ % windows.size()], clock.now()));
  }
}
BENCHMARK(judge_a_window)->Arg(0)->Arg(256)->Arg(2560)->Unit(benchmark::kMicrosecond);

void climb_beside_standing_measures(benchmark::State& state) {
  FastRandom random(1);
  ManualClock clock;
  Ladder ladder(Acting::enforce);
  ladder.restore(standing_measures(static_cast<std::uint64_t>(state.range(0)), clock.now()), clock.now());
  judging::Verdict verdict;
  verdict.posture = judging::Posture::besieged;
  for (auto _ : state) {
    state.PauseTiming();
    verdict.findings.assign(1024, {});
    for (judging::Finding& finding : verdict.findings) finding.subject.id = SubjectId{1 + random.below(2000)};
    clock.advance(window);
    state.ResumeTiming();
    ladder.climb(verdict, {}, clock.now());
  }
}
BENCHMARK(climb_beside_standing_measures)->Arg(0)->Arg(60'000)->Unit(benchmark::kMicrosecond)->Iterations(200);

void publish(benchmark::State& state) {
  ManualClock clock;
  Ladder ladder(Acting::enforce);
  ladder.restore(standing_measures(static_cast<std::uint64_t>(state.range(0)), clock.now()), clock.now());
  for (auto _ : state) {
    const Plan plan = ladder.plan();
    benchmark::DoNotOptimize(MeasureTable(plan.measures));
  }
}
BENCHMARK(publish)->Arg(0)->Arg(2000)->Arg(65'536)->Unit(benchmark::kMicrosecond);

// What each request costs: its five subjects looked up.
void look_up(benchmark::State& state) {
  FastRandom random(1);
  const MeasureTable table(standing_measures(static_cast<std::uint64_t>(state.range(0)), TimePoint()));
  judging::RequestSubjects of;
  for (auto _ : state) {
    of.client = SubjectId{10'000'000 + random.below(100'000)};
    of.network = SubjectId{random.next()};
    benchmark::DoNotOptimize(table.strictest(of));
  }
}
BENCHMARK(look_up)->Arg(0)->Arg(2000)->Arg(65'536);

}  // namespace
}  // namespace tenfold::guard::ladder
