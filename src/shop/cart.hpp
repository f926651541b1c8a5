#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shop/catalogue.hpp"

namespace tenfold::shop {

// What a visitor wants to buy. It lives in the visitor's cookie, "1001x2.1044x1", not in the shop's memory: every
// origin can serve every visitor, a cart outlives the origin that it was filled at, and no number of visitors fills the
// memory.
class Cart {
 public:
  struct Line {
    const Product* product;
    int quantity;
  };
  static constexpr std::size_t most_lines = 20;  // past it, add() does nothing
  static constexpr int most_of_one = 9;          // past it, quantities are cut

  // Takes from the cookie's value what makes sense and leaves out the rest.
  static Cart parse(std::string_view cookie_value, const Catalogue& catalogue);
  std::string cookie_value() const;

  void add(const Product& product, int quantity);
  void set(const Product& product, int quantity);  // 0 removes it

  const std::vector<Line>& lines() const { return lines_; }
  bool empty() const { return lines_.empty(); }
  int items() const;
  std::uint64_t goods_cents() const;
  std::uint64_t delivery_cents() const;  // free from 60 euros on
  std::uint64_t total_cents() const { return goods_cents() + delivery_cents(); }

 private:
  std::vector<Line> lines_;
};

// The value of a cookie in a Cookie header, quotes and all; empty when there is none.
std::string_view cookie(std::string_view header, std::string_view name);

}  // namespace tenfold::shop
