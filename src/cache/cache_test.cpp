#include "cache/cache.hpp"

#include <gtest/gtest.h>

#include <string>

#include "cache/cache_fixture.hpp"
#include "cache/reply.hpp"

namespace tenfold::cache {
namespace {

using namespace std::chrono_literals;
using namespace testing;

TEST_F(CacheTest, HitGivesWhatWasStoredUntilItsLifetimeEnds) {
  fill(get("/shoes"), answer(200, {{"Cache-Control", "max-age=60, must-revalidate"}, {"Content-Type", "text/html"}}),
       "shoes");
  clock.advance(59s);
  Found found = look(get("/shoes"));
  const auto* hit = std::get_if<Hit>(&found);
  ASSERT_NE(hit, nullptr);
  EXPECT_EQ(hit->entry->body(), "shoes");
  EXPECT_EQ(hit->age_s, 59);
  EXPECT_EQ(hit->ttl_s, 1);
  EXPECT_EQ(hit->entry->field_block(),
            "Cache-Control: max-age=60, must-revalidate\r\nContent-Type: text/html\r\n"
            "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n");
  clock.advance(1s);
  EXPECT_TRUE(gives<Miss>(get("/shoes")));
}

TEST_F(CacheTest, AnotherQueryIsAnotherKey) {
  fill(get("/s?q=a"), answer(200, {{"Cache-Control", "max-age=60"}}), "a");
  fill(get("/s?q=b"), answer(200, {{"Cache-Control", "max-age=60"}}), "b");
  EXPECT_EQ(body_of(get("/s?q=a")), "a");
  EXPECT_EQ(body_of(get("/s?q=b")), "b");
  EXPECT_TRUE(gives<Miss>(get("/s")));
  EXPECT_TRUE(gives<Miss>(get("/s?")));
  EXPECT_TRUE(gives<Miss>(get("/s?q=a&")));
  EXPECT_TRUE(gives<Miss>(get("/s?q=A")));
}

TEST_F(CacheTest, HostsAreTheSameInAnyCaseAndWithTheSchemesOwnPort) {
  auto request = get("/");
  request.authority = "Shop.Example:443";
  fill(request, answer(200, {{"Cache-Control", "max-age=60"}}), "x");
  EXPECT_TRUE(gives<Hit>(get("/")));
  request.authority = "shop.example:8443";
  EXPECT_TRUE(gives<Miss>(request));
  request.authority = "shop.example";
  request.scheme = "http";
  EXPECT_TRUE(gives<Miss>(request));
}

TEST_F(CacheTest, HeadIsAnsweredFromGetButStoresNothing) {
  const auto head = with_method(http::Method::head, "/");
  EXPECT_TRUE(gives<Bypass>(head));
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "body");
  Found found = look(head);
  const auto* hit = std::get_if<Hit>(&found);
  ASSERT_NE(hit, nullptr);
  const Reply reply = reply_from(*hit->entry, head, 0, {}, clock.wall_now(), arena);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(reply.head.headers.find(http::Field::content_length), "4");
}

TEST_F(CacheTest, OtherMethodsPassAndInvalidateOnSuccess) {
  fill(get("/cart"), answer(200, {{"Cache-Control", "max-age=60"}}), "x");
  fill(get("/total"), answer(200, {{"Cache-Control", "max-age=60"}}), "x");
  fill(get("/list"), answer(200, {{"Cache-Control", "max-age=60"}}), "x");
  const auto post = with_method(http::Method::post, "/cart");
  EXPECT_TRUE(gives<Bypass>(post));
  EXPECT_EQ(cache->invalidate_after(post, answer(500)), 0u);
  EXPECT_EQ(cache->invalidate_after(post, answer(404)), 0u);
  EXPECT_EQ(cache->invalidate_after(get("/cart"), answer(200)), 0u);
  EXPECT_TRUE(gives<Hit>(get("/cart")));
  EXPECT_EQ(cache->invalidate_after(
                post, answer(303, {{"Location", "/total"}, {"Content-Location", "https://shop.example/list#top"}})),
            3u);
  EXPECT_TRUE(gives<Miss>(get("/cart")));
  EXPECT_TRUE(gives<Miss>(get("/total")));
  EXPECT_TRUE(gives<Miss>(get("/list")));
}

TEST_F(CacheTest, AnUnsafeAnswerCannotInvalidateAnotherHost) {
  auto other = get("/x");
  other.authority = "shop.example.net";
  fill(other, answer(200, {{"Cache-Control", "max-age=60"}}), "x");
  const auto post = with_method(http::Method::post, "/cart");
  EXPECT_EQ(cache->invalidate_after(post, answer(201, {{"Location", "https://shop.example.net/x"}})), 0u);
  EXPECT_EQ(cache->invalidate_after(post, answer(201, {{"Location", "//shop.example.net/x"}})), 0u);
  EXPECT_TRUE(gives<Hit>(other));
}

TEST_F(CacheTest, VariantsAreToldApartByTheFieldsOfVary) {
  const auto response = answer(200, {{"Cache-Control", "max-age=60"}, {"Vary", "Accept-Encoding"}});
  fill(get("/", {{"Accept-Encoding", "gzip, br"}}), response, "compressed");
  fill(get("/"), response, "plain");
  EXPECT_EQ(body_of(get("/", {{"Accept-Encoding", "br;q=0.9,  GZIP"}})), "compressed");
  EXPECT_EQ(body_of(get("/", {{"Accept-Encoding", "br, gzip, sdch"}})), "compressed");
  EXPECT_EQ(body_of(get("/")), "plain");
  Found found = look(get("/", {{"Accept-Encoding", "gzip"}}));
  ASSERT_TRUE(std::holds_alternative<Miss>(found));
  EXPECT_EQ(std::get<Miss>(found).forward, Forward::vary_miss);
}

TEST_F(CacheTest, ALaterVaryTellsMoreApartAndForgetsTheCoarseVariants) {
  fill(get("/", {{"Cookie", "a"}}), answer(200, {{"Cache-Control", "max-age=60"}}), "for all");
  clock.advance(61s);
  fill(get("/", {{"Accept-Language", "de"}}),
       answer(200, {{"Cache-Control", "max-age=60"}, {"Vary", "Accept-Language"}}), "deutsch");
  EXPECT_EQ(body_of(get("/", {{"Accept-Language", "de"}})), "deutsch");
  EXPECT_TRUE(gives<Miss>(get("/", {{"Accept-Language", "en"}})));
  EXPECT_EQ(cache->snapshot().entries, 1u);
}

// An origin that compresses without a word of Vary (nginx by default): nobody is given a coding that he does not take.
TEST_F(CacheTest, ACodedAnswerWithoutVaryIsForThoseWhoTakeTheCoding) {
  const auto plain = answer(200, {{"Cache-Control", "max-age=60"}});
  const auto coded = answer(200, {{"Cache-Control", "max-age=60"}, {"Content-Encoding", "gzip"}});
  const auto takes_gzip = get("/", {{"Accept-Encoding", "gzip"}});
  fill(takes_gzip, coded, "gzipped");
  EXPECT_EQ(body_of(takes_gzip), "gzipped");
  EXPECT_TRUE(gives<Miss>(get("/")));
  EXPECT_TRUE(gives<Miss>(get("/", {{"Accept-Encoding", "identity"}})));
  fill(get("/"), plain, "plain");
  EXPECT_EQ(body_of(get("/")), "plain");
  EXPECT_EQ(body_of(takes_gzip), "gzipped") << "both are kept";
  EXPECT_FALSE(fill(get("/", {{"Accept-Encoding", "br"}}), coded, "gzipped")) << "it was not asked for";
}

TEST_F(CacheTest, APlainAnswerIsForAllUntilACodedOneTellsThemApart) {
  const auto plain = answer(200, {{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
  const auto takes_gzip = get("/", {{"Accept-Encoding", "gzip"}});
  fill(get("/"), plain, "plain");
  EXPECT_EQ(body_of(takes_gzip), "plain");
  clock.advance(60s);
  fill(takes_gzip, answer(200, {{"Cache-Control", "max-age=60"}, {"Content-Encoding", "gzip"}, {"ETag", "W/\"a\""}}),
       "gzipped");
  EXPECT_EQ(body_of(takes_gzip), "gzipped");
  EXPECT_TRUE(gives<Miss>(get("/")));
  fill(get("/"), plain, "plain");
  EXPECT_EQ(body_of(get("/")), "plain");
  // A 304 brings up to date the one that was asked about.
  clock.advance(60s);
  fill(takes_gzip, answer(304, {{"Cache-Control", "max-age=60"}, {"ETag", "W/\"a\""}}), "");
  EXPECT_EQ(body_of(takes_gzip), "gzipped");
  EXPECT_TRUE(gives<Miss>(get("/")));
}

TEST_F(CacheTest, VaryStarIsNeverStored) {
  EXPECT_FALSE(fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}, {"Vary", "Accept, *"}}), "x"));
  EXPECT_EQ(last_verdict, FillVerdict::pass);
  EXPECT_EQ(cache->snapshot().entries, 0u);
}

