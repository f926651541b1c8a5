#include "base/text/letters.hpp"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(Letters, LowerCaseIsAsciiOnly) {
  EXPECT_EQ(lower_case("Shop-ÄZ@[A`{09"), "shop-Äz@[a`{09");
  EXPECT_EQ(lower_case(""), "");
}

TEST(Letters, NeighboursOfLettersAndDigitsAreNeither) {
  for (const char c : std::string_view("@[`{/:_\xc4")) EXPECT_FALSE(is_letter_or_digit(c)) << c;
  for (const char c : std::string_view("AZaz09")) EXPECT_TRUE(is_letter_or_digit(c)) << c;
}

TEST(Letters, EqualButForCase) {
  EXPECT_TRUE(equal_but_for_case("Content-Type", "content-tYPE"));
  EXPECT_TRUE(equal_but_for_case("", ""));
  EXPECT_FALSE(equal_but_for_case("content", "content-type"));
  EXPECT_FALSE(equal_but_for_case("@", "`"));  // 32 apart, and no letters
  EXPECT_FALSE(equal_but_for_case("Ä", "ä"));
}

TEST(Letters, TrimsWhatIsAskedFor) {
  EXPECT_EQ(trimmed(" \t a b\t "), "a b");
  EXPECT_EQ(trimmed(" a\r\n"), "a\r\n");
  EXPECT_EQ(trimmed(" a\r\n", blanks_and_line_ends), "a");
  EXPECT_EQ(trimmed(" \t "), "");
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed("..1.", "."), "1");
}

}  // namespace
}  // namespace tenfold
