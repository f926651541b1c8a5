#include "guard/challenge/challenges.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "guard/challenge/solve_for_test.hpp"

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

constexpr WallTime asked_at{1'800'000'000s};
constexpr SipKey books_key{11, 12};

Prefix challenged(std::string_view address) {
  return Prefix::of(net::IpAddress::parse(address).value(), Level::network);
}

struct ChallengesTest : ::testing::Test {
  Challenge issue() { return challenges.issue(keys, home, random, asked_at); }
  Solution check(std::string_view seed, std::string_view nonce, WallTime now = asked_at + 1s) {
    return challenges.check(keys, seed, nonce, home, Neighbours::unknown, now);
  }

  const TokenKeys keys{"a secret of thirty-two characters", asked_at};
  const Prefix home = challenged("192.0.2.7");
  FastRandom random{1};
  Challenges challenges{{}, books_key};
};

TEST_F(ChallengesTest, ASolutionIsGoodOnce) {
  const Challenge challenge = issue();
  EXPECT_EQ(challenge.bits, 13);
  const std::string nonce = solve_for_test(challenge.seed, challenge.bits);
  EXPECT_EQ(check(challenge.seed, nonce), Solution::right);
  EXPECT_EQ(check(challenge.seed, nonce), Solution::spent);
  const std::string another = solve_for_test(challenge.seed, challenge.bits, std::stoull(nonce) + 1);
  EXPECT_EQ(check(challenge.seed, another), Solution::spent);
}

TEST_F(ChallengesTest, AllBitsMustBeZeroAndNoMore) {
  const Challenge challenge = issue();
  std::uint64_t nonce = 0;
  // Given a nonce for 12 bits that is none for 13
  std::string text;
  do {
    text = solve_for_test(challenge.seed, 12, nonce);
    nonce = std::stoull(text) + 1;
  } while (text == solve_for_test(challenge.seed, 13, nonce - 1));
  EXPECT_EQ(check(challenge.seed, text), Solution::wrong);
  // and a wrong one leaves the seed as good as it was.
  EXPECT_EQ(check(challenge.seed, solve_for_test(challenge.seed, 13)), Solution::right);
}

TEST_F(ChallengesTest, SeedsAreGoodForTwoMinutes) {
  const Challenge challenge = issue();
  const std::string nonce = solve_for_test(challenge.seed, challenge.bits);
  EXPECT_EQ(check(challenge.seed, nonce, asked_at + 2min), Solution::expired);
  EXPECT_EQ(check(challenge.seed, nonce, asked_at + 2min - 1ns), Solution::right);
}

TEST_F(ChallengesTest, ASpentSeedIsRememberedForAsLongAsItIsGood) {
  // Given an edge whose clock is a minute ahead
  const Challenge challenge = challenges.issue(keys, home, random, asked_at + 1min);
  const std::string nonce = solve_for_test(challenge.seed, challenge.bits);
  EXPECT_EQ(check(challenge.seed, nonce, asked_at), Solution::right);
  EXPECT_EQ(check(challenge.seed, nonce, asked_at + 3min - 1ns), Solution::spent);
}

TEST_F(ChallengesTest, WhoDoesNotSolveHasAPlaceSinceItWasShownTheChallenge) {
  const Challenge challenge = issue();
  const auto place = place_since(keys, challenge.seed, home, asked_at + 8s);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->ticket, asked_at);
  EXPECT_EQ(place->step, PlaceStep::joined);
  EXPECT_EQ(place_since(keys, challenge.seed, home, asked_at + 9s)->id, place->id) << "one seed is one place";
  EXPECT_NE(place_since(keys, issue().seed, home, asked_at + 8s)->id, place->id);
  EXPECT_FALSE(place_since(keys, challenge.seed, challenged("192.0.3.7"), asked_at + 8s));
  EXPECT_FALSE(place_since(keys, challenge.seed, home, asked_at + 2min));
  EXPECT_FALSE(place_since(keys, "", home, asked_at));
}

TEST_F(ChallengesTest, ASeedIsItsNetworksOwn) {
  const Challenge challenge = issue();
  const std::string nonce = solve_for_test(challenge.seed, challenge.bits);
  const auto from = [&](std::string_view address) {
    return challenges.check(keys, challenge.seed, nonce, challenged(address), Neighbours::unknown, asked_at + 1s);
  };
  EXPECT_EQ(from("192.0.3.7"), Solution::other_network);
  EXPECT_EQ(from("192.0.2.99"), Solution::right);
}

