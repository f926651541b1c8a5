#include "shop/cart.hpp"

#include <gtest/gtest.h>

namespace tenfold::shop {
namespace {

const Catalogue& catalogue() {
  static const Catalogue made(1);
  return made;
}

TEST(Cart, ReadsWhatItWrites) {
  const Cart cart = Cart::parse("1001x2.1044x1", catalogue());
  ASSERT_EQ(cart.lines().size(), 2u);
  EXPECT_EQ(cart.items(), 3);
  EXPECT_EQ(cart.cookie_value(), "1001x2.1044x1");
}

TEST(Cart, LeavesOutWhatMakesNoSense) {
  EXPECT_EQ(Cart::parse("99x1.1001x.x3.1002x-1.<script>.1003x2x2.1004x99999999999.1005x1", catalogue()).cookie_value(),
            "1005x1");
  EXPECT_TRUE(Cart::parse("", catalogue()).empty());
  EXPECT_TRUE(Cart::parse("....", catalogue()).empty());
}

TEST(Cart, IsBounded) {
  Cart cart;
  for (std::uint32_t id = 1001; id < 1100; ++id) cart.add(*catalogue().product(id), 100);
  EXPECT_EQ(cart.lines().size(), Cart::most_lines);
  for (const Cart::Line& line : cart.lines()) EXPECT_EQ(line.quantity, Cart::most_of_one);
  EXPECT_LT(cart.cookie_value().size(), 200u);
}

TEST(Cart, AddsSetsAndRemoves) {
  Cart cart;
  const Product& mug = *catalogue().product(1001);
  cart.add(mug, 2);
  cart.add(mug, 3);
  EXPECT_EQ(cart.items(), 5);
  cart.set(mug, 1);
  EXPECT_EQ(cart.items(), 1);
  cart.set(mug, 0);
  EXPECT_TRUE(cart.empty());
}

TEST(Cart, DeliveryIsFreeFromSixtyEurosOn) {
  Cart cart;
  EXPECT_EQ(cart.delivery_cents(), 0u);
  for (const Product& product : catalogue().products()) {
    if (product.price_cents < 3000) {
      cart.add(product, 1);
      break;
    }
  }
  EXPECT_EQ(cart.delivery_cents(), 490u);
  EXPECT_EQ(cart.total_cents(), cart.goods_cents() + 490);
  for (const Product& product : catalogue().products()) {
    if (product.price_cents > 6000) {
      cart.add(product, 1);
      break;
    }
  }
  EXPECT_EQ(cart.delivery_cents(), 0u);
}

TEST(Cookie, IsFoundAmongOthers) {
  EXPECT_EQ(cookie("a=1; shop_cart=1001x1; b=2", "shop_cart"), "1001x1");
  EXPECT_EQ(cookie("not_shop_cart=1", "shop_cart"), "");
  EXPECT_EQ(cookie("shop_cart", "shop_cart"), "");
  EXPECT_EQ(cookie("", "shop_cart"), "");
}

}  // namespace
}  // namespace tenfold::shop
