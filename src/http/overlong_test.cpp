#include "http/overlong.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "http/normal_path.hpp"

namespace tenfold::http {
namespace {

using namespace std::string_view_literals;

TEST(Overlong, WhatClimbsIsTold) {
  for (const std::string_view path : {
           "/%c0%ae%c0%ae/account",
           "/%C0%AE%c0%AE",
           "/x/.%c0%ae/account",
           "/x/%c0%ae%2e/account",
           "/x/..%c0%afaccount",
           "/%c0%ae%c0%ae%c0%afaccount",
           "/%e0%80%ae%e0%80%ae/",
           "/%f0%80%80%ae%f0%80%80%ae/",
           "/%f8%80%80%80%ae%fc%80%80%80%80%ae/",
           "/\xc0\xae\xc0\xae/",
           "/\xc0%ae./",
           "/%c0%ae%c0%ae;x/a",
           "/%c0%ae%c0%ae%20/a",
           "/%c0%ae%c0%ae\\a",
           "/a%c0%80.png",  // NUL
           "/a%e0%80%80",
           "/a%c1%9cb",  // backslash
           "/a%e0%81%9cb",
       }) {
    EXPECT_EQ(overlong_in(path), Overlong::climbs) << path;
    EXPECT_TRUE(has_more_readings(path)) << path;
  }
}

TEST(Overlong, AsALetterOfAnotherEncodingItStaysAndIsNoBasisForRules) {
  for (const std::string_view path : {
           "/%C0%AE%BF%CD",  // EUC-JP
           "/%C0%AF%BC%A3/%C0%AE%B2%CC",
           "/shop/%C0%AF%D6%F2.html",  // GBK
           "/account%c0%afsettings",
           "/%c0%ae/a",
           "/%c0%aehtaccess",
           "/\xc0\xae",
       }) {
    EXPECT_EQ(overlong_in(path), Overlong::in_a_name) << path;
    EXPECT_TRUE(has_more_readings(path)) << path;
  }
}

TEST(Overlong, WhatIsNoneIsNone) {
  for (const std::string_view path : {
           "/",
           "/../a",
           "/%2e%2e/%00",
           "/stra%C3%9Fe",
           "/stra%DFe",          // Latin-1
           "/%C0%20la%20carte",  // "À la carte" in it
           "/%C0",
           "/%c0%",
           "/%c0%a",
           "/%c0%2e",
           "/%c0%b0",     // the overlong "0" is nobody's separator
           "/%E0%B8%AA",  // Thai in UTF-8
           "/%E0%82%AE",  // longer than seven bits
           "/%e0%80",
           "/%F0%9F%8C%B7",
           "/%25c0%25ae",
       }) {
    EXPECT_EQ(overlong_in(path), Overlong::none) << path;
  }
}

}  // namespace
}  // namespace tenfold::http
