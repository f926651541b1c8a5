#include "http/request_pattern.hpp"

#include <gtest/gtest.h>

namespace tenfold::http {
namespace {

TEST(RequestPattern, MatchesPathsAsTheStarsSay) {
  struct {
    const char* pattern;
    const char* path;
    bool matches;
  } const rows[] = {
      {"/", "/", true},
      {"/", "/a", false},
      {"/cart", "/cart", true},
      {"/cart", "/car", false},
      {"/cart", "/cart/items", false},
      {"/cart*", "/cart", true},
      {"/cart*", "/cart/items", true},
      {"/cart*", "/car", false},
      {"/*", "/", true},
      {"/*", "*", false},
      {"/api/*/items", "/api/7/items", true},
      {"/api/*/items", "/api/items", false},
      {"/a*b*", "/ab", true},
      {"/a*b*", "/acb", true},
      {"/a*b*", "/acd", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(RequestPattern("", row.pattern).matches("GET", row.path), row.matches) << row.pattern << " " << row.path;
  }
}

TEST(RequestPattern, AMethodMustBeTheSame) {
  EXPECT_TRUE(RequestPattern("POST", "/checkout").matches("POST", "/checkout"));
  EXPECT_FALSE(RequestPattern("POST", "/checkout").matches("GET", "/checkout"));
  EXPECT_FALSE(RequestPattern("POST", "/checkout").matches("post", "/checkout"));  // RFC 9110, 9.1
  EXPECT_TRUE(RequestPattern("", "/checkout").matches("BREW", "/checkout"));
}

TEST(RequestPattern, IsReadAsPathsAre) {
  EXPECT_TRUE(RequestPattern("", "/mein%20konto*").matches("GET", "/mein konto/1"));
  EXPECT_TRUE(RequestPattern("", "/a%2Ab").matches("GET", "/a%2Ab"));
  EXPECT_FALSE(RequestPattern("", "/a%2Ab").matches("GET", "/axb"));
}

}  // namespace
}  // namespace tenfold::http
