// Challenges as all workers share them.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "guard/challenge/challenges.hpp"
#include "guard/challenge/solve_for_test.hpp"

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

TEST(ChallengesThreads, OfManyWhoBringOneSolutionOneIsCleared) {
  constexpr WallTime now{1'800'000'000s};
  const TokenKeys keys("a secret of thirty-two characters", now);
  const Prefix network = Prefix::of(net::IpAddress::v4(0xc0000207), Level::network);
  Challenges challenges({.bits = 4, .ration = {.a_network = 1000}}, {1, 2});
  FastRandom random(1);
  constexpr int seeds = 50;
  std::vector<std::string> texts;
  std::vector<std::string> nonces;
  for (int i = 0; i < seeds; ++i) {
    texts.push_back(challenges.issue(keys, network, random, now).seed);
    nonces.push_back(solve_for_test(texts.back(), 4));
  }
  std::atomic<int> right{0};
  std::vector<std::thread> workers;
  for (unsigned worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&, worker] {
      FastRandom own(worker + 2);
      for (int i = 0; i < seeds; ++i) {
        const auto n = static_cast<std::size_t>(i);
        if (challenges.check(keys, texts[n], nonces[n], network, Neighbours::unknown, now) == Solution::right) ++right;
        challenges.check(keys, challenges.issue(keys, network, own, now).seed, "1", network, Neighbours::unknown, now);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_GE(right, seeds);  // each seed once; and of the others' nonce 1, one in sixteen
  EXPECT_LT(right, 2 * seeds);
  for (int i = 0; i < seeds; ++i) {
    const auto n = static_cast<std::size_t>(i);
    EXPECT_EQ(challenges.check(keys, texts[n], nonces[n], network, Neighbours::unknown, now), Solution::spent);
  }
}

}  // namespace
}  // namespace tenfold::guard
