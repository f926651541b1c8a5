#include "shop/cart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>

namespace tenfold::shop {
namespace {

constexpr std::uint64_t free_delivery_from_cents = 6000;
constexpr std::uint64_t delivery_costs_cents = 490;

template <class Number>
bool parse_whole(std::string_view text, Number& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Cart Cart::parse(std::string_view value, const Catalogue& catalogue) {
  Cart cart;
  while (!value.empty() && cart.lines_.size() < most_lines) {
    const std::string_view line = value.substr(0, value.find('.'));
    value.remove_prefix(std::min(value.size(), line.size() + 1));
    const std::size_t times = line.find('x');
    std::uint32_t id = 0;
    int quantity = 0;
    if (times == std::string_view::npos || !parse_whole(line.substr(0, times), id) ||
        !parse_whole(line.substr(times + 1), quantity)) {
      continue;
    }
    if (const Product* product = catalogue.product(id); product != nullptr && quantity > 0)
      cart.add(*product, quantity);
  }
  return cart;
}

std::string Cart::cookie_value() const {
  std::string value;
  for (const Line& line : lines_) {
    fmt::format_to(std::back_inserter(value), "{}{}x{}", value.empty() ? "" : ".", line.product->id, line.quantity);
  }
  return value;
}

void Cart::add(const Product& product, int quantity) {
  const auto found = std::ranges::find(lines_, &product, &Line::product);
  set(product, std::clamp(quantity, 0, most_of_one) + (found == lines_.end() ? 0 : found->quantity));
}

void Cart::set(const Product& product, int quantity) {
  const auto found = std::ranges::find(lines_, &product, &Line::product);
  if (quantity <= 0) {
    if (found != lines_.end()) lines_.erase(found);
  } else if (found != lines_.end()) {
    found->quantity = std::min(quantity, most_of_one);
  } else if (lines_.size() < most_lines) {
    lines_.push_back({&product, std::min(quantity, most_of_one)});
  }
}

int Cart::items() const {
  int items = 0;
  for (const Line& line : lines_) items += line.quantity;
  return items;
}

std::uint64_t Cart::goods_cents() const {
  std::uint64_t cents = 0;
  for (const Line& line : lines_) cents += static_cast<std::uint64_t>(line.quantity) * line.product->price_cents;
  return cents;
}

std::uint64_t Cart::delivery_cents() const {
  return empty() || goods_cents() >= free_delivery_from_cents ? 0 : delivery_costs_cents;
}

std::string_view cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(header.size(), pair.size() + 1));
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

}  // namespace tenfold::shop
