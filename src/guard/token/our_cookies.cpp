#include "guard/token/our_cookies.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text/letters.hpp"
#include "guard/token/tokens.hpp"

namespace tenfold::guard {

namespace {

// Cookies whose value is one visitor's. Not among them: what many have alike, as woocommerce_cart_hash (of the cart's
// content) and mage-cache-sessid ("true").
constexpr std::array<std::string_view, 15> usual_session_cookies{
    "PHPSESSID",                 // Magento 2, Sylius, most of PHP
    "frontend",                  // Magento 1, OpenMage
    "PrestaShop-*",              // PrestaShop
    "wp_woocommerce_session_*",  // WooCommerce
    "session-*",                 // Shopware 5 and 6
    "sw-context-token",          // Shopware 6, headless
    "OCSESSID",                  // OpenCart
    "JTLSHOP",                   // JTL-Shop
    "sid",                       // OXID
    "zenid",                     // Zen Cart
    "osCsid",                    // osCommerce
    "MODsid",                    // modified eCommerce
    "laravel_session",           // Bagisto, Aimeos
    ".Nop.Customer",             // nopCommerce
    "ASP.NET_SessionId",         // ASP.NET
};

constexpr std::string_view our_beginning = "tenfold_";

struct Pair {
  std::string_view name;  // empty: it is none
  std::string_view value;
};

Pair pair_of(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {};
  return {trimmed(text.substr(0, equals)), trimmed(text.substr(equals + 1))};
}

// The text before the next ";", which is taken off `rest` with it.
std::string_view take_pair(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(';'), rest.size());
  const std::string_view pair = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return pair;
}

CookieValues* ours_of_name(OwnCookies& own, std::string_view name) {
  if (name == first_seen_cookie) return &own.first_seen;
  if (name == clearance_cookie) return &own.clearance;
  if (name == place_cookie) return &own.place;
  return nullptr;
}

void keep_each(std::string_view value, CookieValues& values) {
  for (std::size_t networks = 0; networks < most_networks; ++networks) {
    const std::size_t end = std::min(value.find(between_networks), value.size());
    values.push_back(value.substr(0, end));
    if (end == value.size()) return;
    value.remove_prefix(end + 1);
  }
}

// True: it was one of ours. All of a request's cookies pass here, so others are told by their beginning.
bool take(std::string_view written, OwnCookies& own) {
  while (written.starts_with(' ') || written.starts_with('\t')) written.remove_prefix(1);
  if (!written.starts_with(our_beginning)) return false;
  const Pair pair = pair_of(written);
  CookieValues* const values = ours_of_name(own, pair.name);
  if (values == nullptr) return false;
  if (values == &own.first_seen) {
    if (values->size() < most_of_a_name) values->push_back(pair.value);
  } else if (values->size() < most_of_a_name * most_networks) {
    keep_each(pair.value, *values);
  }
  return true;
}

}  // namespace

std::string_view take_own_cookies(std::string_view field, Arena& arena, OwnCookies& own) {
  if (field.find(our_beginning) == std::string_view::npos) return field;
  char* const text = arena.allocate(field.size());
  std::size_t length = 0;
  for (std::string_view rest = field; !rest.empty();) {
    const std::string_view written = take_pair(rest);
    if (take(written, own)) continue;
    const std::string_view kept = length != 0 ? written : trimmed(written);
    if (kept.empty()) continue;
    if (length != 0) text[length++] = ';';
    std::memcpy(text + length, kept.data(), kept.size());
    length += kept.size();
  }
  return {text, length};
}

CookieNames::CookieNames(std::span<const std::string> more) {
  const auto add = [this](std::string_view text) {
    const bool beginning = text.ends_with('*');
    if (beginning) text.remove_suffix(1);
    if (text.empty()) return;
    patterns_.push_back({std::string(text), beginning ? Kind::beginning : Kind::name});
    first_characters_.set(static_cast<unsigned char>(text.front()));
  };
  std::ranges::for_each(usual_session_cookies, add);
  std::ranges::for_each(more, add);
}

std::string_view CookieNames::session_in(std::string_view field) const {
  while (!field.empty()) {
    const Pair pair = pair_of(take_pair(field));
    if (pair.value.size() >= shortest_session && is_session(pair.name)) return pair.value;
  }
  return {};
}

bool CookieNames::is_session(std::string_view name) const {
  if (name.empty() || !first_characters_[static_cast<unsigned char>(name.front())]) return false;
  return std::ranges::any_of(patterns_, [&](const Pattern& pattern) {
    return pattern.kind == Kind::name ? name == pattern.text : name.starts_with(pattern.text);
  });
}

}  // namespace tenfold::guard
