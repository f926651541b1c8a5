#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenfold::shop {

// What a product is; decides its words, its price range and its drawing.
enum class Ware : std::uint8_t {
  mug,
  bowl,
  plate,
  jug,
  glass,
  pot,
  board,
  jar,
  teapot,
  table_lamp,
  pendant,
  candle,
  cushion,
  vase,
  clock,
  blanket,
  frame,
  chair,
  stool,
  side_table,
  shelf,
  plant,
  succulent,
  watering_can,
  notebook,
  pencils,
  pen_pot,
  backpack,
  tote,
  bottle,
};

// A colour of the range, as hue (degrees), saturation and lightness (per cent).
struct Colour {
  std::string_view name;
  int hue;
  int saturation;
  int lightness;
};

struct Category {
  std::string_view slug;
  std::string_view title;
  std::string_view blurb;
};

struct Product {
  std::uint32_t id = 0;  // from 1001 on, without gaps
  std::string slug;      // "harbour-mug-moss"
  std::string name;      // "Harbour mug"
  Ware ware = Ware::mug;
  std::size_t category = 0;  // into Catalogue::categories()
  const Colour* colour = nullptr;
  std::string_view material;
  std::string description;
  std::uint32_t price_cents = 0;
  std::uint32_t was_cents = 0;     // before the sale; 0: no sale
  std::uint8_t rating_tenths = 0;  // 10 to 50
  std::uint16_t reviews = 0;
  bool is_new = false;

  std::string path() const;          // "/p/1001/harbour-mug-moss"
  std::string picture_path() const;  // "/pictures/1001.svg"
};

std::string money(std::uint64_t cents);  // "€24.50"

// What the shop sells: a few hundred products made up from a seed, the same for the same seed everywhere, so that
// several origins show one shop. Immutable once made.
class Catalogue {
 public:
  explicit Catalogue(std::uint64_t seed);

  std::span<const Category> categories() const;
  std::span<const Product> products() const { return products_; }
  std::span<const Product> in_category(std::size_t category) const;
  const Category* category(std::string_view slug) const;  // null: no such
  const Product* product(std::uint32_t id) const;         // null: no such
  // Products whose name, colour, material, kind or category holds every word of the query, any case (ASCII); the best
  // first, at most `limit`. No words: nothing.
  std::vector<const Product*> search(std::string_view query, std::size_t limit) const;
  // Others of the same kind and category, for "goes well with".
  std::vector<const Product*> related(const Product& product, std::size_t limit) const;

 private:
  std::vector<Product> products_;           // by category, then by id
  std::vector<std::size_t> category_from_;  // where each category begins in products_; one more for the end
};

}  // namespace tenfold::shop
