#include "base/text/glob.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold {
namespace {

TEST(Glob, MatchesAsTheStarsSay) {
  struct {
    const char* pattern;
    const char* text;
    bool matches;
  } const rows[] = {
      {"/", "/", true},
      {"/", "/a", false},
      {"/cart*", "/cart", true},
      {"/cart*", "/cart/items", true},
      {"/cart*", "/car", false},
      {"/api/*/items", "/api/7/items", true},
      {"/api/*/items", "/api//items", true},
      {"/api/*/items", "/api/items", false},
      {"*.png", "/a/b.png", true},
      {"*.png", "/a/b.png?", false},
      {"*a*b*", "xxaxxbxx", true},
      {"*a*b*", "xxbxxaxx", false},
      {"*ab", "aab", true},
      {"", "", true},
      {"*", "", true},
      {"", "x", false},
  };
  for (const auto& row : rows)
    EXPECT_EQ(glob_matches(row.pattern, row.text), row.matches) << row.pattern << " " << row.text;
}

TEST(Glob, ManyStarsStayCheap) {
  // given a pattern that a backtracking matcher would try in exponentially many ways
  const std::string text(2000, 'a');
  // then it still ends
  EXPECT_FALSE(glob_matches("*a*a*a*a*a*a*a*a*b", text));
}

}  // namespace
}  // namespace tenfold
