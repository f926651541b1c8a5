#include "oncall/words/sms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

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

// A part of 67 units holds 33 emoji, one of 153 septets 76 euro signs; what is left over stays empty.
TEST(Sms, NoCharacterIsDividedBetweenParts) {
  EXPECT_EQ(sms_parts(repeated("😀", 66)), 2u);
  EXPECT_EQ(sms_parts(repeated("😀", 67)), 3u);
  EXPECT_EQ(sms_parts("x" + repeated("😀", 66)), 2u);
  EXPECT_EQ(sms_parts("xx" + repeated("😀", 66)), 3u);
  EXPECT_EQ(sms_parts(repeated("€", 152)), 2u);
  EXPECT_EQ(sms_parts(repeated("€", 153)), 3u);
  EXPECT_EQ(sms_parts("x" + repeated("{", 152)), 2u);
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

TEST(Sms, TheTailIsThereInWhateverLetters) {
  const std::string tail = ", since 03:12, critical. Reply 1 7 to take it, 2 7 to pass it on.";
  const std::string russian = ", с 03:12, критическая. Ответьте 1 7, чтобы принять, 2 7, чтобы передать дальше.";
  const std::string link = "https://console.shop.example/ack/7?who=ada&exp=1767225600&sig=" + repeated("0", 64);
  for (const std::string& what : {std::string("🛒"), "Мой магазин: касса: " + repeated("ы", 300),
                                  "🛒 Corner Shop: front: down: " + repeated("x", 300), repeated("😀", 200),
                                  repeated("店", 300), "x" + repeated("😀", 200), repeated("€", 300)}) {
    for (const std::string& end : {tail, russian}) {
      for (const std::string& address : {std::string(), link}) {
        const std::string text = sms_text(what, end, address);
        EXPECT_THAT(text, ::testing::EndsWith(end + (address.empty() ? "" : "\n" + address)));
        EXPECT_LE(sms_parts(text), address.empty() ? 2u : 5u) << text;
        const std::size_t said = text.find(end);
        EXPECT_GE(said, std::min<std::size_t>(what.size(), 37)) << text;
      }
    }
  }
}

TEST(Sms, AFurtherPartIsTakenOnlyWhereTooLittleWouldBeLeft) {
  const std::string tail = repeated("ы", 30);
  EXPECT_EQ(sms_parts(sms_text(repeated("ы", 300), tail, "")), 1u);
  EXPECT_EQ(sms_text(repeated("ы", 300), tail, ""), repeated("ы", 37) + "..." + tail);
  EXPECT_EQ(sms_text(repeated("ы", 300), tail + "ы", ""), repeated("ы", 133 - 31 - 3) + "..." + tail + "ы");
  EXPECT_EQ(sms_text(repeated("ы", 20), repeated("ы", 50), ""), repeated("ы", 70));
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
