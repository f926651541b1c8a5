#include "shop/storefront.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold::shop {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class StorefrontTest : public testing::Test {
 protected:
  static std::string header(const Reply& reply, std::string_view name) {
    for (const auto& [key, value] : reply.headers) {
      if (key == name) return value;
    }
    return {};
  }
  Reply get(std::string_view path, std::string_view query = {}, std::string_view cookies = {}) {
    return shop_.answer({.path = path, .query = query, .base_url = "http://shop.example", .cookies = cookies});
  }
  Reply post(std::string_view path, std::string_view form, std::string_view cookies = {}) {
    return shop_.answer({.method = Method::post, .path = path, .cookies = cookies, .form = form});
  }
  // The value of the first href or src that begins like this.
  static std::string link(const Reply& page, std::string_view begins) {
    const std::size_t at = page.body.find("\"" + std::string(begins));
    return at == std::string::npos ? "" : page.body.substr(at + 1, page.body.find('"', at + 1) - at - 1);
  }

  FastRandom random_{1};
  Storefront shop_{{.server_name = "A"}, random_};
};

TEST_F(StorefrontTest, EveryPageOfTheSitemapIsThere) {
  const Reply map = get("/sitemap.xml");
  ASSERT_EQ(map.status, 200);
  int pages = 0;
  constexpr std::string_view mark = "<loc>http://shop.example";
  for (std::size_t at = map.body.find(mark); at != std::string::npos; at = map.body.find(mark, at + 1)) {
    const std::size_t start = at + mark.size();
    const std::string path = map.body.substr(start, map.body.find('<', start) - start);
    EXPECT_EQ(get(path).status, 200) << path;
    ++pages;
  }
  EXPECT_EQ(pages, 1 + 8 + 320);
}

TEST_F(StorefrontTest, PagesOfTheShopWindowMayBeCachedByAnybody) {
  for (const std::string path : {"/", "/c/tableware", "/about"}) {
    const Reply page = get(path);
    EXPECT_THAT(header(page, "Cache-Control"), StartsWith("public, max-age=0, s-maxage=")) << path;
    EXPECT_EQ(header(page, "Set-Cookie"), "") << path;
    EXPECT_THAT(page.body, HasSubstr("Served by A")) << path;
  }
}

TEST_F(StorefrontTest, PagesOfOneVisitorAreNotStored) {
  for (const std::string path : {"/cart", "/checkout", "/checkout/thanks", "/login"}) {
    EXPECT_EQ(header(get(path), "Cache-Control"), "private, no-store") << path;
  }
}

TEST_F(StorefrontTest, FingerprintedFilesAreForEver) {
  const Reply home = get("/");
  for (const std::string begins : {"/assets/shop.", "/assets/shop."}) {
    const Reply file = get(link(home, begins));
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(header(file, "Cache-Control"), "public, max-age=31536000, immutable");
  }
  EXPECT_EQ(get("/assets/shop.00000000.css").status, 404);
}

TEST_F(StorefrontTest, PicturesAreValidated) {
  const Reply picture = get("/pictures/1001.svg");
  EXPECT_EQ(picture.status, 200);
  EXPECT_EQ(picture.content_type, "image/svg+xml");
  EXPECT_THAT(picture.body, StartsWith("<svg"));
  EXPECT_EQ(picture.body, get("/pictures/1001.svg").body);
  EXPECT_NE(picture.body, get("/pictures/1002.svg").body);

  const std::string etag = header(picture, "ETag");
  const std::string modified = header(picture, "Last-Modified");
  const std::string listed = "\"other\", W/" + etag;
  EXPECT_EQ(shop_.answer({.path = "/pictures/1001.svg", .if_none_match = etag}).status, 304);
  EXPECT_EQ(shop_.answer({.path = "/pictures/1001.svg", .if_none_match = listed}).status, 304);
  EXPECT_EQ(shop_.answer({.path = "/pictures/1001.svg", .if_none_match = "*"}).status, 304);
  EXPECT_EQ(shop_.answer({.path = "/pictures/1001.svg", .if_modified_since = modified}).status, 304);
  // An entity tag that differs outweighs the date (RFC 9110, 13.1.3).
  EXPECT_EQ(
      shop_.answer({.path = "/pictures/1001.svg", .if_none_match = "\"x\"", .if_modified_since = modified}).status,
      200);
  EXPECT_TRUE(shop_.answer({.path = "/pictures/1001.svg", .if_none_match = etag}).body.empty());
}

