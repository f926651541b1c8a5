// What a request pays for its cookies: each line is a part of the microsecond that the guard may cost.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "base/random.hpp"
#include "guard/token/budget.hpp"
#include "guard/token/id_watch.hpp"
#include "guard/token/our_cookies.hpp"
#include "guard/token/tokens.hpp"

namespace tenfold::guard {
namespace {

constexpr WallTime noon{std::chrono::seconds(1'800'000'000)};
constexpr TimePoint start{std::chrono::hours(1)};

const Prefix home = Prefix::of(net::IpAddress::v4(0xc0000207), Level::network);

const TokenKeys& keys() {
  static const TokenKeys made("a secret of thirty-two characters", noon);
  return made;
}

std::string clearance_text() {
  return seal(keys(), Clearance{.id = 1, .issued = noon, .expires = noon + Clearance::usual_life}, home);
}

void open_first_seen(benchmark::State& state) {
  const std::string text = seal(keys(), first_seen_now(1, noon));
  for (auto _ : state) benchmark::DoNotOptimize(open_first_seen(keys(), text, noon));
}

void open_clearance(benchmark::State& state) {
  const std::string text = clearance_text();
  for (auto _ : state) benchmark::DoNotOptimize(open_clearance(keys(), text, home, noon));
}

void refuse_forged(benchmark::State& state) {
  std::string text = clearance_text();
  text.back() = text.back() == '0' ? '1' : '0';
  for (auto _ : state) benchmark::DoNotOptimize(open_clearance(keys(), text, home, noon));
}

void open_seed(benchmark::State& state) {
  const std::string text = seal(keys(), Seed{.bits = 13, .number = 1, .issued = noon}, home);
  for (auto _ : state) benchmark::DoNotOptimize(open_seed(keys(), text, home, noon));
}

void seal_clearance(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(clearance_text());
}

// A customer's header: two of ours, the shop's session, and what statistics leave there.
void find_cookies(benchmark::State& state) {
  const CookieNames names;
  const std::string field =
      "_ga=GA1.2.1234567890.1700000000; _ga_ABCDEFGHIJ=GS1.1.1700000000.1.1.1700000000.0.0.0; "
      "cookie_consent=all; tenfold_seen=" +
      seal(keys(), first_seen_now(1, noon)) + "; PHPSESSID=0123456789abcdef0123456789; " +
      "tenfold_clear=" + clearance_text();
  Arena arena;
  for (auto _ : state) {
    OwnCookies own;
    benchmark::DoNotOptimize(names.session_in(take_own_cookies(field, arena, own)));
    benchmark::DoNotOptimize(own);
    arena.clear();
  }
}

// With as many ids as the argument says, in turn: as they come, and more than there is room for.
void watch_ids(benchmark::State& state) {
  IdWatch watch({}, {1, 2});
  FastRandom random(1);
  const auto ids = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(watch.see(random.below(ids), home, start));
}

void spend_budget(benchmark::State& state) {
  Budget budget({}, {1, 2});
  FastRandom random(1);
  const auto ids = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(budget.spend(random.below(ids), std::chrono::milliseconds(1), start));
  }
}

BENCHMARK(open_first_seen);
BENCHMARK(open_clearance);
BENCHMARK(refuse_forged);
BENCHMARK(open_seed);
BENCHMARK(seal_clearance);
BENCHMARK(find_cookies);
BENCHMARK(watch_ids)->Arg(100)->Arg(10'000)->Arg(10'000'000);
BENCHMARK(spend_budget)->Arg(100)->Arg(10'000)->Arg(10'000'000);

}  // namespace
}  // namespace tenfold::guard
