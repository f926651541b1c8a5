#include "guard/measure/spread.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "base/siphash.hpp"

namespace tenfold::guard::measure_test {
namespace {

Spread of(std::uint64_t first, std::uint64_t count, std::uint64_t salt = 0) {
  Spread spread;
  for (std::uint64_t i = 0; i < count; ++i) spread.add(siphash({1, salt}, first + i));
  return spread;
}

TEST(SpreadTest, IsNoneOfNobodyAndOneOfOne) {
  EXPECT_EQ(Spread().estimate(), 0);
  EXPECT_NEAR(of(5, 1).estimate(), 1, 0.02);
}

TEST(SpreadTest, RepeatsMakeNoDifference) {
  Spread spread = of(0, 100);
  const Spread once = spread;
  for (int i = 0; i < 10; ++i) spread.merge(of(0, 100));
  EXPECT_EQ(spread, once);
}

TEST(SpreadTest, MergedIsThatOfAll) {
  for (const std::uint64_t size : {1, 30, 1'000, 30'000}) {
    Spread merged = of(0, size);
    merged.merge(of(size, size));
    EXPECT_EQ(merged, of(0, 2 * size)) << size;
  }
}

// Three times the error of the mean of 50, and what is systematic.
TEST(SpreadTest, IsRightOnTheAverageUpToAWholeBlock) {
  for (const std::uint64_t size : {10, 50, 100, 150, 200, 256, 400, 1'000, 10'000, 65'536}) {
    double sum = 0;
    double squares = 0;
    constexpr int runs = 50;
    for (std::uint64_t salt = 0; salt < runs; ++salt) {
      const double off = of(0, size, salt).estimate() / static_cast<double>(size) - 1;
      sum += off;
      squares += off * off;
    }
    EXPECT_NEAR(sum / runs, 0, 0.08) << size;
    EXPECT_LT(std::sqrt(squares / runs), 0.18) << size;
  }
}

}  // namespace
}  // namespace tenfold::guard::measure_test
