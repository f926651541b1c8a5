// What strangers cost who solve, fail to solve, and wait.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "guard/challenge/challenges.hpp"
#include "guard/challenge/place_counts.hpp"
#include "guard/challenge/waiting_room.hpp"

namespace tenfold::guard {
namespace {

constexpr WallTime noon{std::chrono::seconds(1'800'000'000)};
constexpr Duration second = std::chrono::seconds(1);

const Prefix home = Prefix::of(net::IpAddress::v4(0xc0000207), Level::network);

const TokenKeys& keys() {
  static const TokenKeys made("a secret of thirty-two characters", noon);
  return made;
}

RoomVisitor nth_visitor(std::uint64_t number) {
  return {.network = Prefix::of(net::IpAddress::v4(static_cast<std::uint32_t>(number) << 8), Level::network)};
}

void issue_challenge(benchmark::State& state) {
  const Challenges challenges({}, {1, 2});
  FastRandom random(1);
  for (auto _ : state) benchmark::DoNotOptimize(challenges.issue(keys(), home, random, noon));
}

// A flood of wrong nonces: a signature and a hash each.
void refuse_wrong_nonce(benchmark::State& state) {
  Challenges challenges({.bits = 32}, {1, 2});
  FastRandom random(1);
  const std::string seed = challenges.issue(keys(), home, random, noon).seed;
  for (auto _ : state) {
    benchmark::DoNotOptimize(challenges.check(keys(), seed, "123456", home, Neighbours::unknown, noon));
  }
}

// As fast as a flood can come: a join in an instant of its own.
void join_room(benchmark::State& state) {
  WaitingRoom room({}, {1, 2});
  FastRandom random(1);
  WallTime now = noon;
  for (auto _ : state) benchmark::DoNotOptimize(room.join(random, now += std::chrono::microseconds(10)));
}

// 10,000 who wait and ask in turn, ten seconds apart.
void look_into_room(benchmark::State& state) {
  WaitingRoom room({.visits_per_s = 0.001}, {1, 2});
  FastRandom random(1);
  std::vector<Place> places;
  WallTime now = noon;
  for (std::uint64_t i = 0; i < 10'000; ++i) places.push_back(room.join(random, now).place);
  now += 2 * second;
  std::uint64_t number = 0;
  for (auto _ : state) {
    Place& place = places[number % places.size()];
    place = room.look(place, nth_visitor(number % places.size()), now += std::chrono::milliseconds(1)).place;
    ++number;
  }
}

void recount_places(benchmark::State& state) {
  PlaceCounts counts;
  counts.move_to(noon);
  for (auto _ : state) counts.recount();
}

BENCHMARK(issue_challenge);
BENCHMARK(refuse_wrong_nonce);
BENCHMARK(join_room);
BENCHMARK(look_into_room);
BENCHMARK(recount_places);

}  // namespace
}  // namespace tenfold::guard
