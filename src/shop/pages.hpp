#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "shop/cart.hpp"
#include "shop/catalogue.hpp"

namespace tenfold::shop {

enum class Sorting : std::uint8_t { featured, price_up, price_down, newest };

// What a visitor typed into the checkout's form.
struct Order {
  std::string token;  // from the form: the same for a repeated submission
  std::string name;
  std::string email;
  std::string street;
  std::string postcode;
  std::string city;

  // What is missing or wrong, for the visitor; empty when the order is good.
  std::string problem() const;
};

// Renders the shop's pages as HTML. Pure; everything that comes from outside is escaped.
class Pages {
 public:
  struct Frame {
    std::string shop_name;    // "Corner Shop"
    std::string server_name;  // shown in the footer: which origin made the page
    std::string style_path;
    std::string script_path;
  };
  Pages(const Catalogue& catalogue, Frame frame) : catalogue_(catalogue), frame_(std::move(frame)) {}

  std::string home() const;
  std::string category(const Category& category, Sorting sorting) const;
  std::string product(const Product& product) const;
  std::string search(std::string_view query) const;
  std::string about() const;
  // Pages for one visitor. `customer` is the address signed in with; empty for a guest.
  std::string cart(const Cart& cart, std::string_view customer) const;
  std::string checkout(const Cart& cart, const Order& entered, std::string_view problem) const;
  std::string thanks(std::string_view order_number) const;
  std::string login(std::string_view customer, std::string_view problem) const;
  // A page for a status that is not 200.
  std::string sorry(std::string_view title, std::string_view text) const;

  std::string sitemap(std::string_view base_url) const;
  std::string robots(std::string_view base_url) const;

 private:
  std::string page(std::string_view title, std::string_view description, std::string_view main,
                   std::string_view current_category = {}) const;
  void put_goods(std::string& out, std::span<const Product* const> products) const;
  void put_cart_line(std::string& out, const Cart::Line& line) const;
  void put_sums(std::string& out, const Cart& cart) const;

  const Catalogue& catalogue_;
  Frame frame_;
};

}  // namespace tenfold::shop
