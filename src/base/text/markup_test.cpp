#include "base/text/markup.hpp"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

using namespace std::string_view_literals;

TEST(Markup, NothingInATextIsTakenForMarkup) {
  EXPECT_EQ(markup_escaped("<Say a='\"'>&amp;</Say>"), "&lt;Say a=&#39;&quot;&#39;&gt;&amp;amp;&lt;/Say&gt;");
  EXPECT_EQ(markup_escaped("Größe: 5 €\n\tok"), "Größe: 5 €\n\tok");
  EXPECT_EQ(markup_escaped(""), "");
}

TEST(Markup, WhatXmlCannotHoldIsASpace) {
  EXPECT_EQ(markup_escaped("a\0b\x01"
                           "c\rd\x1f"sv),
            "a b c d ");
}

TEST(Markup, IsAppended) {
  std::string out = "<p>";
  append_markup_escaped(out, "a<b");
  EXPECT_EQ(out, "<p>a&lt;b");
}

}  // namespace
}  // namespace tenfold
