#include "http/date.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::http {
namespace {

using namespace std::chrono;

constexpr HttpDate in_2026 = sys_days(year(2026) / 7 / 1);
constexpr HttpDate of_the_rfc = sys_days(year(1994) / 11 / 6) + 8h + 49min + 37s;

std::string text_of(HttpDate moment) {
  const auto text = format_date(moment);
  return {text.data(), text.size()};
}

TEST(Date, ReadsTheThreeFormsOfTheRfc) {
  EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT", in_2026), of_the_rfc);
  EXPECT_EQ(parse_date("Sunday, 06-Nov-94 08:49:37 GMT", in_2026), of_the_rfc);
  EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994", in_2026), of_the_rfc);
  EXPECT_EQ(parse_date("Wed Nov 16 08:49:37 1994", in_2026), of_the_rfc + days(10));
}

TEST(Date, TwoDigitYearIsAtMostFiftyYearsAhead) {
  const auto year_of = [](const char* text) {
    return static_cast<int>(year_month_day(floor<days>(*parse_date(text, in_2026))).year());
  };
  EXPECT_EQ(year_of("Sunday, 06-Nov-26 08:49:37 GMT"), 2026);
  EXPECT_EQ(year_of("Sunday, 06-Nov-76 08:49:37 GMT"), 2076);
  EXPECT_EQ(year_of("Sunday, 06-Nov-77 08:49:37 GMT"), 1977);
}

TEST(Date, RefusesWhatIsNoDate) {
  for (const char* text : {
           "",
           "0",
           "-1",
           "now",
           "Sun, 06 Nov 1994 08:49:37",
           "Sun, 06 Nov 1994 08:49:37 UTC",
           "Sun, 06 Nov 1994 08:49:37 GMT ",
           " Sun, 06 Nov 1994 08:49:37 GMT",
           "Sun, 6 Nov 1994 08:49:37 GMT",
           "Sun, 31 Feb 1994 08:49:37 GMT",
           "Sun, 00 Nov 1994 08:49:37 GMT",
           "Sun, 06 Nov 1994 24:00:00 GMT",
           "Sun, 06 Nov 1994 08:60:37 GMT",
           "Sun, 06 Nov 1994 08:49:61 GMT",
           "Sux, 06 Nov 1994 08:49:37 GMT",
           "Sun, 06 nov 1994 08:49:37 GMT",
           "Sun, 06 Nov 94 08:49:37 GMT   ",
           "Sun Nov 6 08:49:37 1994 ",
       }) {
    EXPECT_FALSE(parse_date(text, in_2026)) << text;
  }
}

TEST(Date, LeapSecondIsTheSecondBefore) {
  EXPECT_EQ(parse_date("Sat, 31 Dec 2016 23:59:60 GMT", in_2026), HttpDate(sys_days(year(2016) / 12 / 31)) + 86399s);
}

TEST(Date, WritesWhatItReads) {
  EXPECT_EQ(text_of(of_the_rfc), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(text_of(HttpDate{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(text_of(sys_days(year(9999) / 12 / 31) + 86399s), "Fri, 31 Dec 9999 23:59:59 GMT");
  for (HttpDate moment = sys_days(year(1999) / 12 / 30); moment < sys_days(year(2000) / 3 / 3); moment += 3607s) {
    ASSERT_EQ(parse_date(text_of(moment), in_2026), moment) << text_of(moment);
  }
}

}  // namespace
}  // namespace tenfold::http
