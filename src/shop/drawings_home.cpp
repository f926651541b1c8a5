#include <fmt/format.h>

#include "shop/drawings.hpp"

namespace tenfold::shop::drawings {

void table_lamp(Canvas& c) {
  const int top = c.between(44, 58), bottom = c.between(74, 92), base = c.between(36, 52);
  c.ellipse("url(#glow)", 200, 150, 190, 150, 0.75);
  c.shadow(200, 332, base + 6.0);
  c.rect(steel, 196, 170, 8, 60);
  c.body(c.tones().main,
         fmt::format("M188,206 C{0},226 {0},312 {1},332 H{2} C{3},312 {3},226 212,206Z", 196 - base, 204 - base,
                     196 + base, 204 + base),
         c.any_pattern());
  c.body(paper, fmt::format("M{},84 H{} L{},196 H{}Z", 200 - top, 200 + top, 200 + bottom, 200 - bottom));
  c.path("#ffe9a8", fmt::format("M{},84 H{} L{},196 H{}Z", 200 - top, 200 + top, 200 + bottom, 200 - bottom), 0.45);
  c.stroke(c.tones().accent, 3, fmt::format("M{},84 H{} M{},196 H{}", 200 - top, 200 + top, 200 - bottom, 200 + bottom),
           0.5);
}

void pendant(Canvas& c) {
  const int w = c.between(84, 112), height = c.between(90, 122);
  const bool dome = c.random().below(2) == 0;
  const int y = 250;
  c.stroke(c.tones().accent, 3, fmt::format("M200,0 V{}", y - height), 0.9);
  c.ellipse("url(#glow)", 200, y + 34, 170, 100, 0.9);
  c.rect(steel, 190, y - height - 14, 20, 20, 4);
  c.ellipse(c.tones().deep, 200, y, w, 16);
  c.ellipse("#fff6d6", 200, y + 2, w - 8.0, 11);
  c.ellipse("#ffffff", 200, y + 6, 20, 15);
  c.body(c.tones().main, dome ? fmt::format("M{0},{1} C{0},{2} {3},{4} 200,{4} S{5},{2} {5},{1} A{6},16 0 0 1 {0},{1}Z",
                                            200 - w, y, y - height + 30, 200 - w / 2, y - height, 200 + w, w)
                              : fmt::format("M{0},{1} L180,{2} H220 L{3},{1} A{4},16 0 0 1 {0},{1}Z", 200 - w, y,
                                            y - height, 200 + w, w));
}

void candle(Canvas& c) {
  const int w = c.between(44, 60), top = c.between(214, 236);
  c.ellipse("url(#glow)", 200, top - 42, 120, 120);
  c.shadow(200, 330, w + 6.0);
  c.body(c.tones().main,
         fmt::format("M{0},{1} V314 Q{0},330 {2},330 H{3} Q{4},330 {4},314 V{1}Z", 200 - w, top, 216 - w, 184 + w,
                     200 + w),
         c.any_pattern());
  c.ellipse(c.tones().deep, 200, top, w, 13);
  c.ellipse("#fdf3d8", 200, top + 3, w - 7.0, 9);
  c.stroke("#3c3024", 3, fmt::format("M200,{} v-20", top + 3));
  c.path("#f6a83c", fmt::format("M200,{} c-16,-8 -14,-30 0,-50 c14,20 16,42 0,50Z", top - 12));
  c.path("#fff2bf", fmt::format("M200,{} c-8,-5 -7,-18 0,-29 c7,11 8,24 0,29Z", top - 13));
  c.rect(paper, 200 - w * 0.55, 262, w * 1.1, 40, 3, 0.92);
  c.stroke(c.tones().deep, 2.5,
           fmt::format("M{:.0f},276 h{:.0f} M{:.0f},288 h{:.0f}", 200 - w * 0.35, w * 0.7, 200 - w * 0.22, w * 0.44),
           0.8);
}

void cushion(Canvas& c) {
  c.shadow(200, 326, 118);
  c.open_group(0, 0, 1, c.between(-7, 7));
  c.body(c.tones().main,
         "M84,104 C120,118 280,118 316,104 C304,150 304,270 318,318 C280,304 120,304 82,318 "
         "C96,270 96,150 84,104Z",
         c.any_pattern());
  c.stroke(c.tones().deep, 3, "M90,112 C124,124 276,124 310,112 M90,310 C124,298 276,298 310,310", 0.5);
  c.stroke(c.tones().deep, 4,
           "M118,142 q20,14 26,30 M282,142 q-20,14 -26,30 M120,282 q16,-10 24,-24 M280,282 q-16,-10 -24,-24", 0.25);
  if (c.random().below(2) == 0) c.ellipse(c.tones().deep, 200, 212, 9, 8, 0.6);
  c.close_group();
}

void vase(Canvas& c) {
  const int belly = c.between(52, 82), neck = c.between(18, 34), top = c.between(168, 190);
  c.shadow(200, 330, belly + 2.0);
  const int stems = c.between(3, 5);
  for (int i = 0; i < stems; ++i) {
    const int x = 200 + (i - stems / 2) * c.between(26, 40) + c.between(-6, 6), y = c.between(52, 104);
    c.stroke(dark_leaf, 4, fmt::format("M{},{} Q{},{} {},{}", 200 + (i - stems / 2) * 6, top + 8, x, top - 40, x, y));
    c.path(leaf, fmt::format("M{},{} q22,-26 40,-14 q-12,22 -40,14Z", (x + 200) / 2, (y + top) / 2));
    for (int petal = 0; petal < 6; ++petal) {
      c.open_group(x - 200.0, y - 200.0, 1, petal * 60.0);
      c.ellipse(c.tones().accent, 200, 186, 8, 14);
      c.close_group();
    }
    c.ellipse("#f3c552", x, y, 7, 7);
  }
  c.body(c.tones().main,
         fmt::format("M{0},{1} C{0},{2} {3},{4} {3},266 C{3},310 {5},330 {6},330 H{7} C{8},330 {9},310 {9},266 "
                     "C{9},{4} {10},{2} {10},{1}Z",
                     200 - neck, top, top + 36, 200 - belly, top + 40, 214 - belly, 236 - belly, 164 + belly,
                     186 + belly, 200 + belly, 200 + neck),
         c.any_pattern());
  c.ellipse(c.tones().deep, 200, top, neck, 6);
}

void clock(Canvas& c) {
  const int r = c.between(104, 118);
  c.ellipse("#000000", 206, 208, r, r, 0.16);
  c.ellipse(c.tones().deep, 200, 200, r, r);
  c.ellipse(c.random().below(2) == 0 ? paper : std::string_view(c.tones().main), 200, 200, r - 9.0, r - 9.0);
  c.ellipse("url(#light)", 200, 200, r - 9.0, r - 9.0);
  for (int hour = 0; hour < 12; ++hour) {
    c.open_group(0, 0, 1, hour * 30.0);
    c.rect(c.tones().deep, 197, 216 - r, 6, hour % 3 == 0 ? 18 : 8, 3);
    c.close_group();
  }
  const int hour = c.between(0, 11), minute = c.between(0, 11);
  c.open_group(0, 0, 1, hour * 30 + minute * 2.5);
  c.rect("#2f2b28", 195.5, 142, 9, 66, 4);
  c.close_group();
  c.open_group(0, 0, 1, minute * 30.0);
  c.rect("#2f2b28", 197, 118, 6, 92, 3);
  c.close_group();
  c.ellipse(c.tones().accent, 200, 200, 9, 9);
}

void blanket(Canvas& c) {
  // Folded twice, seen from the side, with its fringe.
  c.shadow(200, 326, 128);
  const Pattern pattern = c.any_pattern();
  for (int layer = 0; layer < 4; ++layer) {
    const int y = 286 - layer * 42, inset = c.between(0, 8);
    c.body(layer % 2 == 0 ? c.tones().main : c.tones().soft,
           fmt::format("M{0},{1} q-20,22 0,42 H{2} q20,-20 0,-42Z", 86 + inset, y, 314 - inset),
           layer % 2 == 0 ? pattern : Pattern::plain);
    c.stroke(c.tones().deep, 2.5, fmt::format("M{},{} H{}", 88 + inset, y + 41, 312 - inset), 0.35);
  }
  for (int x = 104; x <= 296; x += 11) {
    c.stroke(c.tones().main, 3.5, fmt::format("M{},201 q{},14 {},32", x, c.between(-3, 3), c.between(-4, 4)));
  }
  c.stroke(c.tones().deep, 3, "M98,201 H302", 0.5);
}

void frame(Canvas& c) {
  const std::string_view edge = c.random().below(3) == 0 ? std::string_view("#3a3531") : wood;
  c.rect("#000000", 101, 61, 214, 276, 3, 0.14);
  c.rect(edge, 94, 54, 212, 272, 3);
  c.rect(paper, 106, 66, 188, 248);
  c.rect(c.tones().back, 128, 90, 144, 200);
  const int sun = c.between(20, 36);
  c.ellipse(c.tones().accent, c.between(165, 235), c.between(134, 170), sun, sun);
  int y = c.between(196, 212);
  for (const std::string& tone : {c.tones().soft, c.tones().main, c.tones().deep}) {
    c.path(tone, fmt::format("M128,{} q{},-{} 72,-6 t72,{} V290 H128Z", y, c.between(28, 44), c.between(10, 40),
                             c.between(-8, 12)));
    y += 30;
  }
  c.path("url(#light)", "M106,66 H294 V314 H106Z");
  c.path("#ffffff", "M106,66 H190 L106,230Z", 0.16);
}

void chair(Canvas& c) {
  const std::string_view timber = c.random().below(2) == 0 ? wood : dark_wood;
  c.shadow(200, 344, 92);
  c.stroke(timber, 11, "M138,226 L122,342 M262,226 L278,342 M156,222 L152,322 M244,222 L248,322");
  c.stroke("#000000", 11, "M156,222 L152,322 M244,222 L248,322", 0.18);
  c.stroke(timber, 11, "M146,214 L138,76 M254,214 L262,76");
  if (c.random().below(2) == 0) {
    c.body(c.tones().main, "M128,72 Q200,52 272,72 L268,132 Q200,116 132,132Z");
  } else {
    c.stroke(timber, 9, "M166,96 L170,210 M200,92 V210 M234,96 L230,210");
    c.body(c.tones().main, "M128,70 Q200,52 272,70 L270,98 Q200,82 130,98Z");
  }
  c.body(c.tones().main, "M132,206 Q200,194 268,206 L282,232 Q200,248 118,232Z", c.any_pattern());
}

void stool(Canvas& c) {
  const int seat = c.between(70, 90), top = c.between(170, 196);
  const std::string_view timber = c.random().below(2) == 0 ? wood : dark_wood;
  c.shadow(200, 340, seat + 8.0);
  c.stroke(timber, 12, fmt::format("M200,{} V322", top + 10));
  c.stroke("#000000", 12, fmt::format("M200,{} V322", top + 10), 0.2);
  c.stroke(
      timber, 13,
      fmt::format("M{},{} L{},338 M{},{} L{},338", 232 - seat, top + 10, 204 - seat, 168 + seat, top + 10, 196 + seat));
  c.stroke(timber, 7, fmt::format("M{},280 H{}", 222 - seat, 178 + seat));
  c.body(c.tones().main,
         fmt::format("M{0},{1} a{2},17 0 0 1 {3},0 v12 a{2},17 0 0 1 -{3},0Z", 200 - seat, top, seat, seat * 2));
  c.ellipse(c.tones().soft, 200, top, seat, 17, 0.7);
}

void side_table(Canvas& c) {
  const int w = c.between(98, 116);
  c.shadow(200, 342, w - 6.0);
  c.stroke(c.tones().deep, 9, fmt::format("M{},196 L{},338 M{},196 L{},338", 226 - w, 208 - w, 174 + w, 192 + w));
  c.stroke(c.tones().deep, 8, "M186,196 L180,322 M214,196 L220,322", 0.75);
  c.body(c.random().below(2) == 0 ? wood : std::string_view(c.tones().main),
         fmt::format("M{0},186 a{1},19 0 0 1 {2},0 v10 a{1},19 0 0 1 -{2},0Z", 200 - w, w, w * 2));
  c.ellipse("#ffffff", 200, 186, w, 19, 0.2);
  c.rect(c.tones().accent, 222, 164, 52, 9, 2);
  c.rect(c.tones().main, 226, 155, 46, 9, 2);
  c.body(c.tones().soft, "M142,140 v32 q0,10 10,10 h22 q10,0 10,-10 v-32Z");
  c.stroke(c.tones().soft, 6, "M184,148 q18,0 16,12 t-16,12");
  c.ellipse(c.tones().deep, 163, 140, 21, 5);
}

void shelf(Canvas& c) {
  const std::string_view timber = c.random().below(2) == 0 ? wood : std::string_view(c.tones().main);
  for (const int y : {190, 318}) {
    c.rect("#000000", 72, y + 14, 264, 8, 2, 0.12);
    int x = 88;
    while (x < 250) {
      const int width = c.between(13, 26), height = c.between(62, 100);
      const std::string fills[] = {c.tones().main, c.tones().deep, c.tones().accent, c.tones().soft,
                                   std::string(paper)};
      c.body(fills[c.random().below(5)], fmt::format("M{},{} h{} v{} h-{}Z", x, y - height, width, height, width));
      c.rect("#000000", x + 3, y - height + 12, width - 6, 3, 0, 0.22);
      x += width + 2;
    }
    if (y == 190) {
      c.body(c.tones().deep, "M282,150 h40 l-6,40 h-28Z");
      for (int i = -2; i <= 2; ++i)
        c.path(leaf, fmt::format("M302,152 q{},-30 {},-52 q{},22 -{},52Z", i * 12, i * 18, 14 - i, i * 4 + 14));
    }
    c.body(timber, fmt::format("M64,{0} H336 V{1} H64Z", y, y + 14));
  }
}

}  // namespace tenfold::shop::drawings
