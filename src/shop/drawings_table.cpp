#include <fmt/format.h>

#include "shop/drawings.hpp"

namespace tenfold::shop::drawings {

void mug(Canvas& c) {
  const int w = c.between(68, 84), top = c.between(150, 180), foot = w - c.between(2, 18);
  c.shadow(200, 330, w + 10.0);
  c.stroke(c.tones().deep, 19, fmt::format("M{},{} c52,-8 62,78 -4,84", 196 + w, top + 42));
  c.stroke(c.tones().main, 13, fmt::format("M{},{} c52,-8 62,78 -4,84", 196 + w, top + 42));
  c.body(c.tones().main,
         fmt::format("M{},{} C{},{} {},326 {},330 H{} C{},326 {},{} {},{}Z", 200 - w, top, 200 - w, top + 110,
                     200 - foot, 200 - foot + 12, 200 + foot - 12, 200 + foot, 200 + w, top + 110, 200 + w, top),
         c.any_pattern());
  c.ellipse(c.tones().deep, 200, top, w, 15);
  c.ellipse(c.tones().soft, 200, top, w, 15, 0.35);
  c.ellipse("#4a2f1d", 200, top + 4, w - 8.0, 10);
}

void bowl(Canvas& c) {
  const int w = c.between(110, 132), top = c.between(205, 225);
  c.shadow(200, 330, w * 0.6);
  c.rect(c.tones().deep, 160, 318, 80, 12, 4);
  c.body(c.tones().main,
         fmt::format("M{},{} C{},290 {},322 160,322 H240 C{},322 {},290 {},{}Z", 200 - w, top, 205 - w, 240 - w,
                     160 + w, 195 + w, 200 + w, top),
         c.any_pattern());
  c.ellipse(c.tones().deep, 200, top, w, 24);
  c.ellipse(c.tones().soft, 200, top + 3, w - 8.0, 19, 0.8);
  c.ellipse(c.tones().deep, 200, top + 10, w - 34.0, 10, 0.35);
}

void plate(Canvas& c) {
  // Leaning against the wall, seen from the front.
  const int r = c.between(112, 124);
  c.shadow(200, 332, 84);
  c.ellipse(c.tones().deep, 203, 209, r, r);
  c.ellipse(c.tones().main, 200, 206, r, r);
  c.ellipse(c.tones().soft, 200, 206, r - 10.0, r - 10.0, 0.7);
  c.ellipse(c.tones().main, 200, 206, r - 34.0, r - 34.0);
  c.ellipse(c.tones().soft, 194, 198, r - 42.0, r - 42.0, 0.45);
  const int leaves = c.between(6, 11);
  for (int i = 0; i < leaves; ++i) {
    c.open_group(0, 0, 1, 360.0 * i / leaves);
    c.path(c.tones().accent, fmt::format("M200,{} q9,-11 0,-22 q-9,11 0,22Z", 220 - r), 0.75);
    c.close_group();
  }
}

void jug(Canvas& c) {
  const int belly = c.between(70, 88), neck = c.between(34, 46), top = c.between(108, 132);
  c.shadow(200, 330, belly + 4.0);
  c.stroke(c.tones().deep, 17, fmt::format("M{},{} c66,-6 74,96 {},128", 196 + neck, top + 26, belly - neck - 8));
  c.stroke(c.tones().main, 11, fmt::format("M{},{} c66,-6 74,96 {},128", 196 + neck, top + 26, belly - neck - 8));
  c.body(c.tones().main,
         fmt::format("M{0},{1} l-20,-14 q4,26 {2},60 C{3},{4} {5},326 150,330 H250 C{6},326 {7},{4} {8},{9} V{1}Z",
                     200 - neck, top, 14, 190 - belly, top + 110, 186 - belly, 214 + belly, 210 + belly, 200 + neck,
                     top + 50),
         c.any_pattern());
  c.path(c.tones().deep, fmt::format("M{},{} l-20,-14 q34,-8 {},4 Z", 200 - neck, top, neck * 2 + 20));
}

void glass(Canvas& c) {
  const int w = c.between(54, 70), top = c.between(150, 176), foot = w - c.between(6, 16);
  const std::string shape =
      fmt::format("M{},{} L{},322 Q{},330 {},330 H{} Q{},330 {},322 L{},{}Z", 200 - w, top, 200 - foot, 200 - foot,
                  210 - foot, 190 + foot, 200 + foot, 200 + foot, 200 + w, top);
  c.shadow(200, 330, w);
  c.path(c.tones().main, shape, 0.4);
  const int level = c.between(top + 44, top + 80);
  const double narrow = w - (w - foot) * (level - top) / (330.0 - top) - 5;
  c.path(c.tones().main,
         fmt::format("M{:.0f},{} L{},314 H{} L{:.0f},{}Z", 200 - narrow, level, 206 - foot, 194 + foot, 200 + narrow,
                     level),
         0.65);
  c.ellipse(c.tones().soft, 200, level, narrow, 9, 0.9);
  c.path("url(#light)", shape);
  for (int i = -2; i <= 2; ++i) {
    c.stroke("#ffffff", 2.5, fmt::format("M{},{} L{},312", 200 + i * w / 3, top + 16, 200 + i * foot / 3), 0.35);
  }
  c.stroke("#ffffff", 3, fmt::format("M{},{} a{},11 0 1,0 {},0 a{},11 0 1,0 -{},0", 200 - w, top, w, 2 * w, w, 2 * w),
           0.8);
  c.stroke("#ffffff", 7, fmt::format("M{},{} L{},296", 214 - w, top + 22, 212 - foot), 0.6);
}

void pot(Canvas& c) {
  const int w = c.between(98, 114), top = c.between(196, 214);
  c.shadow(200, 330, w + 6.0);
  c.rect(c.tones().deep, 182.0 - w, top + 20, 36, 20, 9);
  c.rect(c.tones().deep, 182.0 + w, top + 20, 36, 20, 9);
  c.body(c.tones().main, fmt::format("M{0},{1} V304 Q{0},330 {2},330 H{3} Q{4},330 {4},304 V{1}Z", 200 - w, top,
                                     226 - w, 174 + w, 200 + w));
  c.rect(c.tones().soft, 200.0 - w, top + 4, w * 2.0, 5, 0, 0.5);
  c.body(c.tones().main,
         fmt::format("M{0},{1} q4,-46 {2},-46 t{2},46 q0,8 -8,8 H{3} q-8,0 -8,-8Z", 194 - w, top - 3, w + 6, 202 - w));
  c.rect(c.tones().deep, 188, top - 62, 24, 16, 3);
  c.ellipse(c.random().below(2) == 0 ? wood : steel, 200, top - 64, 24, 10);
}

void board(Canvas& c) {
  const int w = c.between(66, 80), top = c.between(150, 166);
  c.shadow(200, 332, w + 6.0);
  c.body(c.random().below(2) == 0 ? wood : dark_wood,
         fmt::format(
             "M{0},{1} Q{0},{2} 184,{2} V88 Q184,70 200,70 T216,88 V{2} Q{3},{2} {3},{1} V318 Q{3},332 {4},332 H{5} "
             "Q{0},332 {0},318Z",
             200 - w, top + 24, top, 200 + w, 186 + w, 214 - w));
  c.ellipse(c.tones().back, 200, 92, 7, 7);
  for (int i = 0; i < 6; ++i) {
    const int x = 212 - w + i * (w * 2 - 24) / 5;
    c.stroke("#7d5733", 1.6, fmt::format("M{},{} q{},60 0,{}", x, top + 26, c.between(-9, 9), 296 - top - 26), 0.4);
  }
  c.path(c.tones().main, fmt::format("M{},282 h{} v30 q0,20 -14,20 h-{} q-14,0 -14,-20Z", 200 - w, w * 2, w * 2 - 28),
         0.85);
}

void jar(Canvas& c) {
  const int w = c.between(60, 76), top = c.between(160, 180);
  const std::string shape =
      fmt::format("M{0},{1} q0,-18 18,-20 H{2} q18,2 18,20 V312 q0,18 -18,18 H{3} q-18,0 -18,-18Z", 200 - w, top + 22,
                  182 + w, 218 - w);
  c.shadow(200, 330, w + 4.0);
  c.path("#ffffff", shape, 0.5);
  const int level = c.between(200, 240);
  c.path(c.tones().main, fmt::format("M{0},{1} q{2},-14 {3},0 V306 q0,14 -16,14 H{4} q-16,0 -16,-14Z", 208 - w, level,
                                     w - 8, w * 2 - 16, 224 - w));
  for (int i = 0; i < 40; ++i) {
    c.ellipse(i % 2 == 0 ? c.tones().deep : c.tones().soft, c.between(214 - w, 186 + w), c.between(level + 8, 312), 4,
              3, 0.5);
  }
  c.path("url(#light)", shape);
  c.rect(paper, 200 - w * 0.55, 246, w * 1.1, 40, 5, 0.95);
  c.stroke(c.tones().deep, 3,
           fmt::format("M{:.0f},260 h{:.0f} m-{:.0f},12 h{:.0f}", 200 - w * 0.35, w * 0.7, w * 0.6, w * 0.5), 0.7);
  c.body(wood,
         fmt::format("M{0},{1} h{2} l-5,-32 q-1,-8 -10,-8 H{3} q-9,0 -10,8Z", 206 - w, top + 6, w * 2 - 12, 222 - w));
  c.stroke("#ffffff", 6, fmt::format("M{},{} V296", 212 - w, top + 36), 0.6);
}

void teapot(Canvas& c) {
  const int w = c.between(84, 98), top = c.between(184, 200);
  c.shadow(200, 330, w + 6.0);
  c.stroke(c.tones().deep, 17, fmt::format("M{},{} c72,-16 70,94 -6,88", 192 + w, top + 30));
  c.stroke(c.tones().main, 11, fmt::format("M{},{} c72,-16 70,94 -6,88", 192 + w, top + 30));
  c.body(c.tones().main, fmt::format("M{},284 C{},270 {},230 {},{} l26,6 C{},240 {},276 {},312Z", 216 - w, 180 - w,
                                     178 - w, 138 - w, top + 6, 184 - w, 188 - w, 236 - w));
  c.body(c.tones().main,
         fmt::format("M200,{0} C{1},{0} {2},{3} {2},270 S{4},330 200,330 S{5},316 {5},270 S{6},{0} 200,{0}Z", top,
                     200 + w / 2, 200 + w, top + 40, 200 + w - 24, 200 - w, 200 - w / 2),
         c.any_pattern());
  c.path(c.tones().deep, fmt::format("M150,{} q50,-36 100,0 q-50,14 -100,0Z", top + 10));
  c.path(c.tones().main, fmt::format("M154,{} q46,-32 92,0 q-46,10 -92,0Z", top + 6));
  c.ellipse(c.random().below(2) == 0 ? wood : c.tones().deep, 200, top - 19, 11, 10);
}

}  // namespace tenfold::shop::drawings
