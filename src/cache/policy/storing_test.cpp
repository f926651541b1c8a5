#include "cache/policy/storing.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "cache/test_requests.hpp"

namespace tenfold::cache {
namespace {

using namespace std::chrono_literals;
using testing::answer;
using testing::Fields;
using testing::get;

// The clock of these tests: 2026-01-01 00:00:00, a Thursday.
FetchTimes times() {
  const ManualClock clock;
  return {clock.now(), clock.now(), clock.wall_now()};
}
constexpr const char* now_text = "Thu, 01 Jan 2026 00:00:00 GMT";
constexpr const char* in_a_minute = "Thu, 01 Jan 2026 00:01:00 GMT";
constexpr const char* ten_hours_ago = "Wed, 31 Dec 2025 14:00:00 GMT";
constexpr const char* ten_days_ago = "Mon, 22 Dec 2025 00:00:00 GMT";

struct Row {
  const char* section;  // of RFC 9111 unless another is named
  http::RequestHead request;
  http::ResponseHead response;
  Refusal expected;
};

TEST(Storing, RefusesAndTakesAsTheRfcSays) {
  const http::RequestHead cookie = get("/", {{"Cookie", "a=b"}});
  const http::RequestHead authorized = get("/", {{"Authorization", "Basic x"}});
  const std::vector<Row> rows = {
      {"3: explicit", get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), Refusal::none},
      {"3: method", testing::with_method(http::Method::post, "/"), answer(200, {{"Cache-Control", "max-age=60"}}),
       Refusal::method},
      {"3: method, HEAD has no body to store", testing::with_method(http::Method::head, "/"),
       answer(200, {{"Cache-Control", "max-age=60"}}), Refusal::method},
      {"3: interim", get("/"), answer(103, {{"Cache-Control", "max-age=60"}}), Refusal::status},
      {"3: 206", get("/"), answer(206, {{"Cache-Control", "max-age=60"}}), Refusal::status},
      {"3.3: a part by its field", get("/"),
       answer(200, {{"Cache-Control", "max-age=60"}, {"Content-Range", "bytes 0-1/2"}}), Refusal::content_range},
      {"3: any final status with explicit freshness", get("/"), answer(302, {{"Cache-Control", "max-age=60"}}),
       Refusal::none},
      {"3: unknown status with explicit freshness", get("/"), answer(299, {{"Cache-Control", "max-age=60"}}),
       Refusal::none},
      {"ours: the request is at fault, however fresh", get("/"), answer(400, {{"Cache-Control", "max-age=60"}}),
       Refusal::request_error},
      {"RFC 6585, 5: 431 must not be stored", get("/"), answer(431, {{"Cache-Control", "public, max-age=60"}}),
       Refusal::request_error},
      {"3: an error of the page", get("/"), answer(404, {{"Cache-Control", "max-age=60"}}), Refusal::none},
      {"5.2.2.3: must-understand, status not understood", get("/"),
       answer(299, {{"Cache-Control", "max-age=60, must-understand"}}), Refusal::status},
      {"5.2.2.3: must-understand lifts no-store when understood", get("/"),
       answer(200, {{"Cache-Control", "max-age=60, must-understand, no-store"}}), Refusal::none},
      {"5.2.2.5: no-store", get("/"), answer(200, {{"Cache-Control", "max-age=60, no-store"}}), Refusal::no_store},
      {"5.2.2.7: private", get("/"), answer(200, {{"Cache-Control", "private, max-age=60"}}), Refusal::private_},
      {"ours: private, in a malformed field", get("/"),
       answer(200, {{"Cache-Control", "private; max-age=0"}, {"Expires", in_a_minute}}), Refusal::private_},
      {"3: nothing says how long", get("/"), answer(200), Refusal::no_freshness},
      {"3: public alone says nothing of time", get("/"), answer(200, {{"Cache-Control", "public"}}),
       Refusal::no_freshness},
      {"3: max-age=0 with nothing to validate by, must-revalidate", get("/"),
       answer(200, {{"Cache-Control", "max-age=0, must-revalidate"}}), Refusal::no_freshness},
      {"3: max-age=0 that can be validated", get("/"),
       answer(200, {{"Cache-Control", "max-age=0, must-revalidate"}, {"ETag", "\"a\""}}), Refusal::none},
      {"5.2.2.4: no-cache that can be validated", get("/"),
       answer(200, {{"Cache-Control", "no-cache"}, {"ETag", "\"a\""}}), Refusal::none},
      {"5.2.2.4: no-cache that cannot", get("/"), answer(200, {{"Cache-Control", "no-cache"}}), Refusal::no_freshness},
      {"3.5: Authorization", authorized, answer(200, {{"Cache-Control", "max-age=60"}}), Refusal::authorization},
      {"3.5: public", authorized, answer(200, {{"Cache-Control", "public, max-age=60"}}), Refusal::none},
      {"3.5: s-maxage", authorized, answer(200, {{"Cache-Control", "s-maxage=60"}}), Refusal::none},
      {"3.5: must-revalidate", authorized, answer(200, {{"Cache-Control", "max-age=60, must-revalidate"}}),
       Refusal::none},
      {"7.3 and ours: Set-Cookie", get("/"),
       answer(200, {{"Cache-Control", "public, max-age=60"}, {"Set-Cookie", "a=b"}}), Refusal::set_cookie},
      {"ours: cookie with explicit freshness", cookie, answer(200, {{"Cache-Control", "max-age=60"}}), Refusal::none},
      {"ours: cookie with a guess", cookie,
       answer(200, {{"Content-Type", "image/png"}, {"Last-Modified", ten_hours_ago}}), Refusal::no_freshness},
      {"4.2.2: guess for a picture", get("/"),
       answer(200, {{"Content-Type", "image/png"}, {"Last-Modified", ten_hours_ago}}), Refusal::none},
      {"4.2.2 and ours: no guess for a page", get("/"),
       answer(200, {{"Content-Type", "text/html"}, {"Last-Modified", ten_hours_ago}}), Refusal::no_freshness},
      {"4.2.2: no guess for this status", get("/"),
       answer(302, {{"Content-Type", "image/png"}, {"Last-Modified", ten_hours_ago}}), Refusal::no_freshness},
      {"4.2.2: no guess without Last-Modified", get("/"), answer(200, {{"Content-Type", "image/png"}}),
       Refusal::no_freshness},
      {"5.3: Expires", get("/"), answer(200, {{"Expires", in_a_minute}}), Refusal::none},
      {"5.3: Expires that is no date", get("/"), answer(200, {{"Expires", "0"}, {"Cache-Control", "must-revalidate"}}),
       Refusal::no_freshness},
      {"RFC 9213, 2.2: targeted field lifts no-store", get("/"),
       answer(200, {{"Cache-Control", "no-store"}, {"CDN-Cache-Control", "max-age=60"}}), Refusal::none},
      {"RFC 9213, 2.2: targeted field forbids", get("/"),
       answer(200, {{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "no-store"}}), Refusal::no_store},
      {"RFC 9213, 2.2: Expires does not count beside it", get("/"),
       answer(200, {{"Expires", in_a_minute}, {"CDN-Cache-Control", "public"}}), Refusal::no_freshness},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(name(storability(row.request, row.response, times(), {}).refusal), name(row.expected)) << row.section;
  }
}

TEST(Storing, SetCookieIsStoredOnlyWhenTheOwnerAndTheOriginSaySo) {
  CacheOptions options;
  options.set_cookie = StoreSetCookie::when_public;
  const auto refusal = [&](std::string_view control) {
    return storability(get("/"), answer(200, {{"Cache-Control", control}, {"Set-Cookie", "a=b"}}), times(), options)
        .refusal;
  };
  EXPECT_EQ(refusal("public, max-age=60"), Refusal::none);
  EXPECT_EQ(refusal("max-age=60"), Refusal::set_cookie);
}

Terms terms_of(Fields fields, const CacheOptions& options = {}) {
  const auto result = storability(get("/"), answer(200, fields), times(), options);
  EXPECT_EQ(result.refusal, Refusal::none);
  return result.terms;
}

// RFC 9111, 4.2.1.
TEST(Lifetime, TheFirstThatAppliesCounts) {
  EXPECT_EQ(terms_of({{"Cache-Control", "s-maxage=1, max-age=2"}, {"Expires", in_a_minute}}).lifetime_s, 1);
  EXPECT_EQ(terms_of({{"Cache-Control", "max-age=2"}, {"Expires", in_a_minute}}).lifetime_s, 2);
  EXPECT_EQ(terms_of({{"Expires", in_a_minute}, {"Date", now_text}}).lifetime_s, 60);
  EXPECT_EQ(terms_of({{"Expires", in_a_minute}}).lifetime_s, 60);
}

TEST(Lifetime, ExpiresCountsFromDateAndNotFromOurClock) {
  const Terms terms = terms_of({{"Expires", ten_hours_ago}, {"Date", ten_days_ago}, {"ETag", "\"a\""}});
  EXPECT_EQ(terms.lifetime_s, 9 * 86400 + 14 * 3600);
  EXPECT_EQ(terms.initial_age_s, 10 * 86400);
}

// RFC 9111, 4.2.2.
TEST(Lifetime, AGuessIsATenthAndBounded) {
  const Terms hours = terms_of({{"Content-Type", "image/png"}, {"Last-Modified", ten_hours_ago}});
  EXPECT_TRUE(hours.heuristic);
  EXPECT_EQ(hours.lifetime_s, 3600);
  CacheOptions longer;
  longer.heuristic_limit = 24h;
  EXPECT_EQ(terms_of({{"Content-Type", "text/css; charset=utf-8"}, {"Last-Modified", ten_days_ago}}, longer).lifetime_s,
            86400);
  longer.heuristic_limit = 240h;
  EXPECT_EQ(terms_of({{"Content-Type", "text/css"}, {"Last-Modified", ten_days_ago}}, longer).lifetime_s, 86400);
  EXPECT_FALSE(terms_of({{"Cache-Control", "max-age=5"}, {"Last-Modified", ten_days_ago}}).heuristic);
}

// RFC 9111, 4.2.3.
TEST(Age, IsTheLargerOfWhatTheOriginAndTheClockSay) {
  FetchTimes slow = times();
  slow.received += 7s;
  const auto age = [&](Fields fields, const FetchTimes& when) {
    return storability(get("/"), answer(200, fields), when, {}).terms.initial_age_s;
  };
  EXPECT_EQ(age({{"Cache-Control", "max-age=60"}}, times()), 0);
  EXPECT_EQ(age({{"Cache-Control", "max-age=60"}, {"Age", "10"}}, times()), 10);
  EXPECT_EQ(age({{"Cache-Control", "max-age=60"}, {"Age", "10"}}, slow), 17);
  EXPECT_EQ(age({{"Cache-Control", "max-age=60"}, {"Age", "10"}, {"Date", ten_hours_ago}}, slow), 36000);
  EXPECT_EQ(age({{"Cache-Control", "max-age=60"}, {"Date", in_a_minute}}, times()), 0);
  EXPECT_EQ(age({{"Cache-Control", "max-age=60"}, {"Age", "-1"}}, times()), 0);
}

// RFC 9111, 5.1.
TEST(Age, OfSeveralMembersTheFirstCountsAndNoNumberIsNone) {
  const auto age = [&](Fields fields) {
    auto response = answer(200, fields);
    response.headers.add("Cache-Control", "max-age=60");
    return storability(get("/"), response, times(), {}).terms.initial_age_s;
  };
  EXPECT_EQ(age({{"Age", "7200, 0"}}), 7200);
  EXPECT_EQ(age({{"Age", "0, 7200"}}), 0);
  EXPECT_EQ(age({{"Age", "7200"}, {"Age", "0"}}), 7200);
  EXPECT_EQ(age({{"Age", ", 7200"}}), 7200);
  EXPECT_EQ(age({{"Age", ""}, {"Age", "7200"}}), 7200);
  EXPECT_EQ(age({{"Age", "-7200, 5"}}), 0);
  EXPECT_EQ(age({{"Age", "+5"}}), 0);
  EXPECT_EQ(age({{"Age", "7.5"}}), 0);
  EXPECT_EQ(age({{"Age", "7200;x"}}), 0);
  EXPECT_EQ(age({{"Age", "2147483648"}}), max_delta_seconds);
  EXPECT_EQ(age({{"Age", "99999999999999999999999999"}}), max_delta_seconds);
}

// RFC 9111, 4.2.4; RFC 5861.
TEST(StaleTimes, AreTheResponsesOrElseTheOwnersWithinTheRfc) {
  CacheOptions options;
  options.stale_if_error = 600s;
  options.stale_while_revalidate = 5s;
  const auto of = [&](std::string_view control) {
    return terms_of({{"Cache-Control", control}, {"ETag", "\"a\""}}, options);
  };
  EXPECT_EQ(of("max-age=60").stale_if_error_s, 600);
  EXPECT_EQ(of("max-age=60").stale_while_revalidate_s, 5);
  EXPECT_EQ(of("max-age=60, stale-if-error=0").stale_if_error_s, 0);
  EXPECT_EQ(of("max-age=60, stale-while-revalidate=30").stale_while_revalidate_s, 30);
  EXPECT_EQ(of("max-age=60, must-revalidate, stale-if-error=9").stale_if_error_s, 0);
  EXPECT_EQ(of("max-age=60, proxy-revalidate").stale_if_error_s, 0);
  EXPECT_EQ(of("max-age=60, no-cache, stale-if-error=9").stale_if_error_s, 0);
  EXPECT_EQ(of("s-maxage=60").stale_if_error_s, 0);
  EXPECT_EQ(of("s-maxage=60, stale-if-error=9").stale_if_error_s, 9);
  EXPECT_EQ(of("s-maxage=60, stale-if-error=9").stale_while_revalidate_s, 0);
  options.stale_after_s_maxage = StaleAfterSMaxage::allowed;
  EXPECT_EQ(of("s-maxage=60").stale_if_error_s, 600);
}

// The owner's times would make one visitor's page everybody's: frameworks mark such pages by a lifetime of zero.
TEST(StaleTimes, TheOwnersAreNotForWhatWasNeverFresh) {
  CacheOptions options;
  options.stale_if_error = 600s;
  options.stale_while_revalidate = 5s;
  options.stale_after_s_maxage = StaleAfterSMaxage::allowed;
  const std::vector<std::vector<http::Header>> never_fresh = {
      {{"Cache-Control", "max-age=0"}},
      {{"Cache-Control", "s-maxage=0, max-age=600"}},
      {{"Cache-Control", "max-age=unreadable"}},
      {{"Cache-Control", "max-age=60"}, {"Age", "60"}},
      {{"Expires", "0"}},
      {{"Expires", "-1"}},
      {{"Expires", "0"}, {"Pragma", "no-cache"}},
      {{"Expires", "Thu, 19 Nov 1981 08:52:00 GMT"}},
      {{"Expires", now_text}, {"Date", now_text}},
      {{"CDN-Cache-Control", "max-age=0"}, {"Cache-Control", "max-age=60"}},
  };
  for (const auto& fields : never_fresh) {
    http::ResponseHead response = answer(200);
    for (const http::Header& field : fields) response.headers.add(field.name, field.value);
    const auto what = std::string(fields[0].name) + ": " + std::string(fields[0].value);
    EXPECT_EQ(storability(get("/"), response, times(), options).refusal, Refusal::no_freshness)
        << what << ": it could never be shown";
    response.headers.add("ETag", "\"a\"");
    const Storability kept = storability(get("/"), response, times(), options);
    EXPECT_EQ(kept.refusal, Refusal::none) << what << ": kept to be validated";
    EXPECT_EQ(kept.terms.stale_if_error_s, 0) << what;
    EXPECT_EQ(kept.terms.stale_while_revalidate_s, 0) << what;
  }
  const auto of = [&](Fields fields) { return terms_of(fields, options); };
  EXPECT_EQ(of({{"Cache-Control", "max-age=1"}}).stale_if_error_s, 600);
  EXPECT_EQ(of({{"Cache-Control", "max-age=60"}, {"Age", "59"}}).stale_while_revalidate_s, 5);
}

TEST(StaleTimes, TheResponsesOwnCountThoughItWasNeverFresh) {
  CacheOptions options;
  options.stale_while_revalidate = 5s;
  const Terms terms = terms_of({{"Cache-Control", "max-age=0, stale-if-error=9"}}, options);
  EXPECT_EQ(terms.stale_if_error_s, 9);
  EXPECT_EQ(terms.stale_while_revalidate_s, 0);
  EXPECT_EQ(terms_of({{"Cache-Control", "s-maxage=0, stale-while-revalidate=9"}}).stale_while_revalidate_s, 9);
}

}  // namespace
}  // namespace tenfold::cache
