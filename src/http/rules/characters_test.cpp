#include "http/rules/characters.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::http {
namespace {

using namespace std::string_literals;

// Scans look at 16 bytes at once where there are so many: the byte is put at each place in turn.
template <class Skip, class Is>
void expect_scan_agrees(Skip skip, Is is, char filler) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    for (const std::size_t size : {1u, 15u, 16u, 17u, 33u}) {
      for (std::size_t at = 0; at < size; at += size < 4 ? 1 : 3) {
        std::string text(size, filler);
        text[at] = c;
        const char* const end = text.data() + size;
        const char* const expected = is(c) ? end : text.data() + at;
        ASSERT_EQ(skip(text.data(), end), expected) << "byte " << byte << " at " << at << " of " << size;
      }
    }
  }
}

TEST(Characters, ScansStopWhereTheirClassEnds) {
  expect_scan_agrees(&skip_token, &is_token_char, 'a');
  expect_scan_agrees(&skip_target, &is_target_char, '/');
  expect_scan_agrees(&skip_value, &is_value_char, ' ');
}

TEST(Characters, MakeNamesTargetsAndValues) {
  EXPECT_TRUE(is_token("X-Forwarded-For"));
  EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~09azAZ"));
  for (const std::string_view bad : {"", "a b", "a:", "a\r", "(a)", "a/b", "\xc3\xa4"})
    EXPECT_FALSE(is_token(bad)) << bad;
  EXPECT_TRUE(is_target("/a|b?{\"c\":[1]}\\\xc3\xa4"));
  for (const std::string_view bad : {"", "/ ", "/#", "/\t", "/\x7f"}) EXPECT_FALSE(is_target(bad)) << bad;
  EXPECT_TRUE(is_field_value(""));
  EXPECT_TRUE(is_field_value("a\tb \xff"));
  for (const std::string& bad : {"a\r"s, "a\n"s, "\0"s, "\x7f"s}) EXPECT_FALSE(is_field_value(bad));
}

}  // namespace
}  // namespace tenfold::http
