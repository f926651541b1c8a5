#include "shop/catalogue.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tenfold::shop {
namespace {

TEST(Catalogue, IsTheSameForTheSameSeed) {
  const Catalogue one(7);
  const Catalogue other(7);
  const Catalogue different(8);
  ASSERT_EQ(one.products().size(), other.products().size());
  bool differs = false;
  for (std::size_t i = 0; i < one.products().size(); ++i) {
    EXPECT_EQ(one.products()[i].slug, other.products()[i].slug);
    EXPECT_EQ(one.products()[i].description, other.products()[i].description);
    EXPECT_EQ(one.products()[i].price_cents, other.products()[i].price_cents);
    differs |= one.products()[i].slug != different.products()[i].slug;
  }
  EXPECT_TRUE(differs);
}

TEST(Catalogue, HasAFewHundredProductsWithNamesOfTheirOwn) {
  const Catalogue catalogue(1);
  EXPECT_EQ(catalogue.products().size(), 320u);
  std::set<std::string> names;
  for (const Product& product : catalogue.products()) {
    EXPECT_TRUE(names.insert(product.name).second) << product.name;
    EXPECT_GT(product.price_cents, 0u);
    EXPECT_TRUE(product.was_cents == 0 || product.was_cents > product.price_cents) << product.name;
    EXPECT_EQ(catalogue.product(product.id), &product);
  }
}

TEST(Catalogue, FindsNothingForUnknownIdsAndSlugs) {
  const Catalogue catalogue(1);
  EXPECT_EQ(catalogue.product(0), nullptr);
  EXPECT_EQ(catalogue.product(1000), nullptr);
  EXPECT_EQ(catalogue.product(1321), nullptr);
  EXPECT_EQ(catalogue.product(UINT32_MAX), nullptr);
  EXPECT_EQ(catalogue.category("nonsense"), nullptr);
  EXPECT_EQ(catalogue.category(""), nullptr);
}

TEST(Catalogue, SearchWantsEveryWordAndIgnoresCase) {
  const Catalogue catalogue(1);
  const auto mugs = catalogue.search("MUG", 100);
  ASSERT_FALSE(mugs.empty());
  for (const Product* product : mugs) EXPECT_EQ(product->ware, Ware::mug);

  const std::string both = std::string(mugs.front()->colour->name) + " mug";
  const auto narrowed = catalogue.search(both, 100);
  ASSERT_FALSE(narrowed.empty());
  EXPECT_LE(narrowed.size(), mugs.size());
  EXPECT_TRUE(catalogue.search("mug submarine", 100).empty());
  EXPECT_TRUE(catalogue.search("", 100).empty());
  EXPECT_TRUE(catalogue.search(" , ", 100).empty());
  EXPECT_EQ(catalogue.search("mug", 2).size(), 2u);
}

TEST(Catalogue, RelatedProductsLeaveOutTheProductItself) {
  const Catalogue catalogue(1);
  const Product& last = catalogue.in_category(0).back();
  const auto related = catalogue.related(last, 4);
  ASSERT_EQ(related.size(), 4u);
  for (const Product* other : related) {
    EXPECT_NE(other, &last);
    EXPECT_EQ(other->category, last.category);
  }
}

TEST(Money, IsEurosAndCents) {
  EXPECT_EQ(money(5), "€0.05");
  EXPECT_EQ(money(2450), "€24.50");
  EXPECT_EQ(money(100000), "€1000.00");
}

}  // namespace
}  // namespace tenfold::shop