TEST_F(CacheTest, VariantsOfOneKeyAreBounded) {
  const auto response = answer(200, {{"Cache-Control", "max-age=60"}, {"Vary", "X-Kind"}});
  std::vector<std::string> kinds;
  for (int i = 0; i < 40; ++i) kinds.push_back("kind" + std::to_string(i));
  for (const std::string& kind : kinds) fill(get("/", {{"X-Kind", kind}}), response, kind);
  EXPECT_EQ(cache->snapshot().entries, options.max_variants);
  EXPECT_TRUE(gives<Hit>(get("/", {{"X-Kind", "kind39"}})));
  EXPECT_TRUE(gives<Hit>(get("/", {{"X-Kind", "kind24"}})));
  EXPECT_TRUE(gives<Miss>(get("/", {{"X-Kind", "kind23"}})));
}

TEST_F(CacheTest, StaleIsValidatedAndA304RenewsTheHead) {
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}, {"X-Old", "1"}}), "body");
  clock.advance(61s);
  Found found = look(get("/", {{"If-None-Match", "\"clients\""}, {"Range", "bytes=0-1"}}));
  auto* miss = std::get_if<Miss>(&found);
  ASSERT_NE(miss, nullptr);
  EXPECT_EQ(miss->forward, Forward::stale);
  auto upstream = get("/", {{"If-None-Match", "\"clients\""}, {"Range", "bytes=0-1"}});
  miss->fill.prepare(upstream);
  EXPECT_EQ(upstream.headers.find(http::Field::if_none_match), "\"a\"");
  EXPECT_FALSE(upstream.headers.has(http::Field::range));
  const auto renewed = complete(miss->fill, get("/"),
                                answer(304, {{"ETag", "\"a\""}, {"Cache-Control", "max-age=30"}, {"X-New", "2"}}), "");
  EXPECT_EQ(last_verdict, FillVerdict::not_modified);
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->body(), "body");
  EXPECT_EQ(renewed->field_block(),
            "X-Old: 1\r\nETag: \"a\"\r\nCache-Control: max-age=30\r\nX-New: 2\r\n"
            "Date: Thu, 01 Jan 2026 00:01:01 GMT\r\n");
  clock.advance(29s);
  EXPECT_TRUE(gives<Hit>(get("/")));
  clock.advance(1s);
  EXPECT_TRUE(gives<Miss>(get("/")));
  EXPECT_EQ(cache->snapshot().validated, 1u);
}

