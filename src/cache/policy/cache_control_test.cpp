#include "cache/policy/cache_control.hpp"

#include <gtest/gtest.h>

#include "cache/test_requests.hpp"

namespace tenfold::cache {
namespace {

using testing::answer;
using testing::get;

ResponseDirectives read(std::string_view line) {
  ResponseDirectives directives;
  parse_response_directives(line, directives);
  return directives;
}

TEST(CacheControl, ReadsNumbersWithAndWithoutQuotesInAnyCase) {
  EXPECT_EQ(read("max-age=60").max_age, 60);
  EXPECT_EQ(read("Max-Age=60").max_age, 60);
  EXPECT_EQ(read("public , max-age=\"60\"").max_age, 60);
  EXPECT_EQ(read("s-maxage=0").s_maxage, 0);
  EXPECT_EQ(read("stale-while-revalidate=5, stale-if-error=6").stale_while_revalidate, 5);
  EXPECT_EQ(read("stale-while-revalidate=5, stale-if-error=6").stale_if_error, 6);
}

// RFC 9111, 1.2.2 and 4.2.1.
TEST(CacheControl, NumbersTooLargeAreClampedAndUnreadableOnesAreStale) {
  EXPECT_EQ(read("max-age=2147483648").max_age, max_delta_seconds);
  EXPECT_EQ(read("max-age=2147483647").max_age, max_delta_seconds - 1);
  EXPECT_EQ(read("max-age=99999999999999999999999999").max_age, max_delta_seconds);
  for (const char* line : {"max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=abc", "max-age=1 2"}) {
    EXPECT_EQ(read(line).max_age, 0) << line;
  }
}

TEST(CacheControl, OfTwoTheSmallerCounts) {
  EXPECT_EQ(read("max-age=60, max-age=30").max_age, 30);
  EXPECT_EQ(read("max-age=30, max-age=60").max_age, 30);
}

TEST(CacheControl, QualifiedFormsCountAsUnqualified) {
  EXPECT_TRUE(read("private=\"x-user, x-cart\", max-age=60").private_);
  EXPECT_EQ(read("private=\"x-user, max-age=1\", max-age=60").max_age, 60);
  EXPECT_TRUE(read("no-cache=\"set-cookie\"").no_cache);
}

TEST(CacheControl, UnknownDirectivesAndNamesWithinNamesAreNothing) {
  const auto directives = read("x-no-store, no-storey, community=\"UCI\", no store");
  EXPECT_FALSE(directives.no_store);
  EXPECT_FALSE(directives.private_);
}

// By hand, with other than commas between. What forbids counts all the same; of two readings the one that stores less.
TEST(CacheControl, WhatForbidsCountsInMalformedMembersToo) {
  for (const char* line :
       {"private; max-age=0", "max-age=600; private", "max-age=600 private", "max-age=600\tPrivate;", "public; private",
        "private:", "\"private\"", "=private", "x=\"a, private", "x=\"a\" private", "public, max-age=600; PRIVATE"}) {
    EXPECT_TRUE(read(line).private_) << line;
  }
  for (const char* line : {"no-store; no-cache", "no-store no-cache", "max-age=600;no-cache;no-store"}) {
    EXPECT_TRUE(read(line).no_store) << line;
    EXPECT_TRUE(read(line).no_cache) << line;
  }
  EXPECT_EQ(read("public; max-age=600").max_age, 0) << "a time that cannot be read is none";
  EXPECT_EQ(read("must-revalidate; s-maxage=600").s_maxage, 0);
  EXPECT_FALSE(read("public; max-age=600").public_) << "what allows must be well said";
}

TEST(CacheControl, WhatIsWellFormedIsNotTakenApart) {
  for (const char* line : {"community=\"private no-store; no-cache\"", "x=private", "x=\"a\\\" private\"",
                           "x = \"private; y\"", "private-ish; no-storey"}) {
    const auto directives = read(line);
    EXPECT_FALSE(directives.private_ || directives.no_store || directives.no_cache) << line;
  }
  EXPECT_EQ(read("max-age = 60 , public").max_age, 60);
}

// RFC 9213, 2.2 has the void field ignored; what it meant to forbid is not stored for all that.
TEST(CacheControl, WhatForbidsCountsInAVoidTargetedFieldToo) {
  const auto of = [](std::string_view targeted) {
    return binding_directives(answer(200, {{"Cache-Control", "max-age=60"}, {"CDN-Cache-Control", targeted}}).headers);
  };
  EXPECT_TRUE(of("Private").directives.private_);
  EXPECT_TRUE(of("No-Store; x").directives.no_store);
  EXPECT_TRUE(of("max-age=, no-cache").directives.no_cache);
  EXPECT_EQ(of("Max-Age=0").directives.max_age, 60);
}

// RFC 9213, 2.1 and 2.2.
TEST(CacheControl, TargetedFieldBindsInsteadOfCacheControl) {
  using Source = BindingDirectives::Source;
  const auto of = [](std::string_view targeted) {
    return binding_directives(answer(200, {{"Cache-Control", "no-store"}, {"CDN-Cache-Control", targeted}}).headers);
  };
  EXPECT_EQ(of("max-age=60").directives.max_age, 60);
  EXPECT_FALSE(of("max-age=60").directives.no_store);
  EXPECT_EQ(of("max-age=60").source, Source::targeted);
  EXPECT_EQ(of("max-age=60;x=\"a;b\", must-revalidate").directives.must_revalidate, true);
  EXPECT_FALSE(of("max-age=60, must-revalidate=?0").directives.must_revalidate);
  EXPECT_TRUE(of("private=\"a;b\"").directives.private_);
  for (const std::string_view broken :
       {"", " ", "Max-Age=60", "max-age=60, =1", "max-age=", "max-age=6 0", "\"max-age\""}) {
    EXPECT_EQ(of(broken).source, Source::cache_control) << broken;
    EXPECT_TRUE(of(broken).directives.no_store) << broken;
  }
}

TEST(CacheControl, LinesOfOneFieldAreOneList) {
  const auto binding =
      binding_directives(answer(200, {{"Cache-Control", "max-age=60"}, {"cache-control", "private"}}).headers);
  EXPECT_TRUE(binding.directives.private_);
  EXPECT_EQ(binding.directives.max_age, 60);
}

// RFC 9111, 5.4.
TEST(CacheControl, PragmaCountsOnlyWithoutCacheControl) {
  EXPECT_TRUE(request_directives(get("/", {{"Pragma", "no-cache"}}).headers).no_cache);
  EXPECT_FALSE(request_directives(get("/", {{"Pragma", "no-cache"}, {"Cache-Control", "max-age=1"}}).headers).no_cache);
}

TEST(CacheControl, MaxStaleWithoutValueTakesAnything) {
  EXPECT_EQ(request_directives(get("/", {{"Cache-Control", "max-stale"}}).headers).max_stale, max_delta_seconds);
  EXPECT_EQ(request_directives(get("/", {{"Cache-Control", "max-stale=5"}}).headers).max_stale, 5);
}

}  // namespace
}  // namespace tenfold::cache