TEST_F(StorefrontTest, WhatIsNotThereIs404) {
  for (const std::string path : {"/nonsense", "/p/1/x", "/p/", "/p/abc", "/c/nonsense", "/c/", "/pictures/1.svg",
                                 "/pictures/.svg", "/pictures/c/x.svg", "/cart/x", "/checkout/x"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(StorefrontTest, AProductHasOneAddress) {
  const Reply reply = get("/p/1001/something-else");
  EXPECT_EQ(reply.status, 301);
  EXPECT_EQ(header(reply, "Location"), shop_.catalogue().product(1001)->path());
}

TEST_F(StorefrontTest, SearchEscapesWhatItRepeats) {
  const Reply reply = get("/search", "q=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27%26");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(reply.body, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
  EXPECT_THAT(get("/search", "q=mug").body, HasSubstr(" found</span>"));
}

TEST_F(StorefrontTest, AVisitFromTheProductToTheOrder) {
  // Given a product in the cart
  const Reply added = post("/cart", "product=1001&quantity=2");
  EXPECT_EQ(added.status, 303);
  EXPECT_EQ(header(added, "Location"), "/cart");
  EXPECT_THAT(header(added, "Set-Cookie"), StartsWith("shop_cart=1001x2;"));

  // When the visitor goes to the checkout and orders
  const std::string cookies = "shop_cart=1001x2";
  EXPECT_THAT(get("/cart", "", cookies).body, HasSubstr(shop_.catalogue().product(1001)->name));
  const Reply form = get("/checkout", "", cookies);
  ASSERT_EQ(form.status, 200);
  const std::size_t at = form.body.find("name=\"token\" value=\"") + 20;
  const std::string token = form.body.substr(at, 16);
  const std::string filled = "token=" + token + "&name=A+B&email=a%40b.example&street=S+1&postcode=1&city=C";
  const Reply ordered = post("/checkout", filled, cookies);

  // Then the order is counted, the cart is emptied, and a second click is not a second order
  EXPECT_EQ(ordered.status, 303);
  EXPECT_THAT(header(ordered, "Location"), StartsWith("/checkout/thanks?order="));
  EXPECT_THAT(header(ordered, "Set-Cookie"), StartsWith("shop_cart=;"));
  EXPECT_EQ(shop_.orders().orders(), 1u);
  EXPECT_EQ(post("/checkout", filled, cookies).status, 303);
  EXPECT_EQ(shop_.orders().orders(), 1u);
  EXPECT_EQ(shop_.orders().repeated(), 1u);
}

TEST_F(StorefrontTest, AnOrderNeedsACartAndAnAddress) {
  EXPECT_EQ(header(get("/checkout"), "Location"), "/cart");
  EXPECT_EQ(header(post("/checkout", "name=A"), "Location"), "/cart");
  const Reply incomplete = post("/checkout", "name=%3Cb%3E&email=a%40b", "shop_cart=1001x1");
  EXPECT_EQ(incomplete.status, 422);
  EXPECT_THAT(incomplete.body, HasSubstr("value=\"&lt;b&gt;\""));
  EXPECT_EQ(shop_.orders().orders(), 0u);
}

TEST_F(StorefrontTest, TheCartChangesAndEmpties) {
  EXPECT_THAT(header(post("/cart", "set=1001&quantity=5", "shop_cart=1001x2"), "Set-Cookie"),
              StartsWith("shop_cart=1001x5;"));
  EXPECT_THAT(header(post("/cart", "set=1001&quantity=0", "shop_cart=1001x2"), "Set-Cookie"),
              StartsWith("shop_cart=;"));
  EXPECT_EQ(post("/cart", "product=1").status, 422);
  EXPECT_EQ(post("/cart", "").status, 422);
}

TEST_F(StorefrontTest, ASessionBeginsWithTheFirstThingInTheCart) {
  const Reply first = post("/cart", "product=1001");
  EXPECT_THAT(first.headers, testing::Contains(testing::Pair("Set-Cookie", StartsWith("shop_session="))));
  const Reply second = post("/cart", "product=1001", "shop_session=abc");
  EXPECT_THAT(second.headers, Not(testing::Contains(testing::Pair("Set-Cookie", StartsWith("shop_session=")))));
}

TEST_F(StorefrontTest, OtherMethodsAreRefused) {
  const Reply reply = shop_.answer({.method = Method::delete_, .path = "/cart"});
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(header(reply, "Allow"), "GET, HEAD, POST");
  EXPECT_EQ(header(post("/", ""), "Allow"), "GET, HEAD");
}

TEST_F(StorefrontTest, WorkIsSortedByPathAndMethod) {
  const auto kind = [this](Method method, std::string_view path) {
    return shop_.kind_of({.method = method, .path = path});
  };
  EXPECT_EQ(kind(Method::get, "/"), Kind::page);
  EXPECT_EQ(kind(Method::get, "/searching"), Kind::page);
  EXPECT_EQ(kind(Method::get, "/search"), Kind::search);
  EXPECT_EQ(kind(Method::get, "/pictures/1001.svg"), Kind::picture);
  EXPECT_EQ(kind(Method::get, "/assets/x"), Kind::static_file);
  EXPECT_EQ(kind(Method::get, "/cart"), Kind::cart);
  EXPECT_EQ(kind(Method::get, "/checkout"), Kind::cart);
  EXPECT_EQ(kind(Method::post, "/checkout"), Kind::checkout);
}

TEST(OrderBook, ForgetsTheOldestTokens) {
  OrderBook book;
  for (std::size_t i = 0; i <= OrderBook::remembered; ++i) book.take(std::to_string(i));
  book.take("1");
  EXPECT_EQ(book.repeated(), 1u);
  book.take("0");
  EXPECT_EQ(book.repeated(), 1u);
  EXPECT_EQ(book.orders(), OrderBook::remembered + 2);
}

}  // namespace
}  // namespace tenfold::shop