TEST_F(CacheTest, A304AboutAnotherRepresentationAsksAgain) {
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}}), "body");
  clock.advance(61s);
  Found found = look(get("/"));
  Fill& fill = std::get<Miss>(found).fill;
  EXPECT_EQ(fill.head(get("/"), answer(304, {{"ETag", "\"b\""}}), {}, now()), FillVerdict::refetch);
  auto upstream = get("/");
  fill.prepare(upstream);
  EXPECT_FALSE(upstream.headers.has(http::Field::if_none_match));
  EXPECT_TRUE(complete(fill, get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "new"));
  EXPECT_EQ(body_of(get("/")), "new");
}

TEST_F(CacheTest, StaleWhileRevalidateServesAtOnceAndOneRefreshes) {
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60, stale-while-revalidate=30"}}), "old");
  clock.advance(60s);
  Found first = look(get("/"));
  ASSERT_TRUE(std::holds_alternative<Stale>(first));
  EXPECT_EQ(std::get<Stale>(first).reason, Stale::Reason::while_revalidating);
  Fill& refresh = std::get<Stale>(first).refresh;
  ASSERT_TRUE(refresh);
  Found second = look(get("/"));
  ASSERT_TRUE(std::holds_alternative<Stale>(second));
  EXPECT_FALSE(std::get<Stale>(second).refresh);
  complete(refresh, get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "new");
  EXPECT_EQ(body_of(get("/")), "new");
}

