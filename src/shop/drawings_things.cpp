#include <fmt/format.h>

#include "shop/drawings.hpp"

namespace tenfold::shop::drawings {
namespace {

void flower_pot(Canvas& c, int w, int top) {
  c.shadow(200, 332, w);
  c.body(c.tones().main,
         fmt::format("M{},{} L{},318 Q{},332 {},332 H{} Q{},332 {},318 L{},{}Z", 200 - w, top, 216 - w, 218 - w,
                     230 - w, 170 + w, 182 + w, 184 + w, 200 + w, top),
         c.any_pattern());
  c.ellipse(c.tones().deep, 200, top, w, 12);
  c.ellipse("#4b372a", 200, top + 2, w - 7.0, 8);
}

}  // namespace

void plant(Canvas& c) {
  const int leaves = c.between(7, 11);
  const bool broad = c.random().below(2) == 0;
  for (int i = 0; i < leaves; ++i) {
    const double degrees = -66 + 132.0 * i / (leaves - 1) + c.between(-5, 5);
    const int length = c.between(120, 168) - (i % 2) * 24, half = broad ? c.between(22, 30) : c.between(10, 15);
    // Leaves start at the soil, (200, 250); the group turns about (200, 200), so it is moved down by 50.
    c.open_group(0, 50, 1, degrees);
    c.path(i % 2 == 0 ? leaf : dark_leaf, fmt::format("M200,200 C{},{} {},{} 200,{} C{},{} {},{} 200,200Z", 200 - half,
                                                      200 - length / 3, 200 - half, 200 - length * 2 / 3, 200 - length,
                                                      200 + half, 200 - length * 2 / 3, 200 + half, 200 - length / 3));
    c.stroke("#d7e6c4", 2, fmt::format("M200,196 V{}", 212 - length), 0.5);
    c.close_group();
  }
  flower_pot(c, c.between(56, 68), 244);
}

void succulent(Canvas& c) {
  if (c.random().below(2) == 0) {
    const int w = c.between(38, 50), top = c.between(112, 140);
    c.body(leaf, fmt::format("M{0},246 V{1} a{2},{2} 0 0 1 {3},0 V246Z", 200 - w, top + w, w, w * 2));
    for (int i = -1; i <= 1; ++i)
      c.stroke(dark_leaf, 3, fmt::format("M{},{} V244", 200 + i * w / 2, top + 14 + (i == 0 ? 0 : 8)), 0.7);
    for (int i = 0; i < 18; ++i) {
      c.stroke("#f2efdc", 2, fmt::format("M{},{} l-5,-5 m5,5 l6,-4", 200 + (i % 3 - 1) * w / 2, top + 28 + i / 3 * 19),
               0.9);
    }
    c.ellipse(c.tones().accent, 200, top, 15, 10);
    c.ellipse("#f3c552", 200, top - 3, 7, 5);
  } else {
    for (int ring = 0; ring < 3; ++ring) {
      const int count = 9 - ring * 2, length = 92 - ring * 24;
      for (int i = 0; i < count; ++i) {
        c.open_group(0, 40, 1, -80 + 160.0 * i / (count - 1));
        c.path(ring % 2 == 0 ? "#7ba58d" : "#97bca2",
               fmt::format("M200,212 q-30,-{0} 0,-{1} q30,{2} 0,{1}Z", length / 2, length, length / 2));
        c.close_group();
      }
    }
  }
  flower_pot(c, c.between(58, 72), 242);
}

void watering_can(Canvas& c) {
  const int w = c.between(66, 76), top = c.between(190, 206);
  c.shadow(206, 330, w + 16.0);
  c.stroke(c.tones().deep, 15, fmt::format("M{},296 C{},290 106,230 74,{}", 208 - w, 170 - w / 2, top - 46));
  c.stroke(c.tones().main, 10, fmt::format("M{},296 C{},290 106,230 74,{}", 208 - w, 170 - w / 2, top - 46));
  c.path(c.tones().deep, fmt::format("M50,{} l40,-26 l10,18 l-30,20Z", top - 46));
  c.stroke(c.tones().deep, 12,
           fmt::format("M{},{} C{},{} {},{} {},286", 214, top, 236, top - 110, 262 + w, top - 60, 206 + w));
  c.body(c.tones().main,
         fmt::format("M{0},{1} L{2},318 Q{2},330 {3},330 H{4} Q{5},330 {5},318 L{6},{1}Z", 220 - w, top, 208 - w,
                     222 - w, 194 + w, 208 + w, 196 + w),
         c.random().below(2) == 0 ? Pattern::dipped : Pattern::plain);
  c.ellipse(c.tones().deep, 208, top, w - 12.0, 11);
}

void notebook(Canvas& c) {
  const int w = c.between(84, 94);
  c.shadow(206, 334, w + 6.0);
  c.open_group(0, 0, 1, c.between(-8, 8));
  c.rect(paper, 206.0 - w, 78, w * 2.0, 254, 5);
  c.stroke("#d9cfbd", 1.5, fmt::format("M{0},92 V326 m-4,-234 V326", 203 + w));
  c.body(c.tones().main, fmt::format("M{0},72 H{1} q8,0 8,8 V318 q0,8 -8,8 H{0}Z", 200 - w, 188 + w), c.any_pattern());
  c.rect(c.tones().deep, 200.0 - w, 72, 22, 254, 0, 0.55);
  c.rect(c.tones().accent, 164.0 + w, 72, 9, 254, 0, 0.9);
  c.rect(paper, 176, 126, 76, 44, 4, 0.92);
  c.stroke(c.tones().deep, 3, "M188,142 h52 M188,155 h34", 0.7);
  c.path(c.tones().accent, "M180,326 v24 l6,-7 l6,7 v-24Z");
  c.close_group();
}

void pencils(Canvas& c) {
  c.shadow(200, 332, 96);
  for (int i = 0; i < 6; ++i) {
    const int x = 112 + i * 30, top = c.between(78, 104);
    const std::string fills[] = {c.tones().main, c.tones().deep, c.tones().soft, c.tones().accent};
    const std::string& fill = fills[static_cast<std::size_t>(i) % 4];
    c.body(fill, fmt::format("M{0},{1} h22 V320 h-22Z", x, top + 44));
    c.path("#eed2a8",
           fmt::format("M{0},{1} L{2},{3} L{4},{1} q-5,6 -11,0 q-6,6 -11,0Z", x, top + 46, x + 11, top, x + 22));
    c.path(fill, fmt::format("M{},{} L{},{} L{},{}Z", x + 7, top + 15, x + 11, top, x + 15, top + 15));
  }
  c.body(paper, "M96,236 H304 V330 H96Z");
  c.rect(c.tones().main, 96, 258, 208, 8, 0, 0.8);
  c.stroke(c.tones().deep, 4, "M170,288 h60 M184,304 h32", 0.7);
}

void pen_pot(Canvas& c) {
  const int w = c.between(54, 66);
  for (int i = 0; i < 5; ++i) {
    c.open_group(0, 30, 1, -26 + i * 13 + c.between(-3, 3));
    const int top = c.between(48, 84);
    const std::string fills[] = {c.tones().accent, c.tones().soft, std::string(wood), c.tones().deep,
                                 std::string("#3a3531")};
    c.rect(fills[i], 193, top, 14, 190, 5);
    c.path(i % 2 == 0 ? "#eed2a8" : steel, fmt::format("M193,{0} L200,{1} L207,{0}Z", top + 5, top - 20));
    c.close_group();
  }
  c.shadow(200, 330, w + 4.0);
  c.body(c.random().below(3) == 0 ? wood : std::string_view(c.tones().main),
         fmt::format("M{0},204 V316 Q{0},330 {1},330 H{2} Q{3},330 {3},316 V204Z", 200 - w, 214 - w, 186 + w, 200 + w),
         c.any_pattern());
  c.stroke(c.tones().deep, 4, fmt::format("M{},204 H{}", 202 - w, 198 + w), 0.8);
}

void backpack(Canvas& c) {
  const int w = c.between(84, 96);
  c.shadow(200, 332, w + 2.0);
  c.stroke(c.tones().deep, 12, "M176,84 q0,-34 24,-34 t24,34");
  c.stroke(c.tones().deep, 15, fmt::format("M{0},150 q-34,70 -4,150 M{1},150 q34,70 4,150", 204 - w, 196 + w));
  c.body(c.tones().main,
         fmt::format("M{0},160 C{0},100 {1},72 200,72 S{2},100 {2},160 V304 q0,28 -28,28 H{3} q-28,0 -28,-28Z", 200 - w,
                     224 - w, 200 + w, 228 - w),
         c.random().below(2) == 0 ? Pattern::dipped : Pattern::plain);
  c.body(c.tones().soft,
         fmt::format("M{0},230 h{1} v70 q0,18 -18,18 H{2} q-18,0 -18,-18Z", 222 - w, w * 2 - 44, 240 - w));
  c.stroke(c.tones().deep, 4, fmt::format("M{},252 h{}", 230 - w, w * 2 - 60), 0.7);
  c.stroke(c.tones().deep, 3, fmt::format("M{},172 Q200,{} {},172", 204 - w, 156, 196 + w), 0.7);
  c.path("#8a5a34", "M176,164 h14 v58 h-14Z M210,164 h14 v58 h-14Z");
  c.rect("#e2c48d", 174, 206, 18, 10, 2);
  c.rect("#e2c48d", 208, 206, 18, 10, 2);
  c.ellipse(c.tones().accent, 200, 122, 17, 17, 0.9);
}

void tote(Canvas& c) {
  const int w = c.between(88, 102);
  c.shadow(200, 332, w);
  c.stroke(c.tones().deep, 11, "M152,168 C150,40 250,40 248,168", 0.8);
  c.body(c.tones().main, fmt::format("M{0},150 H{1} L{2},332 H{3}Z", 200 - w, 200 + w, 192 + w, 208 - w),
         c.any_pattern());
  c.stroke(c.tones().soft, 11, "M156,172 C152,62 248,62 244,172");
  c.stroke(c.tones().deep, 3, fmt::format("M{},162 H{}", 204 - w, 196 + w), 0.5);
  const int petals = c.between(5, 9);
  for (int i = 0; i < petals; ++i) {
    c.open_group(0, 52, 1, 360.0 * i / petals);
    c.ellipse(c.tones().accent, 200, 172, 9, 20, 0.9);
    c.close_group();
  }
  c.ellipse(paper, 200, 252, 11, 11);
}

void bottle(Canvas& c) {
  const int w = c.between(40, 52), shoulder = c.between(140, 160);
  c.shadow(200, 332, w + 6.0);
  c.body(c.tones().main,
         fmt::format("M182,108 C182,130 {0},130 {0},{1} V314 Q{0},332 {2},332 H{3} Q{4},332 {4},314 V{1} C{4},130 "
                     "218,130 218,108Z",
                     200 - w, shoulder + 20, 218 - w, 182 + w, 200 + w),
         c.any_pattern());
  c.rect(steel, 180, 100, 40, 12, 3);
  c.body(c.random().below(2) == 0 ? wood : std::string_view(c.tones().accent),
         "M178,62 q0,-8 8,-8 h28 q8,0 8,8 V100 H178Z");
  c.stroke(c.tones().accent, 6, "M190,54 q0,-18 10,-18 t10,18");
  c.stroke("#ffffff", 6, fmt::format("M{},{} V304", 213 - w, shoulder + 24), 0.45);
}

}  // namespace tenfold::shop::drawings
