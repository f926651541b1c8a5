#include "watch/probe/charset.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::watch {
namespace {

using namespace std::string_literals;

std::string read(std::string body, std::string_view type = "") {
  auto text = as_utf8(std::move(body), type);
  return text ? *text : "(" + text.error().detail + ")";
}

TEST(Charset, IsWhatTheContentTypeSays) {
  EXPECT_EQ(read("Gr\xf6\xdf"
                 "e",
                 "text/html; charset=ISO-8859-1"),
            "Größe");
  EXPECT_EQ(read("\x80 5, \x93quoted\x94", "text/html;charset=\"latin1\""), "€ 5, “quoted”") << "as browsers have it";
  EXPECT_EQ(read("caf\xe9 \xa4", "text/plain; format=flowed; Charset = 'iso-8859-15'"), "café €");
  EXPECT_EQ(read("\xc1\xcb\xc9\xd1", "text/html; charset=koi8-r"), "акия");
  EXPECT_EQ(read("\xcf\xf0\xe8\xe2\xe5\xf2", "text/html; charset=windows-1251"), "Привет");
  EXPECT_EQ(read("\x83\x65\x83\x58\x83\x67", "text/html; charset=Shift_JIS"), "テスト");
  EXPECT_EQ(read("\xa5\xc6\xa5\xb9\xa5\xc8", "text/html; charset=EUC-JP"), "テスト");
  EXPECT_EQ(read("\xb2\xe2\xca\xd4", "text/html; charset=gb2312"), "测试");
  EXPECT_EQ(read("G\0r\0\xf6\0\xdf\0e\0"s, "text/html; charset=utf-16"), "Größe");
  EXPECT_EQ(read("\0G\0r\0\xf6\0\xdf\0e"s, "text/html; charset=UTF-16BE"), "Größe");
  EXPECT_EQ(read("Größe", "text/html; charset=utf8"), "Größe");
}

TEST(Charset, AMarkIsBelievedBeforeAnything) {
  EXPECT_EQ(read("\xef\xbb\xbfGröße", "text/html; charset=iso-8859-1"), "Größe");
  EXPECT_EQ(read("\xff\xfeG\0r\0\xf6\0"s, "text/html; charset=utf-8"), "Grö");
  EXPECT_EQ(read("\xfe\xff\0G\0r\0\xf6"s), "Grö");
  EXPECT_EQ(read("\xff\xfe\0\0G\0\0\0\xf6\0\0\0"s), "Gö");
  EXPECT_EQ(read("\0\0\xfe\xff\0\0\0G\0\0\0\xf6"s), "Gö");
}

TEST(Charset, ThePageItselfMaySayIt) {
  EXPECT_EQ(read("<html><META Charset='iso-8859-1'>Gr\xf6\xdf"), "<html><META Charset='iso-8859-1'>Größ");
  EXPECT_EQ(read("<meta http-equiv=Content-Type content=\"text/html; charset=windows-1251\">\xcf", "text/html"),
            "<meta http-equiv=Content-Type content=\"text/html; charset=windows-1251\">П");
  EXPECT_EQ(read("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\xf6"),
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>ö");
  EXPECT_EQ(read("<meta name=x><meta charset=utf-16>ö"), "<meta name=x><meta charset=utf-16>ö");
  EXPECT_EQ(read("<meta charset=koi8-r>\xc1", "text/html; charset=windows-1252"), "<meta charset=koi8-r>Á");
}

TEST(Charset, WithoutAWordItIsUtf8OrWhatBrowsersTakeItFor) {
  EXPECT_EQ(read("Größe"), "Größe");
  EXPECT_EQ(read("Gr\xf6\xdf"
                 "e",
                 "text/html"),
            "Größe");
  EXPECT_EQ(read("<\0p\0>\0\xf6\0"s), "<p>ö");
  EXPECT_EQ(read("\0<\0p\0>\0\xf6"s), "<p>ö");
  EXPECT_EQ(read(""), "");
}

TEST(Charset, WhatIsNoCharacterIsReplacedAndTheRestRead) {
  EXPECT_EQ(read("a\x81z", "text/html; charset=windows-1252"), "a\xef\xbf\xbdz");
  EXPECT_EQ(read("\x83\x65\x83", "text/html; charset=shift_jis"), "テ\xef\xbf\xbd");
  EXPECT_EQ(read("a\0"s + "\0\xdc"s + "z\0"s + "y", "text/html; charset=utf-16le"), "a\xef\xbf\xbdz\xef\xbf\xbd");
  EXPECT_EQ(read(std::string(100'000, '\xf6'), "text/html; charset=latin1").size(), 200'000u);
}

TEST(Charset, WhatNobodyKnowsIsSaid) {
  EXPECT_EQ(read("x", "text/html; charset=klingon"), "(the page is written in \"klingon\", which is not known)");
  EXPECT_EQ(read("x", "text/html; charset=utf-8//IGNORE"), "x");
  EXPECT_EQ(read("x", "text/html; charset="), "x");
  EXPECT_EQ(read("<meta charset=klingon>"), "(the page is written in \"klingon\", which is not known)");
  EXPECT_LT(read("x", "text/html; charset=" + std::string(9'000, 'k')).size(), 120u);
}

}  // namespace
}  // namespace tenfold::watch