TEST_F(CacheTest, AfterStaleWhileRevalidateTheOriginIsAsked) {
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60, stale-while-revalidate=30"}}), "old");
  clock.advance(89s);
  EXPECT_TRUE(gives<Stale>(get("/")));
  clock.advance(1s);
  EXPECT_TRUE(gives<Miss>(get("/")));
}

TEST_F(CacheTest, ARefreshThatWasGivenUpIsTakenByTheNext) {
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60, stale-while-revalidate=30"}}), "old");
  clock.advance(60s);
  { Found found = look(get("/")); }
  Found found = look(get("/"));
  EXPECT_TRUE(std::get<Stale>(found).refresh);
}

TEST_F(CacheTest, StaleIfErrorKeepsTheShopWindowLit) {
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "window");
  clock.advance(60s);
  {
    Found found = look(get("/"));
    ASSERT_TRUE(std::holds_alternative<Miss>(found));
    const EntryPtr stale = std::get<Miss>(found).fill.fail();
    ASSERT_TRUE(stale);
    EXPECT_EQ(stale->body(), "window");
  }
  // From now on nobody waits for the dead origin; one asks it every two seconds, in the background.
  Found at_once = look(get("/"));
  ASSERT_TRUE(std::holds_alternative<Stale>(at_once));
  EXPECT_EQ(std::get<Stale>(at_once).reason, Stale::Reason::origin_failed);
  EXPECT_FALSE(std::get<Stale>(at_once).refresh);
  clock.advance(2s);
  Found later = look(get("/"));
  ASSERT_TRUE(std::get<Stale>(later).refresh);
  complete(std::get<Stale>(later).refresh, get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "lit again");
  EXPECT_EQ(body_of(get("/")), "lit again");
}

TEST_F(CacheTest, StaleIfErrorEndsWithItsTime) {
  options.stale_if_error = 10min;
  remake();
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "window");
  clock.advance(60s + 10min - 1s);
  Found just_in_time = look(get("/"));
  EXPECT_TRUE(std::get<Miss>(just_in_time).fill.fail());
  just_in_time = Bypass{};
  clock.advance(1s);
  Found too_late = look(get("/"));
  ASSERT_TRUE(std::holds_alternative<Miss>(too_late));
  EXPECT_FALSE(std::get<Miss>(too_late).fill.fail());
}

TEST_F(CacheTest, AnErrorAnswerIsReplacedByTheStaleEntry) {
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "good");
  clock.advance(60s);
  Found found = look(get("/"));
  Fill& fill = std::get<Miss>(found).fill;
  EXPECT_EQ(fill.head(get("/"), answer(503, {{"Cache-Control", "max-age=60"}}), known(0), now()),
            FillVerdict::serve_stale);
  ASSERT_TRUE(fill.stale());
  EXPECT_EQ(fill.fail(), fill.stale());
  EXPECT_EQ(body_of(get("/")), "good");
}

