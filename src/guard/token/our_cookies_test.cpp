#include "guard/token/our_cookies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace tenfold::guard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Taken {
  OwnCookies own;
  std::string rest;
};

class TakeOwnCookies : public testing::Test {
 protected:
  Taken take(std::string_view field) {
    Taken taken;
    taken.rest = take_own_cookies(field, arena_, taken.own);
    return taken;
  }
  Arena arena_;
};

std::string_view session_in(std::string_view field, std::span<const std::string> more = {}) {
  return CookieNames(more).session_in(field);
}

TEST_F(TakeOwnCookies, LeavesTheOthersAsTheyWereWritten) {
  const Taken taken = take(
      "_ga=GA1.2.3; tenfold_seen=aa; theme=dark;tenfold_clear=bb ;  PHPSESSID=0123456789abcdef; tenfold_place=cc; x");
  EXPECT_THAT(taken.own.first_seen, ElementsAre("aa"));
  EXPECT_THAT(taken.own.clearance, ElementsAre("bb"));
  EXPECT_THAT(taken.own.place, ElementsAre("cc"));
  EXPECT_EQ(taken.rest, "_ga=GA1.2.3; theme=dark;  PHPSESSID=0123456789abcdef; x");
}

TEST_F(TakeOwnCookies, WhereverTheyStand) {
  EXPECT_EQ(take("tenfold_seen=a; b=c").rest, "b=c");
  EXPECT_EQ(take("b=c; tenfold_seen=a").rest, "b=c");
  EXPECT_EQ(take("b=c; tenfold_seen=a;").rest, "b=c");
  EXPECT_EQ(take("tenfold_seen=a").rest, "");
  EXPECT_EQ(take(" tenfold_seen=a ; tenfold_clear=b").rest, "");
}

TEST_F(TakeOwnCookies, AFieldWithNoneOfThemIsGivenBackItself) {
  for (const std::string_view field : {"", ";", ";;; ;", "=", "=a", " = ", "a=b;=;", "theme=dark;sid=x"}) {
    OwnCookies own;
    EXPECT_EQ(take_own_cookies(field, arena_, own).data(), field.data());
  }
}

TEST_F(TakeOwnCookies, OfSeveralAllAreKeptInTheirOrderAndNoneRemains) {
  const Taken taken = take("tenfold_seen=a; sid=s; tenfold_seen=; tenfold_seen=b");
  EXPECT_THAT(taken.own.first_seen, ElementsAre("a", "", "b"));
  EXPECT_EQ(taken.rest, "sid=s");
  EXPECT_THAT(take("tenfold_seen=1; tenfold_seen=2; tenfold_seen=3; tenfold_seen=4; tenfold_seen=5").own.first_seen,
              ElementsAre("1", "2", "3", "4"));
}

TEST_F(TakeOwnCookies, AddsToWhatEarlierFieldsHad) {
  OwnCookies own;
  take_own_cookies("tenfold_seen=a", arena_, own);
  take_own_cookies("tenfold_seen=b; tenfold_place=c", arena_, own);
  EXPECT_THAT(own.first_seen, ElementsAre("a", "b"));
  EXPECT_THAT(own.place, ElementsAre("c"));
}

TEST_F(TakeOwnCookies, WhatIsBoundToNetworksStandsForSeveralOfThem) {
  const Taken taken = take("tenfold_clear=a.b; tenfold_place=c; sid=s.t; tenfold_clear=d; tenfold_seen=e.f");
  EXPECT_THAT(taken.own.clearance, ElementsAre("a", "b", "d"));
  EXPECT_THAT(taken.own.place, ElementsAre("c"));
  EXPECT_THAT(taken.own.first_seen, ElementsAre("e.f"));
  EXPECT_EQ(taken.rest, "sid=s.t");
  EXPECT_THAT(take("tenfold_clear=1.2.3.4.5; tenfold_clear=.6").own.clearance,
              ElementsAre("1", "2", "3", "4", "", "6"));
}

TEST_F(TakeOwnCookies, HasABoundHoweverManyNetworksThereAre) {
  std::string field;
  for (int i = 0; i < 100; ++i) field += "tenfold_clear=a.b.c.d.e; ";
  EXPECT_EQ(take(field).own.clearance.size(), most_of_a_name * most_networks);
}

