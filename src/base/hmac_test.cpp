#include "base/hmac.hpp"

#include <gtest/gtest.h>

#include "base/text/hex.hpp"

namespace tenfold {
namespace {

// RFC 4231, test case 2, and RFC 2202, test case 2.
TEST(Hmac, IsThatOfTheRfcs) {
  constexpr std::string_view text = "what do ya want for nothing?";
  EXPECT_EQ(hmac_sha256_hex("Jefe", text), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256("Jefe", text)), hmac_sha256_hex("Jefe", text));
  EXPECT_EQ(hex(hmac_sha1("Jefe", text)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST(Hmac, ComparesWholeTexts) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("ab", "ab"));
  EXPECT_FALSE(equal_in_constant_time("ab", "ac"));
  EXPECT_FALSE(equal_in_constant_time("ab", "abc"));
}

TEST(Hex, IsTwoDigitsAByte) {
  EXPECT_EQ(hex("\x01\xff"), "01ff");
  EXPECT_EQ(hex(""), "");
}

}  // namespace
}  // namespace tenfold
