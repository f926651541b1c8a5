#include "rehearse/record/histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;

TEST(HistogramTest, EveryDurationUpToAnHourIsToldToThreeDigits) {
  for (double us = 1; us < 3.6e9; us *= 1.013) {
    FineHistogram one;
    const auto exact = std::chrono::microseconds(static_cast<std::int64_t>(us));
    one.record(exact);
    one.record(1h);  // so that the bucket's middle is not cut to the greatest
    const double told = static_cast<double>(one.quantile(0.5).count());
    EXPECT_LE(std::abs(told - static_cast<double>(Duration(exact).count())), told / 1024 + 1) << us;
  }
}

TEST(HistogramTest, QuantilesOfAKnownDistribution) {
  FineHistogram all;
  for (int ms = 1; ms <= 1000; ++ms) all.record(ms * 1ms);
  EXPECT_NEAR(static_cast<double>(all.quantile(0.5) / 1us), 500'000, 500);
  EXPECT_NEAR(static_cast<double>(all.quantile(0.99) / 1us), 990'000, 990);
  EXPECT_EQ(all.quantile(1), 1000ms);
  EXPECT_EQ(all.least(), 1ms);
  EXPECT_EQ(all.mean(), 500'500us);
}

TEST(HistogramTest, AddingIsRecordingIntoOne) {
  FineHistogram a, b, both;
  for (int i = 1; i < 500; ++i) {
    (i % 2 == 0 ? a : b).record(i * 37us);
    both.record(i * 37us);
  }
  a.add(b);
  for (const double share : {0.0, 0.1, 0.5, 0.9, 0.999, 1.0}) EXPECT_EQ(a.quantile(share), both.quantile(share));
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.mean(), both.mean());
}

TEST(HistogramTest, LongerThanAnHourCountsAsAnHourAndNegativeAsZero) {
  CoarseHistogram all;
  all.record(5h);
  all.record(-3ms);
  EXPECT_EQ(all.most(), 1h);
  EXPECT_EQ(all.least(), 0s);
  EXPECT_EQ(all.over(1ms), 1u);
}

}  // namespace
}  // namespace tenfold::rehearse
