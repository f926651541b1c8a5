#include "watch/probe/words.hpp"

#include <gtest/gtest.h>

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;

TEST(WordsTest, Durations) {
  EXPECT_EQ(duration_words(340us), "340 µs");
  EXPECT_EQ(duration_words(3ms), "3 ms");
  EXPECT_EQ(duration_words(999ms), "999 ms");
  EXPECT_EQ(duration_words(1s), "1 s");
  EXPECT_EQ(duration_words(1500ms), "1.5 s");
  EXPECT_EQ(duration_words(10s), "10 s");
  EXPECT_EQ(duration_words(119s), "119 s");
  EXPECT_EQ(duration_words(3min), "3 min");
}

TEST(WordsTest, DatesAndCounts) {
  EXPECT_EQ(date_words(WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 1))), "2026-11-01");
  EXPECT_EQ(count_words(0), "0");
  EXPECT_EQ(count_words(999), "999");
  EXPECT_EQ(count_words(1000), "1,000");
  EXPECT_EQ(count_words(8388608), "8,388,608");
  EXPECT_EQ(bytes_words(0), "0 bytes");
  EXPECT_EQ(bytes_words(1), "1 byte");
  EXPECT_EQ(bytes_words(1000), "1,000 bytes");
}

TEST(WordsTest, QuotesAreShortAndPrintable) {
  EXPECT_EQ(in_quotes("Corner Shop"), "\"Corner Shop\"");
  EXPECT_EQ(in_quotes("a\r\n\tb"), "\"a   b\"");
  EXPECT_EQ(in_quotes(std::string(80, 'x')), "\"" + std::string(80, 'x') + "\"");
  EXPECT_EQ(in_quotes(std::string(81, 'x')), "\"" + std::string(80, 'x') + "...\"");
  EXPECT_EQ(in_quotes(std::string(79, 'x') + "€uro"), "\"" + std::string(79, 'x') + "...\"");  // not half a character
}

}  // namespace
}  // namespace tenfold::watch