// A page of who is signed in, marked by a lifetime of zero: whatever the owner's stale times are, it is that visitor's.
TEST_F(CacheTest, WhatWasNeverFreshIsShownToNobodyElse) {
  options.stale_if_error = 10min;
  options.stale_while_revalidate = 30s;
  options.stale_after_s_maxage = StaleAfterSMaxage::allowed;
  options.client_directives = ClientDirectives::revalidate;
  remake();
  const auto alice = [](std::string_view target) { return get(target, {{"Cookie", "session=alice"}}); };
  for (const Fields& fields : {Fields{{"Cache-Control", "max-age=0"}, {"ETag", "\"alice\""}},
                               Fields{{"Cache-Control", "s-maxage=0, max-age=600"}, {"ETag", "\"alice\""}},
                               Fields{{"Expires", "0"}, {"Pragma", "no-cache"}, {"ETag", "\"alice\""}},
                               Fields{{"Expires", "Thu, 19 Nov 1981 08:52:00 GMT"}, {"ETag", "\"alice\""}}}) {
    ASSERT_TRUE(fill(alice("/account"), answer(200, fields), "orders of alice"));
    const auto mallory = get("/account", {{"Cookie", "session=mallory"}, {"Cache-Control", "max-stale"}});
    for (const http::RequestHead& request : {get("/account"), mallory}) {
      Found found = look(request);
      ASSERT_TRUE(std::holds_alternative<Miss>(found));
      Fill& fetch = std::get<Miss>(found).fill;
      EXPECT_TRUE(fetch.stored()) << "to be validated";
      EXPECT_FALSE(fetch.stale());
      EXPECT_EQ(fetch.head(request, answer(500), known(0), now()), FillVerdict::pass);
      EXPECT_FALSE(fetch.fail());
    }
    EXPECT_TRUE(gives<Miss>(get("/account"))) << "after a failure too";
  }
  EXPECT_EQ(cache->snapshot().stale_hits, 0u);
}

TEST_F(CacheTest, WhatCanNeitherBeShownNorValidatedCostsNoMemory) {
  EXPECT_FALSE(fill(get("/"), answer(200, {{"Cache-Control", "max-age=0"}}), "x"));
  EXPECT_EQ(last_verdict, FillVerdict::pass);
  EXPECT_EQ(cache->snapshot().entries, 0u);
}

// The page of all stands in for a failing origin: no signed-in visitor's own, kept to be validated, takes its place.
TEST_F(CacheTest, WhatCannotBeShownDisplacesNoPageThatCan) {
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}, {"ETag", "\"all\""}}), "window");
  clock.advance(60s);
  const auto alice = get("/", {{"Cookie", "session=alice"}});
  const auto of_alice = answer(200, {{"Cache-Control", "max-age=0"}, {"ETag", "\"alice\""}});
  EXPECT_FALSE(fill(alice, of_alice, "alice's"));
  EXPECT_EQ(last_verdict, FillVerdict::pass);
  {
    Found found = look(get("/"));
    const EntryPtr stale = std::get<Miss>(found).fill.stale();
    ASSERT_TRUE(stale);
    EXPECT_EQ(stale->body(), "window");
  }
  clock.advance(options.stale_if_error);
  EXPECT_TRUE(fill(alice, of_alice, "alice's")) << "what is past its stale time too makes way";
}

TEST_F(CacheTest, MustRevalidateIsNeverServedStale) {
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60, must-revalidate"}}), "x");
  clock.advance(60s);
  Found found = look(get("/"));
  EXPECT_FALSE(std::get<Miss>(found).fill.fail());
  EXPECT_TRUE(gives<Miss>(get("/")));
}

TEST_F(CacheTest, RangeOnAMissPassesAndStoresNothing) {
  Found found = look(get("/video", {{"Range", "bytes=0-9"}}));
  ASSERT_TRUE(std::holds_alternative<Bypass>(found));
  fill(get("/video"), answer(200, {{"Cache-Control", "max-age=60"}}), "0123456789");
  EXPECT_TRUE(gives<Hit>(get("/video", {{"Range", "bytes=0-9"}})));
}

TEST_F(CacheTest, PartialAnswersAreNeverStored) {
  EXPECT_FALSE(fill(get("/a"), answer(206, {{"Cache-Control", "max-age=60"}, {"Content-Range", "bytes 0-1/9"}}), "ab"));
  EXPECT_FALSE(fill(get("/b"), answer(200, {{"Cache-Control", "max-age=60"}, {"Content-Range", "bytes 0-1/9"}}), "ab"));
  EXPECT_EQ(cache->snapshot().entries, 0u);
}

