#include "base/latency_histogram.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace tenfold {
namespace {

using namespace std::chrono_literals;

TEST(LatencyHistogram, ABucketHoldsWhatItsBoundSays) {
  FastRandom random(3);
  for (int i = 0; i < 100'000; ++i) {
    const auto us = std::chrono::microseconds(random.below(std::uint64_t{1} << (1 + random.below(35))));
    const int bucket = LatencyHistogram::bucket_of(us);
    ASSERT_LT(us, LatencyHistogram::upper_bound(bucket)) << us.count();
    if (bucket > 0) {
      ASSERT_GE(us, LatencyHistogram::upper_bound(bucket - 1)) << us.count();
    }
  }
}

TEST(LatencyHistogram, ExtremesCountInTheFirstAndLastBucket) {
  EXPECT_EQ(LatencyHistogram::bucket_of(-1s), 0);
  EXPECT_EQ(LatencyHistogram::bucket_of(10'000h), LatencyHistogram::buckets - 1);
}

TEST(LatencyHistogram, QuantilesAreWithinABucketOfTheTruth) {
  LatencyHistogram histogram;
  for (int ms = 1; ms <= 1000; ++ms) histogram.record(std::chrono::milliseconds(ms));
  LatencyHistogram::Counts counts{};
  histogram.add_to(counts);
  for (const double share : {0.5, 0.95, 0.99}) {
    const double ms = std::chrono::duration<double, std::milli>(quantile(counts, share)).count();
    EXPECT_NEAR(ms, share * 1000, share * 1000 * 0.07);
  }
}

TEST(LatencyHistogram, NothingRecordedHasNoQuantile) {
  const LatencyHistogram::Counts counts{};
  EXPECT_EQ(quantile(counts, 0.99), Duration(0));
}

}  // namespace
}  // namespace tenfold
