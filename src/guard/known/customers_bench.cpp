// What it costs to ask whether a client ordered on earlier days, by how many are remembered; and to make a snapshot.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/random.hpp"
#include "guard/known/customer_book.hpp"

namespace tenfold::guard {
namespace {

constexpr Day today{std::chrono::days(20'000)};

CustomerBook book_of(std::int64_t customers) {
  CustomerBook book("the installation's own secret");
  FastRandom random(1);
  for (std::int64_t i = 0; i < customers; ++i) {
    book.note_order(net::IpAddress::v4(static_cast<std::uint32_t>(random.next())),
                    today - std::chrono::days(29 - i * 30 / customers));
  }
  return book;
}

// Clients that are not near each other, as in a flood.
void ask_for_strangers(benchmark::State& state) {
  const auto known = book_of(state.range(0)).snapshot(today);
  FastRandom random(2);
  std::vector<net::IpAddress> clients(4096);
  for (net::IpAddress& client : clients) client = net::IpAddress::v4(static_cast<std::uint32_t>(random.next()));
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(known->past_of(clients[i++ % clients.size()], today));
  state.counters["entries"] = static_cast<double>(known->size());
}
BENCHMARK(ask_for_strangers)->Arg(0)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

void snapshot(benchmark::State& state) {
  CustomerBook book = book_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(book.snapshot(today));
}
BENCHMARK(snapshot)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenfold::guard
