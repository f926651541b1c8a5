#include "base/text/hex.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold {
namespace {

using namespace std::string_view_literals;

TEST(Hex, WritesTwoDigitsAByteInLowerCase) {
  EXPECT_EQ(hex("\x00\x0f\xa5\xff"sv), "000fa5ff");
  EXPECT_EQ(hex(""), "");
}

TEST(Hex, CapitalsWhereTheyAreAskedFor) {
  std::string out = "%";
  append_hex(out, '\xaf', capital_hex_digits);
  EXPECT_EQ(out, "%AF");
}

TEST(Hex, ReadsEitherCase) { EXPECT_EQ(from_hex("000FA5ff"), "\x00\x0f\xa5\xff"sv); }

TEST(Hex, ReadsNothingElse) {
  EXPECT_EQ(from_hex(""), "");
  for (const std::string_view wrong : {"0", "abc", "0g", "g0", " 1", "0x12", "1-", "\xff\xff"}) {
    EXPECT_EQ(from_hex(wrong), std::nullopt) << wrong;
  }
}

TEST(Hex, NeighboursOfTheDigitsAreNone) {
  for (const char c : "/:@G`g\0"sv) EXPECT_EQ(hex_value(c), -1) << c;
  EXPECT_FALSE(is_hex_digit('g'));
  EXPECT_TRUE(is_hex_digit('0'));
  EXPECT_EQ(hex_value('9'), 9);
  EXPECT_EQ(hex_value('a'), 10);
  EXPECT_EQ(hex_value('F'), 15);
}

}  // namespace
}  // namespace tenfold
