#include <benchmark/benchmark.h>

#include "edge/identify/rehearsals.hpp"
#include "http/rehearsal_credential.hpp"

// What knowing rehearsals costs a request.
namespace tenfold::edge {
namespace {

constexpr std::string_view secret = "a secret of thirty-two characters";
const WallTime now{std::chrono::seconds(1'800'000'000)};

// As a browser's request has them.
http::Headers with(std::string_view credential) {
  http::Headers headers;
  for (const char* name : {"Host", "User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Referer", "Cookie"})
    headers.add(name, "x");
  if (!credential.empty()) headers.add("Tenfold-Rehearsal", credential);
  return headers;
}

void ask(benchmark::State& state, const http::Headers& headers) {
  RehearsalGate gate;
  for (auto _ : state) benchmark::DoNotOptimize(gate.run_of(headers, secret, now));
}

void a_visitors_request(benchmark::State& state) { ask(state, with({})); }
BENCHMARK(a_visitors_request);

void a_rehearsals_request(benchmark::State& state) {
  const std::string credential = http::make_rehearsal_credential(secret, "run-7", now + std::chrono::hours(1));
  ask(state, with(credential));
}
BENCHMARK(a_rehearsals_request);

void a_forged_request(benchmark::State& state) {
  const std::string credential = http::make_rehearsal_credential("a guess", "run-7", now + std::chrono::hours(1));
  ask(state, with(credential));
}
BENCHMARK(a_forged_request);

}  // namespace
}  // namespace tenfold::edge
