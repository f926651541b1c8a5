#include "oncall/words/sms.hpp"

#include <gtest/gtest.h>

namespace tenfold::oncall {
namespace {

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(Sms, CountsPartsAsThePhonesDo) {
  EXPECT_EQ(sms_parts(repeated("x", 160)), 1u);
  EXPECT_EQ(sms_parts(repeated("x", 161)), 2u);
  EXPECT_EQ(sms_parts(repeated("x", 306)), 2u);
  EXPECT_EQ(sms_parts(repeated("x", 307)), 3u);
  EXPECT_EQ(sms_parts(repeated("ü", 160)), 1u);
  EXPECT_EQ(sms_parts(repeated("€", 80)), 1u);  // two septets each
  EXPECT_EQ(sms_parts(repeated("€", 81)), 2u);
  EXPECT_EQ(sms_parts(repeated("語", 70)), 1u);
  EXPECT_EQ(sms_parts(repeated("語", 71)), 2u);
  EXPECT_EQ(sms_parts(repeated("😀", 35)), 1u);  // two units each
  EXPECT_EQ(sms_parts(repeated("😀", 36)), 2u);
}

TEST(Sms, TheAlphabetIsThatOfTheStandard) {
  EXPECT_TRUE(is_gsm7("Az09 @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€\n\r"));
  for (const char* other : {"ç", "á", "í", "ó", "ú", "ê", "œ", "`", "\t", "語", "Я"})
    EXPECT_FALSE(is_gsm7(other)) << other;
}

TEST(Sms, KeepsTheTailAndShortensTheRest) {
  const std::string tail = ", since 03:12, critical";
  EXPECT_EQ(sms_text("short", tail, ""), "short" + tail);
  EXPECT_EQ(sms_text(repeated("x", 160 - tail.size()), tail, ""), repeated("x", 160 - tail.size()) + tail);
  EXPECT_EQ(sms_text(repeated("x", 161 - tail.size()), tail, ""), repeated("x", 157 - tail.size()) + "..." + tail);
}

TEST(Sms, CharactersBecomeTheirNearestOnlyWhereThatHelps) {
  EXPECT_EQ(sms_text("caído", ", crítico", ""), "caido, critico");
  EXPECT_EQ(sms_text("größer", ", Übung", ""), "größer, Übung");
  EXPECT_EQ(sms_text("店 caído", ", crítico", ""), "店 caído, crítico");
  EXPECT_EQ(sms_parts(sms_text(repeated("店", 200), ", crítico", "")), 1u);
}

TEST(Sms, ALinkIsWholeInAPartOfItsOwn) {
  const std::string link = "https://console.shop.example/ack/7?who=ada&exp=1767225600&sig=" + repeated("0", 64);
  const std::string text = sms_text(repeated("x", 300), ", critical", link);
  EXPECT_EQ(sms_parts(text), 2u);
  EXPECT_EQ(text.find('\n'), 152u);
  EXPECT_EQ(text.substr(153), link);
}

}  // namespace
}  // namespace tenfold::oncall
