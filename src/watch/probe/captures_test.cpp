#include "watch/probe/captures.hpp"

#include <gtest/gtest.h>

namespace tenfold::watch {
namespace {

const Captured captured{{"a", "1"},
                        {"long_name-2", "x y&z"},
                        {"path", "/p?q=1"},
                        {"evil", ".evil.test/"},
                        {"user", "@evil.test/"},
                        {"lines", "a\r\nX-Evil: 1"},
                        {"host", "b.test"}};

std::string expanded(std::string_view text) {
  const auto result = expand(text, captured);
  return result ? *result : "error: " + result.error().detail;
}

TEST(CapturesTest, ExpandsNamesAndNothingElse) {
  EXPECT_EQ(expanded(""), "");
  EXPECT_EQ(expanded("no names"), "no names");
  EXPECT_EQ(expanded("{a}{a}-{long_name-2}"), "11-x y&z");
  EXPECT_EQ(expanded("{long_name-2:url}"), "x%20y%26z");
  EXPECT_EQ(expanded(R"({"n": {"a": {a}}})"), R"({"n": {"a": 1}})");
  EXPECT_EQ(expanded("{ a } {} {1} {a:json} {a"), "{ a } {} {1} {a:json} {a");
  EXPECT_EQ(expanded("{b}"), "error: no earlier step has captured {b}");
  EXPECT_EQ(expanded("{b:url}"), "error: no earlier step has captured {b}");
}

TEST(CapturesTest, WhatWasPutInIsNotExpandedAgain) {
  EXPECT_EQ(expand("{x}", {{"x", "{y}"}, {"y", "2"}}).value(), "{y}");
}

std::string url(const std::string& text) {
  const auto result = expand(HttpProbe{.url = text}, captured);
  return result ? result->url : "error: " + result.error().detail;
}

TEST(CapturesTest, AValueCannotLeadToAnotherHost) {
  EXPECT_EQ(url("https://shop.test{path}"), "https://shop.test/p?q=1");
  EXPECT_EQ(url("https://shop.test/{a}"), "https://shop.test/1");
  EXPECT_EQ(url("https://{host}/x"), "https://b.test/x");
  EXPECT_EQ(url("https://shop.test{evil}"),
            "error: a captured value would lead to \"shop.test.evil.test\" instead of shop.test");
  EXPECT_EQ(url("https://shop.test{user}"), "error: a captured value would lead to \"evil.test\" instead of shop.test");
  EXPECT_EQ(url("https://shop.test/{lines}"), "error: a captured value would break the URL");
}

TEST(CapturesTest, AValueCannotAddAHeader) {
  const auto result = expand(HttpProbe{.url = "http://a.test/", .headers = {{"X-A", "{lines}"}}}, captured);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail, "a captured value would break the header X-A");
  EXPECT_EQ(expand(HttpProbe{.url = "http://a.test/", .body = "{lines}"}, captured)->body, "a\r\nX-Evil: 1");
}

TEST(CapturesTest, TakesTheFirstGroupAPointerOrAHeader) {
  Expressions expressions;
  const Answer answer{.headers = {{"x-token", "abc"}}, .body = R"({"id": 7, "name": "Tea"})"};
  EXPECT_EQ(capture({.name = "x", .matches = "\"name\": \"(.)(.)"}, answer, expressions).value(), "T");
  EXPECT_EQ(capture({.name = "x", .pointer = "/id"}, answer, expressions).value(), "7");
  EXPECT_EQ(capture({.name = "x", .pointer = "/name"}, answer, expressions).value(), "Tea");
  EXPECT_EQ(capture({.name = "x", .header = "X-Token"}, answer, expressions).value(), "abc");
  EXPECT_EQ(capture({.name = "x", .header = "X-Other"}, answer, expressions).error().detail,
            "for {x}: the header X-Other is missing");
  EXPECT_EQ(capture({.name = "x", .matches = "name"}, answer, expressions).error().detail,
            "for {x}: \"name\" has no group to capture");
}

TEST(CapturesTest, AValueOfTheBoundIsTakenAndOneByteMoreIsNot) {
  Expressions expressions;
  const Answer answer{.body = std::string(most_captured_bytes + 1, 'x')};
  EXPECT_TRUE(capture({.name = "x", .matches = "^.(.*)"}, answer, expressions));
  const auto more = capture({.name = "x", .matches = "(.*)"}, answer, expressions);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::too_large);
  EXPECT_EQ(more.error().detail, "for {x}: the value is longer than 4,096 bytes");
}

}  // namespace
}  // namespace tenfold::watch