TEST_F(ChallengesTest, LeadingZerosAreAsGoodAsAnyDigits) {
  const Challenge challenge = issue();
  std::uint64_t number = 0;
  std::string nonce;
  do {
    nonce = "000" + std::to_string(number++);
  } while (check(challenge.seed, nonce) == Solution::wrong);
  EXPECT_EQ(check(challenge.seed, nonce), Solution::spent) << nonce;
}

TEST_F(ChallengesTest, WhatIsNoSeedOrNoNonceIsMalformed) {
  const Challenge challenge = issue();
  for (const std::string nonce : {"", "-1", "+1", " 1", "1 ", "1a", "0x1", "1.0", "123456789012345678901"}) {
    EXPECT_EQ(check(challenge.seed, nonce), Solution::malformed) << nonce;
  }
  EXPECT_NE(check(challenge.seed, "12345678901234567890"), Solution::malformed);
  std::string forged = challenge.seed;
  forged.back() = forged.back() == '0' ? '1' : '0';
  for (const std::string& seed : {std::string(), std::string("seed"), forged, challenge.seed + "00",
                                  std::string(100'000, 'a'), challenge.seed.substr(2)}) {
    EXPECT_EQ(check(seed, "1"), Solution::malformed) << seed.size();
  }
  // Nobody makes a challenge easier for himself.
  std::string easier = challenge.seed;
  easier.replace(10, 2, "01");
  EXPECT_EQ(check(easier, "1"), Solution::malformed);
}

TEST_F(ChallengesTest, ANetworkThatHasHadItsRationKeepsItsSeeds) {
  Challenges few({.bits = 1, .ration = {.a_network = 2}}, books_key);
  std::string last;
  std::string nonce;
  for (int i = 0; i < 3; ++i) {
    last = few.issue(keys, home, random, asked_at).seed;
    nonce = solve_for_test(last, 1);
    EXPECT_EQ(few.check(keys, last, nonce, home, Neighbours::unknown, asked_at),
              i < 2 ? Solution::right : Solution::rationed);
  }
  EXPECT_EQ(few.check(keys, last, nonce, home, Neighbours::customers, asked_at), Solution::right);
}

TEST_F(ChallengesTest, ReplaysTakeNothingFromTheRation) {
  Challenges few({.bits = 1, .ration = {.a_network = 2}}, books_key);
  const std::string seed = few.issue(keys, home, random, asked_at).seed;
  const std::string nonce = solve_for_test(seed, 1);
  EXPECT_EQ(few.check(keys, seed, nonce, home, Neighbours::unknown, asked_at), Solution::right);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(few.check(keys, seed, nonce, home, Neighbours::unknown, asked_at), Solution::spent);
  }
  const std::string other = few.issue(keys, home, random, asked_at).seed;
  EXPECT_EQ(few.check(keys, other, solve_for_test(other, 1), home, Neighbours::unknown, asked_at), Solution::right);
}

TEST_F(ChallengesTest, TabsOpenedAtOnceHaveSeedsOfTheirOwn) {
  std::set<std::string> seeds;
  for (int i = 0; i < 1000; ++i) seeds.insert(issue().seed);
  EXPECT_EQ(seeds.size(), 1000u);
}

TEST_F(ChallengesTest, FloodsTakeNoMemory) {
  const std::size_t before = challenges.memory_bytes();
  for (int i = 0; i < 20'000; ++i) check(issue().seed, "1");
  EXPECT_EQ(challenges.memory_bytes(), before);
  EXPECT_LT(before, 2'500'000u);
}

// A phone without a just-in-time compiler does 70,000 hashes a second. The number of tries is geometric: 19 of 20 are
// done after ln 20 times the mean.
TEST(ChallengeArithmetic, ThirteenBitsAreTheMostForHalfASecond) {
  const auto p95_s = [](int bits) { return std::log(20) * std::exp2(bits) / 70'000; };
  EXPECT_LT(p95_s(ChallengeOptions().bits), 0.5);
  EXPECT_GT(p95_s(ChallengeOptions().bits + 1), 0.5);
}

}  // namespace
}  // namespace tenfold::guard
