#include "origin/router.hpp"

#include <gtest/gtest.h>

namespace tenfold::origin {
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

std::vector<RouteSettings> shop_routes() {
  return {
      {.hosts = {"api.shop.example"}, .paths = {}, .pools = {}},
      {.hosts = {"*.shop.example"}, .paths = {{"", "/static/*"}}, .pools = {}},
      {.hosts = {}, .paths = {{"POST", "/checkout*"}, {"", "/cart*"}}, .pools = {}},
  };
}

TEST(Router, TakesTheFirstRouteThatMatches) {
  const Router router(shop_routes());
  struct {
    const char* method;
    const char* authority;
    const char* path;
    std::size_t route;
  } const rows[] = {
      {"GET", "api.shop.example", "/cart", 0},
      {"GET", "API.Shop.Example:8443", "/", 0},
      {"GET", "api.shop.example.", "/", 0},
      {"GET", "img.shop.example", "/static/a.png", 1},
      {"GET", "a.b.shop.example", "/static/a.png", 1},
      {"GET", "shop.example", "/static/a.png", 3},     // the wildcard stands for at least one label
      {"GET", "badshop.example", "/static/a.png", 3},  // and ends at a dot
      {"GET", "img.shop.example", "/other", 3},
      {"GET", "shop.example", "/checkout", 3},
      {"POST", "shop.example", "/checkout", 2},
      {"GET", "", "/cart/1", 2},
      {"GET", "[::1]:8080", "/cart/1", 2},
      {"GET", "[::1]", "/", 3},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(router.find(row.method, row.authority, row.path), row.route)
        << row.method << " " << row.authority << row.path;
  }
}

TEST(Router, PatternsAreReadAsPathsAre) {
  const Router router({{.paths = {{"", "/mein%20konto*"}}}, {.paths = {{"", "/a%2Ab"}}}});
  EXPECT_EQ(router.find("GET", "any", "/mein konto/1"), 0u);
  EXPECT_EQ(router.find("GET", "any", "/a%2Ab"), 1u);
  EXPECT_EQ(router.find("GET", "any", "/axb"), 2u);
}

TEST(Router, WithoutRoutesEverythingTakesTheDefault) {
  EXPECT_EQ(Router().find("GET", "any", "/"), 0u);
  EXPECT_EQ(Router(std::vector<RouteSettings>()).find("GET", "any", "/"), 0u);
}

TEST(Router, AHostTooLongForDnsMatchesNoHost) {
  const Router router(shop_routes());
  EXPECT_EQ(router.find("GET", std::string(250, 'x') + ".shop.example", "/static/a"), 3u);
}

}  // namespace
}  // namespace tenfold::origin
