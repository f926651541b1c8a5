#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "shop/catalogue.hpp"

namespace tenfold::shop {

// The vocabulary that the catalogue is made up from.
struct WareWords {
  Ware ware;
  std::size_t category;
  std::string_view noun;      // "mug"
  std::uint16_t least_euros;  // the price range
  std::uint16_t most_euros;
  std::array<std::string_view, 3> materials;
  std::array<std::string_view, 3> sentences;  // what one would say of it
};

std::span<const Category> all_categories();
std::span<const WareWords> all_wares();
std::span<const Colour> all_colours();
std::span<const std::string_view> all_series();    // "Harbour": the first word of a name
std::span<const std::string_view> all_closings();  // sentences that suit anything
const WareWords& words_of(Ware ware);

}  // namespace tenfold::shop
