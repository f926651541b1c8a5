#include "cache/policy/conditions.hpp"

#include <gtest/gtest.h>

#include "cache/test_requests.hpp"

namespace tenfold::cache {
namespace {

using namespace std::chrono;
using testing::answer;
using testing::Fields;
using testing::get;

constexpr http::HttpDate now = sys_days(year(2026) / 1 / 1);
constexpr const char* changed = "Wed, 31 Dec 2025 14:00:00 GMT";
constexpr const char* a_second_before = "Wed, 31 Dec 2025 13:59:59 GMT";
constexpr const char* a_second_after = "Wed, 31 Dec 2025 14:00:01 GMT";
constexpr const char* tomorrow = "Fri, 02 Jan 2026 00:00:00 GMT";

http::ResponseHead stored_head;  // what the validators point into

Validators stored(Fields fields) {
  stored_head = answer(200, fields);
  return validators_of(stored_head.headers, now);
}
bool is_304(Fields request, const Validators& validators) {
  return not_modified(get("/", request).headers, validators, now);
}

// RFC 9110, 8.8.3.2, the table of examples.
TEST(EntityTags, CompareWeaklyAndStrongly) {
  EXPECT_TRUE(weak_match("W/\"1\"", "W/\"1\""));
  EXPECT_FALSE(strong_match("W/\"1\"", "W/\"1\""));
  EXPECT_FALSE(weak_match("W/\"1\"", "W/\"2\""));
  EXPECT_TRUE(weak_match("W/\"1\"", "\"1\""));
  EXPECT_FALSE(strong_match("W/\"1\"", "\"1\""));
  EXPECT_TRUE(strong_match("\"1\"", "\"1\""));
  EXPECT_FALSE(weak_match("", ""));
}

// RFC 9110, 13.1.2.
TEST(Conditions, IfNoneMatchComparesWeaklyWithEachTag) {
  const auto validators = stored({{"ETag", "\"a\""}});
  EXPECT_TRUE(is_304({{"If-None-Match", "\"a\""}}, validators));
  EXPECT_TRUE(is_304({{"If-None-Match", "W/\"a\""}}, validators));
  EXPECT_TRUE(is_304({{"If-None-Match", "\"x\", \"a\""}}, validators));
  EXPECT_TRUE(is_304({{"If-None-Match", "\"x\""}, {"If-None-Match", "\"a\""}}, validators));
  EXPECT_TRUE(is_304({{"If-None-Match", "*"}}, validators));
  EXPECT_FALSE(is_304({{"If-None-Match", "\"A\""}}, validators));
  EXPECT_FALSE(is_304({{"If-None-Match", "a"}}, validators));
  EXPECT_FALSE(is_304({{"If-None-Match", "\"a, b\""}}, stored({{"ETag", "\"a\""}})));
}

// RFC 9110, 13.1.3.
TEST(Conditions, IfModifiedSinceComparesDates) {
  const auto validators = stored({{"Last-Modified", changed}});
  EXPECT_FALSE(is_304({{"If-Modified-Since", a_second_before}}, validators));
  EXPECT_TRUE(is_304({{"If-Modified-Since", changed}}, validators));
  EXPECT_TRUE(is_304({{"If-Modified-Since", a_second_after}}, validators));
  EXPECT_FALSE(is_304({{"If-Modified-Since", tomorrow}}, validators));
  EXPECT_FALSE(is_304({{"If-Modified-Since", "yesterday"}}, validators));
  EXPECT_FALSE(is_304({{"If-Modified-Since", changed}}, stored({{"ETag", "\"a\""}})));
}

// RFC 9110, 13.2.2.
TEST(Conditions, IfNoneMatchGoesBeforeIfModifiedSince) {
  const auto validators = stored({{"ETag", "\"a\""}, {"Last-Modified", changed}});
  EXPECT_FALSE(is_304({{"If-None-Match", "\"x\""}, {"If-Modified-Since", a_second_after}}, validators));
  EXPECT_TRUE(is_304({{"If-None-Match", "\"a\""}, {"If-Modified-Since", a_second_before}}, validators));
}

// RFC 9110, 13.1.5 and 8.8.2.2.
TEST(Conditions, IfRangeNeedsAStrongValidator) {
  const auto applies = [](std::string_view condition, const Validators& validators) {
    return range_applies(get("/", {{"If-Range", condition}}).headers, validators);
  };
  EXPECT_TRUE(range_applies(get("/").headers, stored({})));
  EXPECT_TRUE(applies("\"a\"", stored({{"ETag", "\"a\""}})));
  EXPECT_FALSE(applies("\"b\"", stored({{"ETag", "\"a\""}})));
  EXPECT_FALSE(applies("W/\"a\"", stored({{"ETag", "W/\"a\""}})));
  EXPECT_TRUE(applies(changed, stored({{"Last-Modified", changed}, {"Date", a_second_after}})));
  EXPECT_FALSE(applies(changed, stored({{"Last-Modified", changed}, {"Date", changed}})));
  EXPECT_FALSE(applies(a_second_after, stored({{"Last-Modified", changed}, {"Date", tomorrow}})));
}

// RFC 9111, 4.3.4.
TEST(Conditions, A304FreshensOnlyWhatItIsAbout) {
  const auto freshens_with = [](Fields head, const Validators& validators) {
    return freshens(answer(304, head).headers, validators, now);
  };
  EXPECT_TRUE(freshens_with({{"ETag", "\"a\""}}, stored({{"ETag", "\"a\""}})));
  EXPECT_FALSE(freshens_with({{"ETag", "\"b\""}}, stored({{"ETag", "\"a\""}})));
  EXPECT_FALSE(freshens_with({{"ETag", "\"a\""}}, stored({{"ETag", "W/\"a\""}})));
  EXPECT_TRUE(freshens_with({{"ETag", "W/\"a\""}}, stored({{"ETag", "\"a\""}})));
  EXPECT_FALSE(freshens_with({{"Last-Modified", a_second_after}}, stored({{"Last-Modified", changed}})));
  EXPECT_TRUE(freshens_with({}, stored({{"ETag", "\"a\""}})));
}

}  // namespace
}  // namespace tenfold::cache
