#include "shop/pictures.hpp"

#include <fmt/format.h>

#include <array>

#include "shop/drawings.hpp"
#include "shop/wares.hpp"

namespace tenfold::shop {
namespace {

constexpr std::uint64_t picture_seed = 0x7e4f01d;

using Drawing = void (*)(Canvas&);
constexpr std::array<Drawing, 30> drawing_of_ware{
    drawings::mug,     drawings::bowl,    drawings::plate,     drawings::jug,          drawings::glass,
    drawings::pot,     drawings::board,   drawings::jar,       drawings::teapot,       drawings::table_lamp,
    drawings::pendant, drawings::candle,  drawings::cushion,   drawings::vase,         drawings::clock,
    drawings::blanket, drawings::frame,   drawings::chair,     drawings::stool,        drawings::side_table,
    drawings::shelf,   drawings::plant,   drawings::succulent, drawings::watering_can, drawings::notebook,
    drawings::pencils, drawings::pen_pot, drawings::backpack,  drawings::tote,         drawings::bottle,
};
static_assert(static_cast<std::size_t>(Ware::bottle) + 1 == drawing_of_ware.size());

// A wall and a floor.
std::string room(int width, int height, int floor_at, const Tones& tones) {
  return fmt::format(
      R"(<path fill="{0}" d="M0,0H{1}V{2}H0Z"/><ellipse cx="{3}" cy="{4}" rx="{5}" ry="{4}" fill="#fff" opacity=".3"/>)"
      R"(<path fill="{6}" d="M0,{7}H{1}V{2}H0Z"/>)",
      tones.back, width, height, width * 2 / 5, height * 2 / 5, width * 2 / 5, tones.floor, floor_at);
}

struct Placed {
  Ware ware;
  std::size_t colour;
  double x;      // of the drawing's left edge
  double floor;  // y on which it stands
  double scale;
};

void place(Canvas& canvas, const Placed& thing) {
  canvas.use(tones_of(all_colours()[thing.colour]));
  canvas.open_group(thing.x, thing.floor - 330 * thing.scale, thing.scale);
  draw_ware(canvas, thing.ware);
  canvas.close_group();
}

}  // namespace

void draw_ware(Canvas& canvas, Ware ware) { drawing_of_ware[static_cast<std::size_t>(ware)](canvas); }

std::string product_picture(const Product& product) {
  FastRandom random(picture_seed ^ product.id);
  const Tones tones = tones_of(*product.colour);
  Canvas canvas(tones, random);
  draw_ware(canvas, product.ware);
  return canvas.svg(400, 400, fmt::format("{}, {}", product.name, product.colour->name), room(400, 400, 292, tones));
}

std::string category_picture(const Catalogue& catalogue, std::size_t category) {
  FastRandom random(picture_seed + category);
  const auto products = catalogue.in_category(category);
  const Tones tones = tones_of(*products.front().colour);
  Canvas canvas(tones, random);
  double x = 20;
  for (std::size_t i = 0; i < 4; ++i) {
    const Product& product = products[i];
    canvas.use(tones_of(*product.colour));
    canvas.open_group(x, 30, 0.98);
    draw_ware(canvas, product.ware);
    canvas.close_group();
    x += 256;
  }
  return canvas.svg(1200, 400, catalogue.categories()[category].title, room(1200, 400, 310, tones));
}

std::string home_picture(const Catalogue& catalogue) {
  FastRandom random(picture_seed);
  const Tones tones = tones_of(all_colours()[2]);
  Canvas canvas(tones, random);
  constexpr std::array<Placed, 8> things{{
      {Ware::frame, 6, 380, 296, 0.62},
      {Ware::pendant, 3, 142, 262, 0.9},
      {Ware::plant, 4, 498, 466, 1.12},
      {Ware::side_table, 0, 110, 470, 1.06},
      {Ware::chair, 7, -92, 470, 1.0},
      {Ware::backpack, 12, 384, 474, 0.6},
      {Ware::cushion, 13, 484, 496, 0.42},
      {Ware::watering_can, 9, 724, 490, 0.5},
  }};
  for (const Placed& thing : things) place(canvas, thing);
  return canvas.svg(900, 520, fmt::format("Some of our {} things", catalogue.products().size()),
                    room(900, 520, 420, tones));
}

std::string favicon() {
  return R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f5c4d"/>)"
         R"(<path fill="#f7e9cf" d="M7 11h18l2 6H5zM8 18h16v8H8z"/><path fill="#d9694b" d="M7 11h4l-1 6H5zm8 0h2v6h-2zm6 0h4l2 6h-5z"/>)"
         R"(<path fill="#1f5c4d" d="M14 20h4v6h-4z"/></svg>)";
}

}  // namespace tenfold::shop
