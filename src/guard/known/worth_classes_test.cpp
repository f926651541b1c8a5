#include "guard/known/worth_classes.hpp"

#include <gtest/gtest.h>

#include "base/arena.hpp"
#include "http/normal_path.hpp"

namespace tenfold::guard {
namespace {

WorthClasses shop_classes() {
  return WorthClasses({
      {.name = "checkout", .paths = {{"", "/checkout*"}, {"POST", "/cart*"}}},
      {.name = "browse", .paths = {{"GET", "/*"}}},
  });
}

TEST(WorthClasses, TheFirstThatMatchesCounts) {
  const WorthClasses classes = shop_classes();
  EXPECT_EQ(classes.class_of("GET", "/checkout/pay"), 0u);
  EXPECT_EQ(classes.class_of("POST", "/cart"), 0u);
  EXPECT_EQ(classes.class_of("GET", "/cart"), 1u);
  EXPECT_EQ(classes.class_of("POST", "/contact"), 2u);
  EXPECT_EQ(classes.name(0), "checkout");
  EXPECT_EQ(classes.name(1), "browse");
  EXPECT_EQ(classes.name(2), "");
}

TEST(WorthClasses, WhatNoneNamesIsTheRest) {
  const WorthClasses classes(
      {{.name = "checkout", .paths = {{"", "/checkout*"}}}, {.name = "cart", .paths = {{"", "/cart*"}}}});
  EXPECT_TRUE(classes.is_above_rest(classes.class_of("GET", "/checkout")));
  EXPECT_TRUE(classes.is_above_rest(classes.class_of("POST", "/cart")));
  EXPECT_FALSE(classes.is_above_rest(classes.class_of("GET", "/")));
  EXPECT_TRUE(WorthClasses({{.name = "checkout", .paths = {{"", "/checkout*"}}}}).is_above_rest(0));
  EXPECT_TRUE(WorthClasses({{.name = "front", .paths = {{"", "/"}}}}).is_above_rest(0)) << "one page";
  EXPECT_TRUE(WorthClasses({{.name = "posts", .paths = {{"POST", "/*"}}}}).is_above_rest(0)) << "one method";
}

TEST(WorthClasses, WhatCoversEverythingIsTheRestToo) {
  const WorthClasses classes({{.name = "checkout", .paths = {{"", "/checkout*"}}},
                              {.name = "browse", .paths = {{"GET", "/search"}, {"", "/*"}}},
                              {.name = "never", .paths = {{"", "/cart*"}}}});
  EXPECT_TRUE(classes.is_above_rest(0));
  EXPECT_FALSE(classes.is_above_rest(1));
  EXPECT_FALSE(classes.is_above_rest(2)) << "nothing gets as far as there";
  EXPECT_FALSE(classes.is_above_rest(classes.size()));
  EXPECT_FALSE(WorthClasses({{.name = "browse", .paths = {{"", "/*"}}}}).is_above_rest(0));
}

TEST(WorthClasses, WithoutAnyAllRequestsAreWorthTheSame) {
  EXPECT_EQ(WorthClasses().class_of("GET", "/checkout"), 0u);
  EXPECT_EQ(WorthClasses().size(), 0u);
  EXPECT_FALSE(WorthClasses().is_above_rest(0));
}

TEST(WorthClasses, ASpellingGainsNothing) {
  const WorthClasses classes = shop_classes();
  const auto class_of = [&](std::string_view target) {
    http::RequestHead head;
    head.method_name = "GET";
    head.target = target;
    Arena arena;
    return classes.class_of(head, http::normal_path(head.path(), arena));
  };
  EXPECT_EQ(class_of("/checkout?step=2"), 0u);
  EXPECT_EQ(class_of("/search\\..\\checkout"), classes.size());  // some serve that as a search
  for (const char* climbs : {"/search/../checkout", "/checkout/../search", "/checkout/..%252fsearch"}) {
    EXPECT_EQ(class_of(climbs), classes.size()) << climbs;
  }
  EXPECT_EQ(class_of("/checkout//pay"), 0u);
}

}  // namespace
}  // namespace tenfold::guard
