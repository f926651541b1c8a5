#include <benchmark/benchmark.h>

#include "edge/access_log/access_format.hpp"
#include "edge/access_log/access_ring.hpp"

namespace tenfold::edge {
namespace {

AccessEntry browser_entry() {
  AccessEntry entry;
  entry.at = WallTime(std::chrono::seconds(1'795'424'760));
  entry.client = net::IpAddress::v4(0xc0000207);
  entry.client_port = 40001;
  entry.status = 200;
  entry.attempts = 1;
  entry.body_bytes = 24'310;
  entry.duration = std::chrono::microseconds(12'345);
  entry.origin_time = std::chrono::microseconds(11'800);
  entry.method = "GET";
  entry.target = "/products/garden/hose-20m?ref=home&sort=price";
  entry.host = "www.shop.example";
  entry.referer = "https://www.shop.example/products/garden";
  entry.user_agent =
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
  entry.origin_server = "127.0.0.1:9001";
  entry.cache = "miss";
  entry.tls = "TLSv1.3";
  return entry;
}

// The worker's cost; the reader's share, which frees the room again, is not counted.
void push(benchmark::State& state) {
  AccessRing ring(4 << 20);
  const AccessEntry entry = browser_entry();
  AccessEntry read;
  for (auto _ : state) {
    if (ring.push(entry) == AccessRing::Pushed::stored) continue;
    state.PauseTiming();
    while (ring.next(read)) benchmark::DoNotOptimize(read);
    ring.release();
    state.ResumeTiming();
  }
}
BENCHMARK(push);

void push_to_a_full_ring(benchmark::State& state) {
  AccessRing ring(0);
  const AccessEntry entry = browser_entry();
  while (ring.push(entry) == AccessRing::Pushed::stored) {
  }
  for (auto _ : state) benchmark::DoNotOptimize(ring.push(entry));
}
BENCHMARK(push_to_a_full_ring);

void format(benchmark::State& state, void (*write)(const AccessEntry&, AccessTime&, std::string&)) {
  const AccessEntry entry = browser_entry();
  AccessTime time;
  std::string out;
  for (auto _ : state) {
    out.clear();
    write(entry, time, out);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK_CAPTURE(format, combined, &format_combined);
BENCHMARK_CAPTURE(format, json, &format_json);

}  // namespace
}  // namespace tenfold::edge
