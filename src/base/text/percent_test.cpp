#include "base/text/percent.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold {
namespace {

using namespace std::string_view_literals;

TEST(Percent, OnlyUnreservedCharactersStay) {
  EXPECT_EQ(percent_encoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encoded("a b/c?d=e&f+g%"), "a%20b%2Fc%3Fd%3De%26f%2Bg%25");
  EXPECT_EQ(percent_encoded("\0ü\xff"sv), "%00%C3%BC%FF");
}

TEST(Percent, WhatWasEncodedIsReadAsItWas) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decoded(percent_encoded(all), Plus::is_blank), all);
  EXPECT_EQ(percent_decoded(percent_encoded(all), Plus::stays), all);
}

TEST(Percent, APlusIsABlankInForms) {
  EXPECT_EQ(percent_decoded("a+b%2B%2b", Plus::is_blank), "a b++");
  EXPECT_EQ(percent_decoded("a+b", Plus::stays), "a+b");
}

TEST(Percent, ASignWithoutTwoDigitsIsNoEncoding) {
  for (const std::string_view wrong : {"%", "a%", "%4", "%4g", "%g4", "%%41", "%41%", "% 4"}) {
    EXPECT_EQ(percent_decoded(wrong, Plus::stays), std::nullopt) << wrong;
  }
  EXPECT_EQ(percent_decoded("%41", Plus::stays), "A");
}

TEST(Percent, OrItStaysAsItIs) {
  EXPECT_EQ(percent_decoded_leniently("100%+%41%4", Plus::is_blank), "100% A%4");
  EXPECT_EQ(percent_decoded_leniently("%%41", Plus::is_blank), "%A");
}

}  // namespace
}  // namespace tenfold
