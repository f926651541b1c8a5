#include "origin/router.hpp"

#include <gtest/gtest.h>

namespace tenfold::origin {
namespace {

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
