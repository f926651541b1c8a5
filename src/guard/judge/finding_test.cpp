#include "guard/judge/finding.hpp"

#include <gtest/gtest.h>

namespace tenfold::guard::judging {
namespace {

std::string of_share(float asks, float fair) {
  return words(Charge::takes_more, {.asks_ms_per_s = asks, .fair_ms_per_s = fair});
}

TEST(Finding, SaysHowManyTimesItsShareItAsksForAndNeverOnce) {
  const std::string asks_50 = "asks for 50 ms of origin time a second, ";
  EXPECT_EQ(of_share(50, 5), asks_50 + "10 times its fair share of 5.0 ms");
  EXPECT_EQ(of_share(50, 5.1f), asks_50 + "9.8 times its fair share of 5.1 ms");
  EXPECT_EQ(of_share(50, 5.02f), asks_50 + "10 times its fair share of 5.0 ms");
  EXPECT_EQ(of_share(50, 38.4f), asks_50 + "1.3 times its fair share of 38 ms");
  EXPECT_EQ(of_share(50, 47), asks_50 + "1.1 times its fair share of 47 ms");
  // just over it, and no more, once what it took before is what is held against it
  EXPECT_EQ(of_share(50, 48), asks_50 + "a little more than its fair share of 48 ms");
  EXPECT_EQ(of_share(50, 50), asks_50 + "after more than its fair share of 50 ms");
  EXPECT_EQ(of_share(50, 90), asks_50 + "after more than its fair share of 90 ms");
  EXPECT_EQ(of_share(50, 0), "asks for 50 ms of origin time a second");  // no share is known
}

TEST(Finding, WhoAsksAsksAtLeastNowAndThen) {
  const auto ignored = [](float asked_per_s) {
    return words(Charge::ignores, {.asked_per_s = asked_per_s, .challenges_ignored = 20});
  };
  const std::string begin = "ignored 20 challenges within seconds, solved 0, and asks ";
  EXPECT_EQ(ignored(25.3f), begin + "25 times a second");
  EXPECT_EQ(ignored(1.5f), begin + "2 times a second");
  EXPECT_EQ(ignored(1.2f), begin + "once a second");
  EXPECT_EQ(ignored(0.3f), begin + "less than once a second");
}

}  // namespace
}  // namespace tenfold::guard::judging