TEST_F(CacheTest, AuthorizedRequestsShareOnlyWhatAllowsIt) {
  const auto with_password = [](std::string_view target) { return get(target, {{"Authorization", "Basic x"}}); };
  EXPECT_FALSE(fill(with_password("/a"), answer(200, {{"Cache-Control", "max-age=60"}}), "secret"));
  EXPECT_TRUE(fill(with_password("/b"), answer(200, {{"Cache-Control", "public, max-age=60"}}), "open"));
  EXPECT_TRUE(gives<Hit>(get("/b")));
  EXPECT_TRUE(gives<Hit>(with_password("/b")));
  fill(get("/c"), answer(200, {{"Cache-Control", "max-age=60"}}), "for others");
  EXPECT_TRUE(gives<Miss>(with_password("/c")));
}

// What an origin says to a password, a wrong one too, is no word about the page of all.
TEST_F(CacheTest, WhatComesToAPasswordDisplacesNoPageThatCanBeShown) {
  fill(get("/"), answer(200, {{"Cache-Control", "public, max-age=60"}, {"ETag", "\"all\""}}), "window");
  clock.advance(60s);
  const auto authorized = get("/", {{"Authorization", "Basic x"}});
  EXPECT_FALSE(fill(authorized, answer(200, {{"Cache-Control", "public, max-age=0"}, {"ETag", "\"x\""}}), "x's"));
  EXPECT_FALSE(fill(authorized, answer(200, {{"Cache-Control", "private"}}), "x's"));
  Found found = look(get("/"));
  const EntryPtr stale = std::get<Miss>(found).fill.stale();
  ASSERT_TRUE(stale);
  EXPECT_EQ(stale->body(), "window");
}

TEST_F(CacheTest, AnUncacheableUrlIsFetchedByEachForItself) {
  EXPECT_FALSE(fill(get("/cart"), answer(200, {{"Set-Cookie", "id=1"}}), "cart"));
  Found first = look(get("/cart"));
  Found second = look(get("/cart"));
  EXPECT_TRUE(std::holds_alternative<Miss>(first));
  EXPECT_TRUE(std::holds_alternative<Miss>(second));
  clock.advance(options.hit_for_miss);
  Found third = look(get("/cart"));
  Found fourth = look(get("/cart"));
  EXPECT_TRUE(std::holds_alternative<Miss>(third));
  EXPECT_TRUE(std::holds_alternative<Wait>(fourth));
}

TEST_F(CacheTest, ABodyThatOutgrowsTheCacheIsPassedOn) {
  options.max_object_bytes = 100;
  remake();
  Found found = look(get("/big"));
  Fill& fill = std::get<Miss>(found).fill;
  ASSERT_EQ(fill.head(get("/big"), answer(200, {{"Cache-Control", "max-age=60"}}), unknown(), now()),
            FillVerdict::store);
  EXPECT_TRUE(fill.body(std::string(100, 'x')));
  EXPECT_FALSE(fill.body("y"));
  EXPECT_EQ(fill.refusal(), Refusal::too_large);
  EXPECT_FALSE(fill.finish());
  EXPECT_TRUE(gives<Miss>(get("/big")));
  const std::string body(101, 'x');
  EXPECT_FALSE(this->fill(get("/big2"), answer(200, {{"Cache-Control", "max-age=60"}}), body));
  EXPECT_TRUE(this->fill(get("/fits"), answer(200, {{"Cache-Control", "max-age=60"}}), body.substr(1)));
}

TEST_F(CacheTest, PurgeForgetsAllVariantsOfOneUri) {
  const auto response = answer(200, {{"Cache-Control", "max-age=60"}, {"Vary", "Accept-Language"}});
  fill(get("/a", {{"Accept-Language", "de"}}), response, "de");
  fill(get("/a", {{"Accept-Language", "en"}}), response, "en");
  fill(get("/a?b"), response, "other");
  EXPECT_EQ(cache->purge("HTTPS://Shop.example:443/a"), 2u);
  EXPECT_EQ(cache->purge("https://shop.example/a"), 0u);
  EXPECT_TRUE(gives<Hit>(get("/a?b")));
  EXPECT_EQ(cache->purge("/a").error().code, Errc::invalid);
}

