// What one result costs: through the decisions, and through the history to the file.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "store/test_folder.hpp"
#include "watch/history/history_store.hpp"
#include "watch/service/core.hpp"

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;

class Nobody final : public Listener {
 public:
  void down(const Check&, const Change&) override {}
  void over(const Check&, const Change&) override {}
  void uplink(const UplinkVerdict&) override {}
};

Settings checks(int count) {
  Settings settings;
  for (int i = 0; i < count; ++i) {
    Check check;
    check.name = "shop page number " + std::to_string(i);
    check.probe = HttpProbe{.url = "https://shop.example/product/" + std::to_string(i)};
    check.every = 1s;
    settings.checks.push_back(std::move(check));
  }
  return settings;
}

// A thousand checks, each once a second: due, begun, answered well, counted, handed in; a second of the world an
// iteration. With a store also written, a transaction a second.
enum class Store { none, file };
void a_second_of_checks(benchmark::State& state, Store kept) {
  Nobody nobody;
  Moment now{TimePoint(1h), WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 24))};
  Core core(nobody, checks(static_cast<int>(state.range(0))), {}, Core::Before::known, now);
  store::TestFolder folder;
  auto history = HistoryStore::open(folder.file(), {}, now.wall).value();
  std::uint64_t results = 0;
  for (auto _ : state) {
    Batch batch;
    for (const TimePoint end = now.time + 1s; now.time < end;) {
      const Duration step = std::max<Duration>(core.next() - now.time, 0ns);
      now.time += step, now.wall += step;
      core.step(now);
      Core::Output output = core.drain();
      for (const DueLook& look : output.looks) {
        CheckResult result;
        result.at = now.wall;
        result.outcome = CheckResult::Outcome::good;
        result.address = "192.0.2.1";
        result.phases.total = 80ms;
        core.take(look, std::move(result), now);
        ++results;
      }
      Core::Output taken = core.drain();
      for (Batch* from : {&output.batch, &taken.batch}) {
        std::ranges::move(from->results, std::back_inserter(batch.results));
        std::ranges::move(from->hours, std::back_inserter(batch.hours));
        std::ranges::move(from->states, std::back_inserter(batch.states));
      }
    }
    benchmark::DoNotOptimize(core.view(now));
    if (kept == Store::file && !history->write(batch, now.wall)) state.SkipWithError("not written");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(results));
}

void Decided(benchmark::State& state) { a_second_of_checks(state, Store::none); }
void DecidedAndKept(benchmark::State& state) { a_second_of_checks(state, Store::file); }
BENCHMARK(Decided)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(DecidedAndKept)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenfold::watch