TEST(WithThoseOfElsewhere, PutsTheNewestFirstAndLeavesOutWhatIsOver) {
  const auto is_elsewhere = [](std::string_view value) { return value.starts_with('e'); };
  EXPECT_EQ(with_those_of_elsewhere("new", {}, is_elsewhere), "new");
  EXPECT_EQ(with_those_of_elsewhere("new", {"old", "e1", "forged"}, is_elsewhere), "new.e1");
  EXPECT_EQ(with_those_of_elsewhere("new", {"e1", "e2", "e3", "e4"}, is_elsewhere), "new.e1.e2.e3");
  EXPECT_EQ(with_those_of_elsewhere("new", {"e1", "e2", "e1", "e2", "e3"}, is_elsewhere), "new.e1.e2.e3")
      << "as two cookies have them, one for the name and one for its domain";
}

TEST(BestGood, IsTheBestOfThoseThatOpen) {
  CookieValues values;
  const auto longer_than_one = [](std::string_view value) {
    return value.size() > 1 ? std::optional(value) : std::optional<std::string_view>();
  };
  const auto is_longer = [](std::string_view one, std::string_view other) { return one.size() > other.size(); };
  EXPECT_FALSE(best_good(values, longer_than_one, is_longer));
  values.emplace_back("a");
  EXPECT_FALSE(best_good(values, longer_than_one, is_longer));
  values.emplace_back("bb");
  values.emplace_back("cc");
  EXPECT_EQ(best_good(values, longer_than_one, is_longer), "bb");
  values.emplace_back("ddd");
  values.emplace_back("e");
  EXPECT_EQ(best_good(values, longer_than_one, is_longer), "ddd");
}

TEST_F(TakeOwnCookies, NamesAreWholeAndTheirCaseMatters) {
  for (const std::string field : {"tenfold_seen2=a; xtenfold_seen=b; Tenfold_seen=c; tenfold_=d", "tenfold_seen",
                                  "a=tenfold_seen=b", "tenfold_origin=a"}) {
    const Taken taken = take(field);
    EXPECT_THAT(taken.own.first_seen, IsEmpty()) << field;
    EXPECT_EQ(taken.rest, field);
  }
  EXPECT_THAT(take("tenfold_seen=a=b").own.first_seen, ElementsAre("a=b"));
}

TEST(CookieNames, OfTwoSessionsTheFirstCounts) {
  EXPECT_EQ(session_in("a=b; sid=first-of-the-two; PHPSESSID=second-of-them"), "first-of-the-two");
}

TEST(CookieNames, NamesAreWholeAndTheirCaseMatters) {
  EXPECT_EQ(session_in("phpsessid=0123456789abcdef; xPHPSESSID=0123456789abcdef; PHPSESSID2=0123456789abcdef"), "");
}

TEST(CookieNames, KnowsTheUsualShops) {
  for (const std::string name :
       {"PHPSESSID", "frontend", "PrestaShop-a1b2c3", "wp_woocommerce_session_0f0f", "session-", "session-1",
        "sw-context-token", "OCSESSID", "JTLSHOP", "ASP.NET_SessionId"}) {
    EXPECT_EQ(session_in(name + "=0123456789abcdef"), "0123456789abcdef") << name;
  }
}

TEST(CookieNames, WhatManyShareIsNoSession) {
  EXPECT_EQ(session_in("mage-cache-sessid=true; woocommerce_cart_hash=d41d8cd98f00b204e9800998ecf8427e"), "");
  EXPECT_EQ(session_in("PHPSESSID=" + std::string(CookieNames::shortest_session - 1, 'a')), "");
  EXPECT_EQ(session_in("PHPSESSID=" + std::string(CookieNames::shortest_session, 'a')).size(),
            CookieNames::shortest_session);
}

TEST(CookieNames, TheOwnersNamesCountToo) {
  const std::vector<std::string> more{"corner_shop", "cs-*", "*", ""};
  EXPECT_EQ(session_in("corner_shop=0123456789abcdef", more), "0123456789abcdef");
  EXPECT_EQ(session_in("cs-17=0123456789abcdef", more), "0123456789abcdef");
  EXPECT_EQ(session_in("other=0123456789abcdef", more), "");  // "*" alone would take any cookie for a session
}

TEST(CookieNames, OddFieldsHaveNothingInThem) {
  for (const std::string_view field : {"", ";", ";;; ;", "=", "=a", "PHPSESSID", " = ", "a=b;=;"}) {
    EXPECT_EQ(session_in(field), "") << field;
  }
}

}  // namespace
}  // namespace tenfold::guard
