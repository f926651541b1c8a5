#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "http/message.hpp"
#include "shop/assets.hpp"
#include "shop/catalogue.hpp"
#include "shop/pages.hpp"

namespace tenfold::shop {

// Sorts of work, each with a service time of its own.
enum class Kind : std::uint8_t { static_file, picture, page, search, cart, checkout };
inline constexpr std::size_t kinds = 6;
std::string_view name(Kind kind);  // "static", "picture", "page", ...

// What the shop needs to know of a request. The texts belong to the caller.
struct Visit {
  http::Method method = http::Method::get;
  std::string_view path = "/";
  std::string_view query = {};
  std::string_view base_url = {};  // "http://shop.example", for the sitemap
  std::string_view cookies = {};   // the Cookie field
  std::string_view form = {};      // a POST's body
  std::string_view if_none_match = {};
  std::string_view if_modified_since = {};
};

struct Reply {
  int status = 200;
  std::string_view content_type = "text/html; charset=utf-8";
  std::vector<std::pair<std::string_view, std::string>> headers = {};
  std::string body = {};
};

// Counts orders; a form sent twice (a second click, a retry on the way) is one order.
class OrderBook {
 public:
  // Remembers the last 4096 tokens; one that is repeated later than that counts as a new order.
  static constexpr std::size_t remembered = 4096;
  // Takes the order unless its token was seen.
  void take(const std::string& token);
  std::uint64_t orders() const { return orders_; }
  std::uint64_t repeated() const { return repeated_; }

 private:
  std::deque<std::string> in_order_;
  std::unordered_set<std::string> seen_;
  std::uint64_t orders_ = 0;
  std::uint64_t repeated_ = 0;
};

// Answers visits: which page for which path, cookies, caching, orders. Knows nothing of connections, time or workers.
// Not thread-safe.
class Storefront {
 public:
  struct Options {
    std::string shop_name = "Corner Shop";
    std::string server_name;  // which origin this is
    std::uint64_t catalogue_seed = 20260302;
  };
  // `random` makes session and order tokens: demo data, nothing depends on their secrecy.
  Storefront(Options options, Random& random);

  Kind kind_of(const Visit& visit) const;
  Reply answer(const Visit& visit);
  Reply sorry(int status, std::string_view title, std::string_view text) const;

  const OrderBook& orders() const { return orders_; }
  const Catalogue& catalogue() const { return catalogue_; }

 private:
  Reply route(const Visit& visit);
  Reply picture(const Visit& visit) const;
  Reply category(const Visit& visit) const;
  Reply product(const Visit& visit) const;
  Reply show_cart(const Visit& visit) const;
  Reply change_cart(const Visit& visit);
  Reply show_checkout(const Visit& visit);
  Reply order(const Visit& visit);
  Reply sign_in(const Visit& visit);
  Reply not_found() const;
  Reply public_page(std::string body) const;
  Reply private_page(std::string body) const;
  Reply redirect(std::string_view to) const;
  void add_session(const Visit& visit, Reply& reply);
  std::string new_token();

  Random& random_;
  Catalogue catalogue_;
  std::array<Asset, 2> assets_;
  Pages pages_;
  OrderBook orders_;
};

}  // namespace tenfold::shop
