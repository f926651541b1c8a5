#include "watch/history/summary.hpp"

#include <gmock/gmock.h>

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;

TEST(Summary, OfNothingSaysNothing) {
  const Summary summary;
  EXPECT_TRUE(summary.empty());
  EXPECT_EQ(summary.up_share(), -1);
  EXPECT_EQ(summary.quantile_ms(0.95), -1);
  EXPECT_EQ(summary.times(), "");
}

TEST(Summary, WhatIsMutedNeitherHelpsNorHarms) {
  Summary summary;
  for (int i = 0; i < 3; ++i) summary.add(Counts::good, 100ms);
  summary.add(Counts::failed, {});
  summary.add(Counts::muted, {});
  summary.add(Counts::none, {});
  EXPECT_EQ(summary.up_share(), 0.75);
  EXPECT_EQ(summary.muted(), 1u);
}

TEST(Summary, BucketsAreAFifthWide) {
  EXPECT_EQ(Summary::bucket_of(0ns), 0);
  EXPECT_EQ(Summary::bucket_of(1ms), 0);
  EXPECT_EQ(Summary::bucket_of(1ms + 1us), 1);
  EXPECT_EQ(Summary::bucket_of(2ms), 4);
  EXPECT_EQ(Summary::bucket_of(2h), Summary::buckets - 1);
  for (Duration took = 1ms; took < 55s; took = took * 11 / 10) {
    const double bound = Summary::upper_bound_ms(Summary::bucket_of(took));
    const double milliseconds = std::chrono::duration<double, std::milli>(took).count();
    EXPECT_GE(bound, milliseconds * 0.9999);
    EXPECT_LE(bound, milliseconds * 1.19);
  }
}

TEST(Summary, NineteenOfTwentyStayUnderTheP95) {
  Summary summary;
  for (int i = 0; i < 95; ++i) summary.add(Counts::good, 100ms);
  for (int i = 0; i < 5; ++i) summary.add(Counts::good, 2s);
  EXPECT_LT(summary.quantile_ms(0.95), 120);
  summary.add(Counts::good, 2s);
  EXPECT_GT(summary.quantile_ms(0.95), 1999);
}

TEST(Summary, IsReadAsItWasWritten) {
  Summary summary;
  summary.add(Counts::good, 5ms);
  summary.add(Counts::good, 5ms);
  summary.add(Counts::good, 3s);
  summary.add(Counts::good, {});
  summary.add(Counts::failed, {});
  EXPECT_EQ(summary.timed(), 3u);
  EXPECT_EQ(Summary::of(summary.good(), summary.failed(), summary.muted(), summary.times()), summary);
}

TEST(Summary, WhatIsNoNumberIsLeftOut) {
  EXPECT_EQ(Summary::of(1, 0, 0, "x,5:,:3,64:1,-1:2,4:-1,,7:2,9").times(), "7:2");
}

TEST(Summary, MergesAsIfAllHadBeenAddedToOne) {
  Summary one, two, both;
  for (int i = 1; i < 200; ++i) {
    const Duration took = std::chrono::milliseconds(i * i);
    (i % 3 == 0 ? one : two).add(Counts::good, took);
    both.add(Counts::good, took);
  }
  two.add(Counts::failed, {});
  both.add(Counts::failed, {});
  one.merge(two);
  EXPECT_EQ(one, both);
}

}  // namespace
}  // namespace tenfold::watch
