#include "cache/reply.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "cache/store/store.hpp"
#include "cache/test_requests.hpp"

namespace tenfold::cache {
namespace {

using http::Field;
using testing::answer;
using testing::Fields;
using testing::get;

class ReplyTest : public ::testing::Test {
 protected:
  Ref<Entry> entry(int status, Fields fields, std::string_view body) {
    const auto response = answer(status, fields);
    auto made = EntryMaker::make(
        store,
        {status, response.headers, "", nullptr, {.lifetime_s = 60}, {clock.now(), clock.now(), clock.wall_now()}, 10});
    BodyWriter writer(store, 1 << 20);
    writer.append(body);
    EntryMaker::set_body(*made, writer.finish());
    return made;
  }
  Reply reply(const Ref<Entry>& from, Fields request) {
    return reply_from(*from, get("/", request), 7, {.ttl_s = 53}, clock.wall_now(), arena);
  }

  ManualClock clock;
  Ledger ledger{4 << 20};
  Store store{ledger, clock, 16};
  Arena arena;
};

TEST_F(ReplyTest, TheWholeHasAgeLengthAndStatus) {
  const auto page = entry(200,
                          {{"Content-Type", "text/html"},
                           {"Age", "3"},
                           {"Date", "x"},
                           {"Connection", "X-Hop"},
                           {"X-Hop", "1"},
                           {"Cache-Status", "other; hit"},
                           {"Content-Length", "9"}},
                          "0123456789");
  const Reply whole = reply(page, {});
  EXPECT_EQ(whole.head.status, 200);
  EXPECT_EQ(whole.body, "0123456789");
  EXPECT_EQ(whole.head.headers.size(), 5u);
  EXPECT_EQ(whole.head.headers.find(Field::content_type), "text/html");
  EXPECT_EQ(whole.head.headers.find(Field::content_length), "10");
  EXPECT_EQ(whole.head.headers.find(Field::age), "7");
  EXPECT_EQ(whole.head.headers.find(Field::cache_status), "Tenfold; hit; ttl=53");
}

// RFC 9110, 6.6.1: it is the moment at which the origin made the answer, which Age and Expires count from.
TEST_F(ReplyTest, DateIsTheStoredOnes) {
  const auto page = entry(200, {{"Date", "Wed, 31 Dec 2025 23:59:00 GMT"}, {"ETag", "\"a\""}}, "x");
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(reply(page, {}).head.headers.find(Field::date), "Wed, 31 Dec 2025 23:59:00 GMT");
  EXPECT_EQ(reply(page, {{"If-None-Match", "\"a\""}}).head.headers.find(Field::date), "Wed, 31 Dec 2025 23:59:00 GMT");
  EXPECT_FALSE(reply(page, {{"Range", "bytes=5-"}}).head.headers.has(Field::date)) << "416 is of now";
}

TEST_F(ReplyTest, WithoutADateItIsTheMomentOfReceipt) {
  const auto date_of = [this](Fields fields) {
    const auto page = entry(200, fields, "x");
    EXPECT_EQ(reply(page, {}).head.headers.count(Field::date), 1u);
    return std::string(reply(page, {}).head.headers.find(Field::date).value_or(""));
  };
  EXPECT_EQ(date_of({}), "Thu, 01 Jan 2026 00:00:00 GMT");
  EXPECT_EQ(date_of({{"Date", "yesterday"}}), "Thu, 01 Jan 2026 00:00:00 GMT");
}

TEST_F(ReplyTest, WhatOnlyWeSayAndOneClientsCookieAreNotStored) {
  const auto page = entry(200, {{"Tenfold-Challenge", "v1"}, {"TENFOLD-Anything", "1"}, {"Set-Cookie", "id=1"}}, "x");
  EXPECT_EQ(page->field_block(), "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n");
}

TEST_F(ReplyTest, AMatchingConditionGives304WithoutABody) {
  const auto page = entry(200,
                          {{"ETag", "\"a\""},
                           {"Content-Type", "text/html"},
                           {"Vary", "Accept-Encoding"},
                           {"Content-Location", "/x"},
                           {"Cache-Control", "max-age=60"}},
                          "0123456789");
  const Reply same = reply(page, {{"If-None-Match", "\"a\""}, {"Range", "bytes=0-1"}});
  EXPECT_EQ(same.head.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_TRUE(same.head.headers.has(Field::etag));
  EXPECT_TRUE(same.head.headers.has(Field::vary));
  EXPECT_TRUE(same.head.headers.has(Field::cache_control));
  EXPECT_TRUE(same.head.headers.find("content-location").has_value());
  EXPECT_FALSE(same.head.headers.has(Field::content_type));
  EXPECT_FALSE(same.head.headers.has(Field::content_length));
  EXPECT_EQ(reply(page, {{"If-None-Match", "\"b\""}}).head.status, 200);
}

TEST_F(ReplyTest, ConditionsAndRangesAreForSuccessOnly) {
  const auto gone = entry(404, {{"ETag", "\"a\""}}, "gone");
  EXPECT_EQ(reply(gone, {{"If-None-Match", "\"a\""}}).head.status, 404);
  EXPECT_EQ(reply(gone, {{"Range", "bytes=0-0"}}).head.status, 404);
}

TEST_F(ReplyTest, ARangeIsAPart) {
  const auto page = entry(200, {{"ETag", "\"a\""}, {"Content-Type", "video/mp4"}}, "0123456789");
  const Reply part = reply(page, {{"Range", "bytes=2-4"}});
  EXPECT_EQ(part.head.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.head.headers.find(Field::content_range), "bytes 2-4/10");
  EXPECT_EQ(part.head.headers.find(Field::content_length), "3");
  EXPECT_EQ(part.head.headers.find(Field::content_type), "video/mp4");
  EXPECT_EQ(reply(page, {{"Range", "bytes=2-4"}, {"If-Range", "\"a\""}}).head.status, 206);
  EXPECT_EQ(reply(page, {{"Range", "bytes=2-4"}, {"If-Range", "\"b\""}}).body, "0123456789");
  EXPECT_EQ(reply(page, {{"Range", "bytes=0-0, 9-9"}}).head.status, 200);
}

TEST_F(ReplyTest, ARangeBeyondTheEndIs416) {
  const auto page = entry(200, {{"Content-Type", "video/mp4"}, {"Cache-Control", "max-age=60"}}, "0123456789");
  const Reply none = reply(page, {{"Range", "bytes=10-"}});
  EXPECT_EQ(none.head.status, 416);
  EXPECT_EQ(none.body, "");
  EXPECT_EQ(none.head.headers.find(Field::content_range), "bytes */10");
  EXPECT_EQ(none.head.headers.find(Field::content_length), "0");
  EXPECT_FALSE(none.head.headers.has(Field::content_type));
  EXPECT_FALSE(none.head.headers.has(Field::cache_control));
}

TEST_F(ReplyTest, HeadHasTheLengthAndIgnoresRange) {
  const auto page = entry(200, {}, "0123456789");
  const Reply head = reply_from(*page, testing::with_method(http::Method::head, "/", {{"Range", "bytes=0-1"}}), 0, {},
                                clock.wall_now(), arena);
  EXPECT_EQ(head.head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.head.headers.find(Field::content_length), "10");
}

TEST_F(ReplyTest, NoContentHasNoLength) {
  EXPECT_FALSE(reply(entry(204, {}, ""), {}).head.headers.has(Field::content_length));
  EXPECT_EQ(reply(entry(200, {}, ""), {}).head.headers.find(Field::content_length), "0");
}

}  // namespace
}  // namespace tenfold::cache
