#include "guard/token/token_keys.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/hmac.hpp"

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr std::string_view key_secret = "a secret of thirty-two characters";
// A moment at which both kinds of period begin.
constexpr WallTime period_start{days(30) * 690};

TEST(TokenKeys, PeriodsAreOfTwelveHoursAndOfThirtyDays) {
  for (const TokenPurpose purpose : {TokenPurpose::clearance, TokenPurpose::place, TokenPurpose::seed}) {
    EXPECT_EQ(token_period_number(purpose, period_start), 690u * 60);
    EXPECT_EQ(token_period_number(purpose, period_start - 1ns), 690u * 60 - 1);
    EXPECT_EQ(token_period_number(purpose, period_start + 12h - 1ns), 690u * 60);
    EXPECT_EQ(token_period_number(purpose, period_start + 12h), 690u * 60 + 1);
  }
  EXPECT_EQ(token_period_number(TokenPurpose::first_seen, period_start + days(30) - 1ns), 690u);
  EXPECT_EQ(token_period_number(TokenPurpose::first_seen, period_start + days(30)), 691u);
}

// HMAC-SHA256 of purpose and period, under one of the secret that no other text can have.
TEST(TokenKeys, AreDerivedFromTheSecretByPurposeAndPeriod) {
  const TokenKeys keys(key_secret, period_start);
  const std::string root = hmac_sha256(key_secret, std::string("tenfold tokens") + '\0' + "v1");
  EXPECT_EQ(keys.key(TokenPurpose::clearance, 41'400), sip_key(hmac_sha256(root, "2:41400")));
  EXPECT_EQ(keys.key(TokenPurpose::first_seen, 690), sip_key(hmac_sha256(root, "1:690")));
}

TEST(TokenKeys, AreAllDifferent) {
  const TokenKeys keys(key_secret, period_start);
  const SipKey one = keys.key(TokenPurpose::clearance, 41'400);
  EXPECT_NE(one, keys.key(TokenPurpose::clearance, 41'401));
  EXPECT_NE(one, keys.key(TokenPurpose::place, 41'400));
  EXPECT_NE(one, TokenKeys("another secret", period_start).key(TokenPurpose::clearance, 41'400));
}

TEST(TokenKeys, AreTheSameHoweverTheSetWasMade) {
  const TokenKeys early(key_secret, period_start - 10 * 12h);
  const TokenKeys late = early.refreshed(period_start);
  for (std::uint32_t period = 41'390; period < 41'404; ++period) {
    EXPECT_EQ(early.key(TokenPurpose::seed, period), late.key(TokenPurpose::seed, period)) << period;
  }
  EXPECT_EQ(early.key(TokenPurpose::seed, 0), late.key(TokenPurpose::seed, 0));
}

TEST(TokenKeys, AreDueWhenAPeriodEnds) {
  const TokenKeys keys(key_secret, period_start);
  EXPECT_FALSE(keys.is_due(period_start));
  EXPECT_FALSE(keys.is_due(period_start + 12h - 1ns));
  EXPECT_TRUE(keys.is_due(period_start + 12h));
  EXPECT_FALSE(keys.refreshed(period_start + 12h).is_due(period_start + 12h));
  EXPECT_TRUE(keys.is_due(period_start - 1ns));  // a clock that was put back
}

TEST(TokenKeys, BeginIn1970) {
  const TokenKeys keys(key_secret, WallTime());
  EXPECT_FALSE(keys.is_due(WallTime()));
  EXPECT_NE(keys.key(TokenPurpose::place, 0), keys.key(TokenPurpose::place, 1));
}

TEST(TokenKeys, OfThePreviousSecretGoAlongAndSignNothing) {
  const TokenKeys before("the secret before", period_start);
  const TokenKeys keys(key_secret, period_start, "the secret before");
  EXPECT_EQ(TokenKeys(key_secret, period_start).previous(), nullptr);
  EXPECT_EQ(keys.key(TokenPurpose::clearance, 41'400),
            TokenKeys(key_secret, period_start).key(TokenPurpose::clearance, 41'400));
  for (const TokenKeys& each : {keys, keys.refreshed(period_start + 12h)}) {
    ASSERT_NE(each.previous(), nullptr);
    EXPECT_EQ(each.previous()->key(TokenPurpose::clearance, 41'400), before.key(TokenPurpose::clearance, 41'400));
  }
}

}  // namespace
}  // namespace tenfold::guard
