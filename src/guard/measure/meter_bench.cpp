#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/siphash.hpp"
#include "guard/measure/ledger.hpp"
#include "guard/measure/meter.hpp"

namespace tenfold::guard {
namespace {

constexpr SipKey secret{0x0123456789abcdef, 0xfedcba9876543210};

// Each number's address, scattered over all networks. The multiplier is odd, so that no two have the same.
net::IpAddress source(std::uint64_t number) {
  return net::IpAddress::v4(static_cast<std::uint32_t>(number) * 0x9e3779b1u);
}

// What the number's request took: 10 to 75 ms.
Usage usage_of(std::uint64_t number) {
  return {.origin_us = 10'000 + (number * 0x9e37 & 0xffff), .requests = 1, .misses = 1, .pages = 1};
}

// So many distinct sources, in turn; no window ends, so that the meter is full.
void add_to_a_meter(benchmark::State& state) {
  const auto sources = static_cast<std::uint64_t>(state.range(0));
  Meter meter({.secret = secret});
  std::uint64_t number = 0;
  for (auto _ : state) {
    meter.add(source(number), usage_of(number));
    if (++number == sources) number = 0;
  }
  state.counters["bytes"] = static_cast<double>(meter.bytes());
}
BENCHMARK(add_to_a_meter)->RangeMultiplier(10)->Range(10, 10'000'000);

// The brain's work every 100 ms: two workers' meters, full of sources that it has not seen.
void merge_two_full_meters(benchmark::State& state) {
  std::vector<std::unique_ptr<Meter>> meters;
  std::uint64_t number = 0;
  for (int i = 0; i < 40; ++i) {
    meters.push_back(std::make_unique<Meter>(Meter::Options{.secret = secret}));
    for (int j = 0; j < 10'000; ++j, ++number) meters.back()->add(source(number), usage_of(number));
  }
  Ledger ledger({.secret = secret});
  TimePoint now{std::chrono::hours(1)};
  std::size_t next = 0;
  for (auto _ : state) {
    const std::array<const Meter*, 2> both{meters[next % 40].get(), meters[next % 40 + 1].get()};
    ledger.merge(both, now);
    now += std::chrono::milliseconds(100);
    next += 2;
  }
  state.counters["bytes"] = static_cast<double>(ledger.bytes());
}
BENCHMARK(merge_two_full_meters)->Unit(benchmark::kMillisecond);

net::IpAddress heavy_source(std::uint64_t number) {
  return net::IpAddress::v4(0xc0000201u + 256 * static_cast<std::uint32_t>(number));
}

// Pages of the process that are in memory.
double resident_pages() {
  double size = 0;
  double resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident;
}

// Ten million sources, each seen once, ten thousand a window; and twenty that have half a hundredth each. How many of
// these are found, who else is said to be heavy, and how much memory it takes more than at the first.
void ten_million_once_seen(benchmark::State& state) {
  Meter meter({.secret = secret});
  Ledger ledger({.secret = secret});
  TimePoint now{std::chrono::hours(1)};
  const double pages = resident_pages();
  for (auto _ : state) {
    for (std::uint64_t number = 0; number < 10'000'000; ++number) {
      meter.add(source(number), usage_of(number));
      if (number % 9 == 0) meter.add(heavy_source(number / 9 % 20), usage_of(number));
      if (number % 10'000 != 9'999) continue;
      now += std::chrono::milliseconds(100);
      const Meter* const filled = &meter;
      ledger.merge({&filled, 1}, now);
      meter.clear();
    }
  }
  double planted = 0;
  const std::vector<Heavy> heaviest = ledger.heaviest(Level::client, 1000);
  for (const Heavy& heavy : heaviest) planted += heavy.prefix.text().starts_with("192.0.") ? 1 : 0;
  state.counters["found"] = planted;
  state.counters["others"] = static_cast<double>(heaviest.size()) - planted;
  state.counters["pages_more"] = resident_pages() - pages;
}
BENCHMARK(ten_million_once_seen)->Unit(benchmark::kSecond)->Iterations(1);

}  // namespace
}  // namespace tenfold::guard
