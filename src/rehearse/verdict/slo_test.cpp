#include "rehearse/verdict/slo.hpp"

#include <gtest/gtest.h>

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;

TEST(Slo, ReadsTimesErrorsAndScopes) {
  const auto slo =
      parse_slo(" p99<800ms, errors<=0.5% ,checkout:p99.9<1.5s,mean<20ms,/cart:max<1m,search: errors < 2 %");
  ASSERT_TRUE(slo) << slo.error().detail;
  ASSERT_EQ(slo->size(), 6u);
  EXPECT_DOUBLE_EQ((*slo)[0].share, 0.99);
  EXPECT_EQ((*slo)[0].limit, 800ms);
  EXPECT_DOUBLE_EQ((*slo)[1].error_limit, 0.005);
  EXPECT_EQ((*slo)[2].scope, "checkout");
  EXPECT_DOUBLE_EQ((*slo)[2].share, 0.999);
  EXPECT_EQ((*slo)[3].measure, Objective::Measure::mean);
  EXPECT_EQ((*slo)[4].limit, 60s);
  EXPECT_EQ((*slo)[5].scope, "search");
  EXPECT_TRUE(parse_slo(default_slo));
}

TEST(Slo, SaysWhichPartIsWrong) {
  const struct {
    std::string_view text, expected;
  } rows[] = {
      {"", "expected an objective such as"},
      {"p99<800ms,", "expected an objective such as"},
      {"p99>800ms", "expected an objective such as"},
      {"p100<1s", "expected p50, p99.9, mean, max or errors before \"<\", not \"p100\""},
      {"q<1s", "not \"q\""},
      {"p99<800", "expected a time such as 800ms or 1.5s, not \"800\""},
      {"p99<0ms", "expected a time"},
      {"errors<0.5", "expected a share such as 0.5%, not \"0.5\""},
      {"errors<101%", "expected a share"},
      {":p99<1s", "before the colon"},
  };
  for (const auto& row : rows) {
    const auto slo = parse_slo(row.text);
    ASSERT_FALSE(slo) << row.text;
    EXPECT_NE(slo.error().detail.find(row.expected), std::string::npos) << slo.error().detail;
  }
}

}  // namespace
}  // namespace tenfold::rehearse
