#include "guard/admit/cost_kind.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/random.hpp"

namespace tenfold::guard {
namespace {

constexpr std::uint64_t seed = 42;

http::RequestHead get(std::string_view target, std::string_view method = "GET") {
  http::RequestHead head;
  head.method = http::method_of(method);
  head.method_name = method;
  head.target = target;
  return head;
}

CostShape shape_of(std::string_view target, std::string_view method = "GET") {
  const http::RequestHead head = get(target, method);
  return cost_shape(seed, head, head.path());
}

std::uint64_t kind_of(const CostKinds& kinds, std::string_view target, std::string_view method = "GET") {
  const http::RequestHead head = get(target, method);
  return kinds.kind_of(head, head.path());
}

void learn(CostKinds& kinds, std::string_view target, int times, std::string_view method = "GET") {
  const http::RequestHead head = get(target, method);
  for (int i = 0; i < times; ++i) kinds.learn(head, head.path());
}

TEST(CostShape, LeavesOutWhatVaries) {
  struct {
    const char* one;
    const char* other;
    bool alike;
  } const rows[] = {
      {"/product/1234", "/product/77", true},
      {"/product/1234", "/product/red-running-shoes", true},
      {"/product/1234", "/product/9f86d081", true},
      {"/product/1234", "/product/abcdefghijklmnopqrstuvwxy", true},
      {"/product/1234", "/category/1234", false},
      {"/product/1234", "/product/1234/reviews", false},
      {"/cart/add", "/cart/remove", false},
      {"/cart/add-item", "/cart/remove-item", false},
      {"/cart/abcdefghijklmnopqrstuvwx", "/cart/yyyyyyghijklmnopqrstuvwx", false},  // a word, just
      {"/api/v1/items/7", "/api/v1/items/8", true},
      {"/api/v1/items/7", "/api/v2/items/7", false},
      {"/static/app.3f2a.js", "/static/site.99.js", true},
      {"/static/app.3f2a.js", "/static/app.3f2a.css", false},
      {"/search?q=a", "/search?q=b", true},
      {"/search?q=a", "/search", false},
      {"/search?", "/search", true},
      {"/", "/search", false},
      {"/search/", "/search", true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(shape_of(row.one).form == shape_of(row.other).form, row.alike) << row.one << " " << row.other;
  }
  EXPECT_NE(shape_of("/cart", "POST").form, shape_of("/cart", "GET").form);
}

TEST(CostShape, AFamilyIsTheFirstSegmentAndWhatTheFileEndsWith) {
  EXPECT_EQ(shape_of("/cart/add").family, shape_of("/cart/remove").family);
  EXPECT_NE(shape_of("/cart/add").family, shape_of("/cart").family);
  EXPECT_NE(shape_of("/cart/add").family, shape_of("/cart/add/now").family);
  EXPECT_NE(shape_of("/static/a.js").family, shape_of("/static/a.css").family);
  EXPECT_NE(shape_of("/cart/add").family, shape_of("/wish/add").family);
  EXPECT_EQ(shape_of("/cart").family, shape_of("/cart").form);
  // the depth counts up to four
  EXPECT_EQ(shape_of("/a/b/c/d").family, shape_of("/a/b/c/d/e/f").family);
  EXPECT_NE(shape_of("/a/b/c").family, shape_of("/a/b/c/d").family);
}

TEST(CostShape, DiffersUnderAnotherSeed) {
  const http::RequestHead head = get("/cart");
  EXPECT_NE(cost_shape(1, head, head.path()).form, cost_shape(2, head, head.path()).form);
}

TEST(CostKinds, AreSharedUntilLearned) {
  CostKinds kinds(seed);
  EXPECT_LT(kind_of(kinds, "/search?q=a"), CostKinds::least_learned);
  EXPECT_EQ(kind_of(kinds, "/search?q=a"), kind_of(kinds, "/other?x"));
  EXPECT_NE(kind_of(kinds, "/search"), kind_of(kinds, "/search?q=a"));
  EXPECT_NE(kind_of(kinds, "/search"), kind_of(kinds, "/search", "POST"));
}

TEST(CostKinds, AFrequentFamilyAndItsFrequentFormsCountForThemselves) {
  CostKinds kinds(seed);
  // given a shop's requests: of /cart/* a form is every second request, of /products/* none is an eighth
  for (int round = 0; round < 200; ++round) {
    learn(kinds, "/", 3);
    learn(kinds, "/cart/add", 1);
    learn(kinds, "/cart/remove", 1);
    const std::string name(1, static_cast<char>('a' + round % 26));
    learn(kinds, "/products/" + name, 3);
  }
  // then the forms of the cart are apart, those of products are one
  EXPECT_NE(kind_of(kinds, "/cart/add"), kind_of(kinds, "/cart/remove"));
  EXPECT_EQ(kind_of(kinds, "/products/a"), kind_of(kinds, "/products/zebra"));
  EXPECT_GE(kind_of(kinds, "/products/a"), CostKinds::least_learned);
  EXPECT_NE(kind_of(kinds, "/products/a"), kind_of(kinds, "/cart/add"));
  EXPECT_LT(kind_of(kinds, "/never/seen"), CostKinds::least_learned);
  // and a form never seen counts for its family
  EXPECT_GE(kind_of(kinds, "/cart/empty"), CostKinds::least_learned);
}

TEST(CostKinds, SevenInSixtyFourAreNotFrequentAndEightAre) {
  const auto learned_after = [](int times) {
    CostKinds kinds(seed);
    learn(kinds, "/page", times);
    learn(kinds, "/", 64 - times);
    return kind_of(kinds, "/page") >= CostKinds::least_learned;
  };
  EXPECT_FALSE(learned_after(7));
  EXPECT_TRUE(learned_after(8));
}

TEST(CostKinds, RandomPathsMakeNoKindsAndDriveNoneOut) {
  CostKinds kinds(seed);
  // given a shop with pages of different frequency
  const auto visit_shop = [&] {
    learn(kinds, "/", 10);
    learn(kinds, "/search?q=x", 5);
    learn(kinds, "/cart/add", 2, "POST");
    learn(kinds, "/checkout", 1);
  };
  for (int i = 0; i < 500; ++i) visit_shop();
  const std::size_t before = kinds.learned();
  // when nine in ten requests are for paths of one letter's difference
  FastRandom random(3);
  for (int i = 0; i < 2000; ++i) {
    visit_shop();
    for (int j = 0; j < 162; ++j) {
      std::string path = "/";
      for (int k = 0; k < 8; ++k) path += static_cast<char>('a' + random.below(26));
      learn(kinds, path, 1);
    }
  }
  // then the shop's kinds are there, and no others
  EXPECT_EQ(kinds.learned(), before);
  for (const char* target : {"/", "/search?q=y", "/checkout"}) {
    EXPECT_GE(kind_of(kinds, target), CostKinds::least_learned) << target;
  }
  EXPECT_GE(kind_of(kinds, "/cart/add", "POST"), CostKinds::least_learned);
}

TEST(CostKinds, AreBoundedWhateverIsLearned) {
  CostKinds kinds(seed);
  // given 2,000 pages asked for alike
  FastRandom random(5);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200'000; ++i) {
    std::string path = "/page";
    std::uint64_t n = random.below(2000);
    for (int k = 0; k < 3; ++k, n /= 26) path += static_cast<char>('a' + n % 26);
    learn(kinds, path, 1);
    if (i % 50 == 0) seen.insert(kind_of(kinds, path));
    ASSERT_LE(kinds.learned(), CostKinds::most_learned);
  }
}

TEST(CostKinds, WhatIsAskedForNoMoreIsForgotten) {
  CostKinds kinds(seed);
  learn(kinds, "/sale", 5000);
  ASSERT_GE(kind_of(kinds, "/sale"), CostKinds::least_learned);
  learn(kinds, "/", 16 * 4096);
  EXPECT_LT(kind_of(kinds, "/sale"), CostKinds::least_learned);
}

}  // namespace
}  // namespace tenfold::guard
