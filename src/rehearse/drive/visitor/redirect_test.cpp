#include "rehearse/drive/visitor/redirect.hpp"

#include <gtest/gtest.h>

namespace tenfold::rehearse {
namespace {

std::string to(std::string_view location, std::string_view from = "/a/b?q") {
  return resolve_location(*parse_target("http://shop.example:8080/"), from, location).value_or("elsewhere");
}

TEST(RedirectTest, LeadsWhereABrowserWouldGo) {
  EXPECT_EQ(to("/x"), "/x");
  EXPECT_EQ(to("/x?y=/../z#part"), "/x?y=/../z");
  EXPECT_EQ(to("x"), "/a/x");
  EXPECT_EQ(to("./x/"), "/a/x/");
  EXPECT_EQ(to("../x"), "/x");
  EXPECT_EQ(to("../../../x"), "/x");
  EXPECT_EQ(to(".."), "/");
  EXPECT_EQ(to("/a/./b/../c"), "/a/c");
  EXPECT_EQ(to("?y"), "/a/b?y");
  EXPECT_EQ(to(""), "/a/b?q");
  EXPECT_EQ(to("#top"), "/a/b?q");
  EXPECT_EQ(to("http://shop.example:8080"), "/");
  EXPECT_EQ(to("HTTP://SHOP.example:8080/x?y"), "/x?y");
  EXPECT_EQ(to("//shop.example:8080/x"), "/x");
  EXPECT_EQ(to("x:y"), "elsewhere");
  EXPECT_EQ(to("./x:y"), "/a/x:y");
}

TEST(RedirectTest, OtherOriginsAreNotFollowed) {
  for (const char* location : {"http://other.example:8080/", "https://shop.example:8080/", "http://shop.example/",
                               "//shop.example/x", "mailto:shop@example", "javascript:alert(1)", "http://", "/x y",
                               "/x\r\nX: y", "http://user@shop.example:8080/"}) {
    EXPECT_EQ(to(location), "elsewhere") << location;
  }
}

TEST(RedirectTest, Methods) {
  for (const int status : {301, 302, 303}) EXPECT_EQ(method_after(status, "POST"), "GET") << status;
  for (const int status : {307, 308}) EXPECT_EQ(method_after(status, "POST"), "POST") << status;
  EXPECT_EQ(method_after(303, "PUT"), "GET");
  EXPECT_EQ(method_after(302, "PUT"), "PUT");
  EXPECT_EQ(method_after(303, "HEAD"), "HEAD");
  EXPECT_EQ(method_after(301, "GET"), "GET");
  for (const int status : {300, 304, 305, 306, 309, 200}) EXPECT_FALSE(is_redirect(status)) << status;
}

TEST(WhereLed, WhatARedirectSaysOfTheShop) {
  const Target origin = *parse_target("http://shop.example/");
  const KnownPages known{"/", "/cart"};
  const auto led = [&](std::string_view from, std::string_view to) { return where_led(origin, from, to, known); };
  EXPECT_EQ(led("/checkout", "/cart"), Led::known);
  EXPECT_EQ(led("/checkout?step=2", "http://shop.example/cart?empty"), Led::known);
  EXPECT_EQ(led("/cart", "/cart?again"), Led::elsewhere);
  EXPECT_EQ(led("/product/31", "/closed.html"), Led::elsewhere);
  EXPECT_EQ(led("/product/31", "http://elsewhere.example/product/31"), Led::elsewhere);
  EXPECT_EQ(led("/orders", "/customer/Login?back=/orders"), Led::login);
  EXPECT_EQ(led("/orders", "https://sso.example/oauth/start"), Led::login);
  EXPECT_EQ(led("/product/31?a=b", "https://shop.example/product/31?a=b"), Led::moved);
  EXPECT_EQ(led("/product/31", "https://www.shop.example/product/31/"), Led::moved);
  EXPECT_EQ(led("/product/31", "https://www.shop.example/"), Led::elsewhere);
}

}  // namespace
}  // namespace tenfold::rehearse
