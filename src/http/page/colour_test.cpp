#include "http/page/colour.hpp"

#include <gtest/gtest.h>

namespace tenfold::http {
namespace {

constexpr Colour black{};
constexpr Colour white{255, 255, 255};

TEST(Colour, IsWrittenAsInStyleSheets) {
  EXPECT_EQ(parse_colour("#0B5c4d"), (Colour{11, 92, 77}));
  EXPECT_EQ(text(Colour{11, 92, 77}), "#0b5c4d");
  for (const char* wrong : {"", "#", "0b5c4d", "#0b5c4", "#0b5c4d0", "#0b5c4g", "red", "#fff"}) {
    EXPECT_EQ(parse_colour(wrong), std::nullopt) << wrong;
  }
}

TEST(Colour, ContrastIsThatOfWcag) {
  EXPECT_NEAR(contrast(black, white), 21, 1e-9);
  EXPECT_NEAR(contrast(white, white), 1, 1e-9);
  EXPECT_NEAR(contrast({0x76, 0x76, 0x76}, white), 4.54, 0.01);
  EXPECT_EQ(contrast(black, {1, 2, 3}), contrast({1, 2, 3}, black));
}

TEST(Colour, OneThatCanBeReadStays) {
  EXPECT_EQ(readable_on(white, {0x0b, 0x5c, 0x4d}), (Colour{0x0b, 0x5c, 0x4d}));
  EXPECT_EQ(readable_on(white, {0x76, 0x76, 0x76}), (Colour{0x76, 0x76, 0x76}));
}

TEST(Colour, OneThatCannotIsDarkenedOrLightenedNoFurtherThanNeeded) {
  for (const Colour paper : {white, black, Colour{0x17, 0x19, 0x1c}, Colour{0xf6, 0xf5, 0xf1}}) {
    for (const Colour wanted : {Colour{255, 255, 0}, Colour{0, 0, 128}, Colour{255, 0, 0}, white, black}) {
      const Colour made = readable_on(paper, wanted);
      EXPECT_GE(contrast(paper, made), readable_contrast) << text(wanted) << " on " << text(paper);
      if (!(made == wanted)) {
        EXPECT_LT(contrast(paper, made), readable_contrast + 0.4) << text(made);
      }
    }
  }
}

}  // namespace
}  // namespace tenfold::http
