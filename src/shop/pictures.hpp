#pragma once

#include <string>

#include "shop/catalogue.hpp"

// Product pictures as SVG, drawn from the product's own numbers: the same for the same product everywhere.
namespace tenfold::shop {

std::string product_picture(const Product& product);  // 400 by 400
// Some products of a category side by side, 1200 by 400.
std::string category_picture(const Catalogue& catalogue, std::size_t category);
// The picture of the home page, 900 by 520: a few of the shop's things together.
std::string home_picture(const Catalogue& catalogue);
std::string favicon();

}  // namespace tenfold::shop
