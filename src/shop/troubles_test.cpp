#include "shop/troubles.hpp"

#include <gtest/gtest.h>

namespace tenfold::shop {
namespace {

TEST(Troubles, AreSetOneByOneAndResetTogether) {
  Troubles troubles;
  EXPECT_TRUE(apply(troubles, "slow", "factor=3.5"));
  EXPECT_TRUE(apply(troubles, "broken", "status=502&share=0.25"));
  EXPECT_TRUE(apply(troubles, "cut", "share=0.5"));
  EXPECT_TRUE(apply(troubles, "healthz", "state=failing"));
  EXPECT_DOUBLE_EQ(troubles.slow_factor, 3.5);
  EXPECT_EQ(troubles.broken_status, 502);
  EXPECT_DOUBLE_EQ(troubles.broken_share, 0.25);
  EXPECT_DOUBLE_EQ(troubles.cut_share, 0.5);
  EXPECT_EQ(troubles.health, Troubles::Health::failing);

  EXPECT_TRUE(apply(troubles, "reset", ""));
  EXPECT_DOUBLE_EQ(troubles.slow_factor, 1);
  EXPECT_DOUBLE_EQ(troubles.broken_share, 0);
  EXPECT_EQ(troubles.health, Troubles::Health::good);
}

TEST(Troubles, HangByPrefix) {
  Troubles troubles;
  EXPECT_TRUE(apply(troubles, "hung", "path=%2Fsearch"));
  EXPECT_TRUE(troubles.hangs("/search"));
  EXPECT_FALSE(troubles.hangs("/"));
  EXPECT_TRUE(apply(troubles, "hung", ""));
  EXPECT_TRUE(troubles.hangs("/"));
}

TEST(Troubles, RefuseWhatMakesNoSense) {
  Troubles troubles;
  EXPECT_EQ(apply(troubles, "slow", "factor=0.009").error().code, Errc::invalid);
  EXPECT_EQ(apply(troubles, "slow", "factor=1001").error().code, Errc::invalid);
  EXPECT_EQ(apply(troubles, "slow", "factor=nan").error().code, Errc::invalid);
  EXPECT_EQ(apply(troubles, "broken", "status=200").error().code, Errc::invalid);
  EXPECT_EQ(apply(troubles, "broken", "share=1.01").error().code, Errc::invalid);
  EXPECT_EQ(apply(troubles, "hung", "path=search").error().code, Errc::invalid);
  EXPECT_EQ(apply(troubles, "healthz", "state=unwell").error().code, Errc::invalid);
  EXPECT_EQ(apply(troubles, "explode", "").error().code, Errc::not_found);
  EXPECT_FALSE(apply(troubles, "explode", "").error().detail.starts_with("expected"));  // the answer says that itself
  EXPECT_DOUBLE_EQ(troubles.slow_factor, 1);
  EXPECT_DOUBLE_EQ(troubles.broken_share, 0);
}

TEST(Troubles, HangAtMostSixteenPrefixes) {
  Troubles troubles;
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(apply(troubles, "hung", "path=/p/" + std::to_string(i)));
  EXPECT_TRUE(apply(troubles, "hung", "path=/p/3"));
  EXPECT_EQ(apply(troubles, "hung", "path=/other").error().code, Errc::too_large);
}

}  // namespace
}  // namespace tenfold::shop
