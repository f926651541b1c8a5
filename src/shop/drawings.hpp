#pragma once

#include <string_view>

#include "shop/canvas.hpp"

// How each ware is drawn: proportions and decoration come from the canvas's random numbers.
namespace tenfold::shop::drawings {

void mug(Canvas& canvas);
void bowl(Canvas& canvas);
void plate(Canvas& canvas);
void jug(Canvas& canvas);
void glass(Canvas& canvas);
void pot(Canvas& canvas);
void board(Canvas& canvas);
void jar(Canvas& canvas);
void teapot(Canvas& canvas);

void table_lamp(Canvas& canvas);
void pendant(Canvas& canvas);
void candle(Canvas& canvas);
void cushion(Canvas& canvas);
void vase(Canvas& canvas);
void clock(Canvas& canvas);
void blanket(Canvas& canvas);
void frame(Canvas& canvas);
void chair(Canvas& canvas);
void stool(Canvas& canvas);
void side_table(Canvas& canvas);
void shelf(Canvas& canvas);

void plant(Canvas& canvas);
void succulent(Canvas& canvas);
void watering_can(Canvas& canvas);
void notebook(Canvas& canvas);
void pencils(Canvas& canvas);
void pen_pot(Canvas& canvas);
void backpack(Canvas& canvas);
void tote(Canvas& canvas);
void bottle(Canvas& canvas);

// Colours of materials that are the same whatever the product's colour is.
inline constexpr std::string_view wood = "#c69a6b";
inline constexpr std::string_view dark_wood = "#a97b4e";
inline constexpr std::string_view steel = "#8d949b";
inline constexpr std::string_view leaf = "#5c8a57";
inline constexpr std::string_view dark_leaf = "#42703f";
inline constexpr std::string_view paper = "#fbf7ef";

}  // namespace tenfold::shop::drawings
