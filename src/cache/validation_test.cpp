// What a 304 does to what is stored (RFC 9111, 4.3.4), and what a client's own does not.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/cache_fixture.hpp"
#include "cache/policy/reuse.hpp"
#include "cache/reply.hpp"

namespace tenfold::cache {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using http::Field;

class ValidationTest : public CacheTest {
 protected:
  // Stored with the ETag "a", and stale by now.
  void store_and_age(Fields fields) {
    fill(get("/"), answer(200, fields), "body");
    clock.advance(61s);
  }
  // The entry that the one who asked is answered from.
  EntryPtr validated(Fill& fill, const http::RequestHead& request, Fields not_modified) {
    last_verdict = fill.head(request, answer(304, not_modified), {}, now());
    return fill.finish();
  }
  EntryPtr validate(const http::RequestHead& request, Fields not_modified) {
    Found found = look(request);
    auto* miss = std::get_if<Miss>(&found);
    EXPECT_NE(miss, nullptr) << "index " << found.index();
    return miss == nullptr ? EntryPtr() : validated(miss->fill, request, not_modified);
  }
  static bool has(const EntryPtr& entry, std::string_view line) {
    return entry->field_block().find(std::string(line) + "\r\n") != std::string_view::npos;
  }
};

TEST_F(ValidationTest, ARefreshAnsweredAboutSomethingElseAsksAgainWithoutConditions) {
  struct Case {
    std::string_view field, stored, told;
  };
  for (const Case& each :
       {Case{"ETag", "\"a\"", "\"b\""}, Case{"ETag", "\"a\"", "W/\"b\""}, Case{"ETag", "W/\"a\"", "\"a\""},
        Case{"Last-Modified", "Wed, 31 Dec 2025 15:00:00 GMT", "Wed, 31 Dec 2025 14:00:00 GMT"},
        Case{"Last-Modified", "Wed, 31 Dec 2025 15:00:00 GMT", "yesterday"}}) {
    remake();
    fill(get("/"), answer(200, {{"Cache-Control", "max-age=60, stale-while-revalidate=60"}, {each.field, each.stored}}),
         "old");
    clock.advance(61s);
    Found found = look(get("/"));
    Fill& refresh = std::get<Stale>(found).refresh;
    ASSERT_TRUE(refresh);
    EXPECT_EQ(refresh.head(get("/"), answer(304, {{each.field, each.told}}), {}, now()), FillVerdict::refetch)
        << each.told;
    auto upstream = get("/");
    refresh.prepare(upstream);
    EXPECT_FALSE(upstream.headers.has(Field::if_none_match) || upstream.headers.has(Field::if_modified_since));
    EXPECT_EQ(body_of(get("/")), "(not stored)");
    complete(refresh, get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "new");
    EXPECT_EQ(body_of(get("/")), "new");
  }
}

TEST_F(ValidationTest, WhateverComesAfterTheEntryWentIsSurvived) {
  const auto refetching = [&](auto&& then) {
    remake();
    store_and_age({{"Cache-Control", "max-age=60, stale-while-revalidate=60"}, {"ETag", "\"a\""}});
    Found found = look(get("/"));
    Fill& refresh = std::get<Stale>(found).refresh;
    EXPECT_EQ(refresh.head(get("/"), answer(304, {{"ETag", "\"b\""}}), {}, now()), FillVerdict::refetch);
    then(refresh);
    EXPECT_FALSE(refresh.stale());
  };
  refetching([](Fill&) {});
  refetching([](Fill& refresh) { EXPECT_FALSE(refresh.fail()); });
  refetching(
      [&](Fill& refresh) { EXPECT_EQ(refresh.head(get("/"), answer(500), known(0), now()), FillVerdict::pass); });
  refetching([&](Fill& refresh) { EXPECT_EQ(refresh.head(get("/"), answer(304), {}, now()), FillVerdict::unusable); });
  refetching([&](Fill& refresh) {
    EXPECT_EQ(refresh.head(get("/"), answer(200, {{"Cache-Control", "no-store"}}), known(0), now()), FillVerdict::pass);
  });
}

TEST_F(ValidationTest, A304ToNoConditionsIsNotPassedOff) {
  Found found = look(get("/"));
  Fill& fill = std::get<Miss>(found).fill;
  EXPECT_EQ(fill.head(get("/"), answer(304, {{"Cache-Control", "max-age=60"}}), {}, now()), FillVerdict::unusable);
  EXPECT_FALSE(fill.finish());
  EXPECT_EQ(cache->snapshot().entries, 0u);
}

TEST_F(ValidationTest, NewTermsThatForbidKeepingAreObeyedAndTold) {
  for (const std::string_view terms : {"no-store", "private", "private, max-age=60"}) {
    remake();
    store_and_age({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
    const EntryPtr given = validate(get("/"), {{"Cache-Control", terms}});
    ASSERT_TRUE(given);
    EXPECT_EQ(given->body(), "body");
    EXPECT_TRUE(has(given, "Cache-Control: " + std::string(terms)));
    EXPECT_FALSE(has(given, "Cache-Control: max-age=60"));
    EXPECT_EQ(cache->snapshot().entries, 0u) << terms;
  }
}

TEST_F(ValidationTest, ANewVaryTellsVariantsApartFromThenOn) {
  store_and_age({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
  validate(get("/", {{"Accept-Language", "de"}}), {{"ETag", "\"a\""}, {"Vary", "Accept-Language"}});
  EXPECT_TRUE(gives<Hit>(get("/", {{"Accept-Language", "de"}})));
  EXPECT_TRUE(gives<Miss>(get("/", {{"Accept-Language", "en"}})));
  EXPECT_TRUE(gives<Miss>(get("/")));
  EXPECT_EQ(cache->snapshot().entries, 1u);
}

TEST_F(ValidationTest, AVaryByEverythingOrByTheClientEndsTheKeeping) {
  for (const std::string_view vary : {"*", "Accept, *", "X-Forwarded-For"}) {
    remake();
    store_and_age({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
    EXPECT_TRUE(validate(get("/"), {{"ETag", "\"a\""}, {"Vary", vary}}));
    EXPECT_EQ(cache->snapshot().entries, 0u) << vary;
  }
}

TEST_F(ValidationTest, AnAnswerThatMayNotBeKeptEndsWhatIsStored) {
  for (const std::string_view control : {"no-store", "private", "max-age=60"}) {
    remake();
    store_and_age({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
    fill(get("/"), answer(200, {{"Cache-Control", control}, {"Vary", "*"}}), "x");
    EXPECT_EQ(cache->snapshot().entries, 0u) << control;
  }
}

// Two validations at once, on two connections: which was said last nobody knows, and the one that forbids holds.
TEST_F(ValidationTest, AValidationThatBeganBeforeThePageWasForbiddenBringsItNotBack) {
  for (const std::string_view control : {"private", "no-store"}) {
    remake();
    store_and_age({{"Cache-Control", "no-cache"}, {"ETag", "\"a\""}});
    Found forbidden = look(get("/"));
    Found before = look(get("/"));
    ASSERT_TRUE(std::holds_alternative<Miss>(forbidden) && std::holds_alternative<Miss>(before));
    Found renews = look(get("/"));
    validated(std::get<Miss>(renews).fill, get("/"), {{"ETag", "\"a\""}, {"Cache-Control", "max-age=9"}});
    EXPECT_EQ(cache->snapshot().entries, 1u);
    validated(std::get<Miss>(forbidden).fill, get("/"), {{"ETag", "\"a\""}, {"Cache-Control", control}});
    EXPECT_EQ(cache->snapshot().entries, 0u) << control << ", of what was renewed meanwhile";
    EXPECT_TRUE(validated(std::get<Miss>(before).fill, get("/"), {{"ETag", "\"a\""}, {"Cache-Control", "max-age=9"}}));
    EXPECT_EQ(cache->snapshot().entries, 0u) << control;
  }
}

// The same when one of the two hears that the origin has something else by now.
TEST_F(ValidationTest, AValidationThatBeganBeforeThePageWasAnotherBringsItNotBack) {
  store_and_age({{"Cache-Control", "no-cache"}, {"ETag", "\"a\""}});
  Found other = look(get("/"));
  Found before = look(get("/"));
  Found renews = look(get("/"));
  validated(std::get<Miss>(renews).fill, get("/"), {{"ETag", "\"a\""}, {"Cache-Control", "max-age=9"}});
  Fill& refetching = std::get<Miss>(other).fill;
  EXPECT_EQ(refetching.head(get("/"), answer(304, {{"ETag", "\"b\""}}), {}, now()), FillVerdict::refetch);
  EXPECT_EQ(cache->snapshot().entries, 0u);
  validated(std::get<Miss>(before).fill, get("/"), {{"ETag", "\"a\""}, {"Cache-Control", "max-age=9"}});
  EXPECT_EQ(cache->snapshot().entries, 0u);
  complete(refetching, get("/"), answer(200, {{"Cache-Control", "max-age=60"}, {"ETag", "\"b\""}}), "new");
  EXPECT_EQ(body_of(get("/")), "new");
}

TEST_F(ValidationTest, ACookieIsNotStoredNorTheEntryRenewedByIt) {
  store_and_age({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
  const EntryPtr given = validate(get("/"), {{"ETag", "\"a\""}, {"Set-Cookie", "id=1"}});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->body(), "body");
  EXPECT_EQ(given->field_block().find("id=1"), std::string_view::npos);
  EXPECT_TRUE(gives<Miss>(get("/")));
  EXPECT_EQ(cache->snapshot().entries, 1u);
}

TEST_F(ValidationTest, WhatDescribesTheBodyStays) {
  store_and_age({{"Cache-Control", "max-age=60"},
                 {"ETag", "\"a\""},
                 {"Content-Type", "text/html"},
                 {"Content-Encoding", "gzip"}});
  const EntryPtr given = validate(get("/"), {{"Content-Length", "0"},
                                             {"Content-Type", "text/plain"},
                                             {"Content-Encoding", "br"},
                                             {"Content-Range", "bytes 0-0/1"},
                                             {"Transfer-Encoding", "chunked"},
                                             {"Connection", "X-Hop"},
                                             {"X-Hop", "1"},
                                             {"Tenfold-Queue", "1"},
                                             {"X-New", "1"}});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->body(), "body");
  EXPECT_EQ(given->field_block(),
            "Cache-Control: max-age=60\r\nETag: \"a\"\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
            "X-New: 1\r\nDate: Thu, 01 Jan 2026 00:01:01 GMT\r\n");
  EXPECT_TRUE(gives<Hit>(get("/")));
}

TEST_F(ValidationTest, ARefreshThatMayNotBeKeptIsNotTriedAgainAtOnce) {
  store_and_age({{"Cache-Control", "max-age=60, stale-while-revalidate=600"}, {"ETag", "\"a\""}});
  Found found = look(get("/"));
  validated(std::get<Stale>(found).refresh, get("/"), {{"ETag", "\"a\""}, {"Set-Cookie", "id=1"}});
  Found soon = look(get("/"));
  EXPECT_FALSE(std::get<Stale>(soon).refresh);
  clock.advance(options.retry_failed_refresh);
  Found later = look(get("/"));
  EXPECT_TRUE(std::get<Stale>(later).refresh);
}

TEST_F(ValidationTest, APurgeDuringAValidationHolds) {
  store_and_age({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
  Found found = look(get("/"));
  ASSERT_TRUE(cache->purge("https://shop.example/"));
  EXPECT_TRUE(validated(std::get<Miss>(found).fill, get("/"), {{"ETag", "\"a\""}}));
  EXPECT_EQ(cache->snapshot().entries, 0u);
}

// ---- what one client brings must not spoil it for the others ----

TEST_F(ValidationTest, AnErrorThatBlamesTheRequestIsNeitherKeptNorRemembered) {
  for (const int status : {400, 406, 408, 411, 412, 413, 414, 415, 416, 417, 421, 422, 425, 426, 428, 429, 431, 511}) {
    remake();
    store_and_age({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
    Found found = look(get("/"));
    EXPECT_EQ(
        std::get<Miss>(found).fill.head(get("/"), answer(status, {{"Cache-Control", "max-age=60"}}), known(0), now()),
        FillVerdict::pass);
    EXPECT_EQ(cache->snapshot().entries, 1u) << status;
    Found first = look(get("/"));
    EXPECT_TRUE(gives<Wait>(get("/"))) << status << ": still shared";
  }
}

TEST_F(ValidationTest, WhoIsNotLetInTakesNothingAwayFromOthers) {
  for (const int status : {401, 402, 403, 407, 423, 451, 302, 303, 307}) {
    remake();
    store_and_age({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
    Found found = look(get("/"));
    EXPECT_EQ(std::get<Miss>(found).fill.head(get("/"), answer(status, {}), known(0), now()), FillVerdict::pass);
    EXPECT_EQ(cache->snapshot().entries, 1u) << status << ": it stands in when the origin is gone";
  }
}

TEST_F(ValidationTest, APageThatIsGoneIsForgotten) {
  for (const int status : {404, 410, 301}) {
    remake();
    store_and_age({{"Cache-Control", "max-age=60"}, {"ETag", "\"a\""}});
    Found found = look(get("/"));
    EXPECT_EQ(
        std::get<Miss>(found).fill.head(get("/"), answer(status, {{"Cache-Control", "no-store"}}), known(0), now()),
        FillVerdict::pass);
    EXPECT_EQ(cache->snapshot().entries, 0u) << status;
  }
}

TEST_F(ValidationTest, WhatOneClientMayNotShareIsStillSharedByOthers) {
  const std::string long_value(2000, 'x');
  const auto spoil = [&](const http::RequestHead& request, Fields fields) {
    Found found = look(request);
    EXPECT_EQ(std::get<Miss>(found).fill.head(request, answer(200, fields), known(1), now()), FillVerdict::pass);
  };
  spoil(get("/", {{"Authorization", "Basic x"}}), {{"Cache-Control", "max-age=60"}});
  spoil(get("/", {{"X-Kind", long_value}}), {{"Cache-Control", "max-age=60"}, {"Vary", "X-Kind"}});
  Found first = look(get("/"));
  EXPECT_TRUE(gives<Wait>(get("/")));
}

TEST_F(ValidationTest, AnOutsizedRequestIsAnsweredForItselfAlone) {
  const std::string large(max_head_bytes, 'x');
  const auto odd = get("/", {{"Cookie", large}});
  Found found = look(odd);
  EXPECT_FALSE(complete(std::get<Miss>(found).fill, odd, answer(200, {{"Cache-Control", "max-age=60"}}), "odd"));
  EXPECT_EQ(cache->snapshot().entries, 0u);
  Found leads = look(get("/"));
  EXPECT_TRUE(gives<Miss>(odd)) << "it does not wait either";
  complete(std::get<Miss>(leads).fill, get("/"), answer(200, {{"Cache-Control", "max-age=60"}}), "page");
  EXPECT_EQ(body_of(odd), "page");
  const std::string small(max_head_bytes - 64, 'x');
  EXPECT_TRUE(fill(get("/small", {{"Cookie", small}}), answer(200, {{"Cache-Control", "max-age=60"}}), "x"));
}

TEST_F(ValidationTest, AClientsOwnNoStoreIsItsOwn) {
  options.client_directives = ClientDirectives::revalidate;
  remake();
  const auto shy = get("/", {{"Cache-Control", "no-store"}});
  Found found = look(shy);
  EXPECT_FALSE(complete(std::get<Miss>(found).fill, shy, answer(200, {{"Cache-Control", "max-age=60"}}), "x"));
  Found first = look(get("/"));
  EXPECT_TRUE(gives<Wait>(get("/")));
  EXPECT_TRUE(gives<Miss>(shy));
}

TEST_F(ValidationTest, NoRoomIsNoReasonToStopSharing) {
  options.memory_bytes = 1 << 20;
  remake();
  std::vector<Found> under_way;
  std::vector<std::string> targets;
  for (int i = 0; i < 40; ++i) targets.push_back("/" + std::to_string(i));
  for (const std::string& target : targets) {
    under_way.push_back(look(get(target)));
    std::get<Miss>(under_way.back())
        .fill.head(get(target), answer(200, {{"Cache-Control", "max-age=60"}}), known(100'000), now());
  }
  // Bodies under way have taken their share: what else comes passes.
  Found found = look(get("/one-more"));
  Fill& fill = std::get<Miss>(found).fill;
  EXPECT_EQ(fill.head(get("/one-more"), answer(200, {{"Cache-Control", "max-age=60"}}), known(100'000), now()),
            FillVerdict::pass);
  EXPECT_EQ(fill.refusal(), Refusal::memory);
  Found again = look(get("/one-more"));
  EXPECT_TRUE(gives<Wait>(get("/one-more")));
  // Small ones have a share of their own, also where their length is not told.
  EXPECT_TRUE(this->fill(get("/small"), answer(200, {{"Cache-Control", "max-age=60"}}), "small"));
  Found told_late = look(get("/chunked"));
  Fill& chunked = std::get<Miss>(told_late).fill;
  EXPECT_EQ(chunked.head(get("/chunked"), answer(200, {{"Cache-Control", "max-age=60"}}), unknown(), now()),
            FillVerdict::store);
  EXPECT_TRUE(chunked.body(std::string(50'000, 'x')));
  EXPECT_FALSE(chunked.body(std::string(50'000, 'x')));
  EXPECT_EQ(chunked.refusal(), Refusal::memory);
}

}  // namespace
}  // namespace tenfold::cache
