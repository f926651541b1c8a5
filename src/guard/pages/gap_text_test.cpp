#include "guard/pages/gap_text.hpp"

#include <gtest/gtest.h>

#include <array>

namespace tenfold::guard {
namespace {

using Values = std::array<std::string_view, 2>;

TEST(GapText, FillsEachGapWithItsValue) {
  const GapText text("a" + GapText::gap(1) + "b" + GapText::gap(0) + GapText::gap(1) + "c");

  EXPECT_EQ(text.filled(Values{"<0>", "<1>"}), "a<1>b<0><1>c");
  EXPECT_EQ(text.filled(Values{"", ""}), "abc");
}

TEST(GapText, AValueIsNotLookedThroughForGaps) {
  const GapText text(GapText::gap(0) + "." + GapText::gap(1));

  EXPECT_EQ(text.filled(Values{GapText::gap(1), "x"}), GapText::gap(1) + ".x");
}

TEST(GapText, AtBothEndsAndNone) {
  EXPECT_EQ(GapText(GapText::gap(0)).filled(Values{"x", "y"}), "x");
  EXPECT_EQ(GapText("plain").filled({}), "plain");
  EXPECT_EQ(GapText().filled({}), "");
}

}  // namespace
}  // namespace tenfold::guard