TEST_F(CacheTest, PurgeByPrefixStopsAtTheHost) {
  const auto response = answer(200, {{"Cache-Control", "max-age=60"}});
  std::vector<std::string> targets;
  for (int i = 0; i < 3000; ++i) targets.push_back((i % 3 == 0 ? "/pictures/" : "/pages/") + std::to_string(i));
  for (const std::string& target : targets) fill(get(target), response, "x");
  auto neighbour = get("/pictures/1");
  neighbour.authority = "shop.example.net";
  fill(neighbour, response, "x");
  EXPECT_EQ(cache->purge_prefix("https://shop.example/pictures/"), 1000u);
  EXPECT_EQ(cache->purge_prefix("https://shop.example"), 2000u);
  EXPECT_EQ(cache->snapshot().entries, 1u);
  EXPECT_EQ(cache->snapshot().purged, 3000u);
}

TEST_F(CacheTest, AFetchThatBeganBeforeAPurgeIsNotStored) {
  Found found = look(get("/a"));
  EXPECT_EQ(cache->purge("https://shop.example/a"), 0u);
  EXPECT_TRUE(complete(std::get<Miss>(found).fill, get("/a"), answer(200, {{"Cache-Control", "max-age=60"}}), "old"));
  EXPECT_TRUE(gives<Miss>(get("/a")));

  Found by_prefix = look(get("/b"));
  EXPECT_EQ(cache->purge_prefix("https://shop.example/"), 0u);
  complete(std::get<Miss>(by_prefix).fill, get("/b"), answer(200, {{"Cache-Control", "max-age=60"}}), "old");
  EXPECT_TRUE(gives<Miss>(get("/b")));
}

TEST_F(CacheTest, OnlyIfCachedNeverReachesTheOrigin) {
  const auto request = get("/", {{"Cache-Control", "only-if-cached"}});
  Found found = look(request);
  ASSERT_TRUE(std::holds_alternative<Unavailable>(found));
  EXPECT_EQ(std::get<Unavailable>(found).reason, Unavailable::Reason::only_if_cached);
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "x");
  EXPECT_TRUE(gives<Hit>(request));
}

TEST_F(CacheTest, AFloodOfNoCacheStaysWithTheShield) {
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "x");
  const auto reload = get("/", {{"Cache-Control", "no-cache"}, {"Pragma", "no-cache"}});
  EXPECT_TRUE(gives<Hit>(reload));
  options.client_directives = ClientDirectives::revalidate;
  remake();
  fill(get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "x");
  Found first = look(reload);
  EXPECT_TRUE(std::holds_alternative<Miss>(first));
  EXPECT_TRUE(gives<Wait>(reload));
}

TEST_F(CacheTest, RefusesKeysThatCouldPassForOthers) {
  auto request = get("/b");
  for (const std::string_view authority :
       {"shop.example/a", "shop.example?", "user@shop.example", "shop example", "a#b"}) {
    request.authority = authority;
    EXPECT_FALSE(cache->key_of(request, arena)) << authority;
  }
  EXPECT_FALSE(cache->key_of(get("*"), arena));
}

TEST_F(CacheTest, AllMemoryComesBack) {
  const std::size_t at_rest = cache->snapshot().bytes;
  for (int i = 0; i < 40; ++i) {
    fill(get("/a"), answer(200, {{"Cache-Control", "max-age=60"}}), "body");
    cache->purge("https://shop.example/a");
  }
  // One shard's table has grown to its first size and stays.
  EXPECT_LT(cache->snapshot().bytes, at_rest + 2048);
  { Found given_up = look(get("/b")); }
  { Found given_up = look(get("/b")); }
  EXPECT_LT(cache->snapshot().bytes, at_rest + 2048);
}

}  // namespace
}  // namespace tenfold::cache
