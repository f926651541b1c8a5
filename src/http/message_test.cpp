#include "http/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <vector>

namespace tenfold::http {
namespace {

TEST(FieldNames, EveryNameIsFoundInAnyCase) {
  for (int i = 1; i <= static_cast<int>(Field::x_request_id); ++i) {
    const auto field = static_cast<Field>(i);
    std::string text(name(field));
    EXPECT_EQ(field_of(text), field) << text;
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(field_of(text), field) << text;
  }
}

TEST(FieldNames, OneWrongByteIsAnotherField) {
  for (int i = 1; i <= static_cast<int>(Field::x_request_id); ++i) {
    const std::string text(name(static_cast<Field>(i)));
    for (std::size_t k = 0; k < text.size(); ++k) {
      for (const int flip : {0x01, 0x20, 0x80}) {
        std::string other = text;
        other[k] = static_cast<char>(other[k] ^ flip);
        if (equals_ignoring_case(other, text)) continue;
        EXPECT_NE(field_of(other), static_cast<Field>(i)) << other;
      }
    }
    EXPECT_EQ(field_of(text + "x"), Field::other);
  }
  EXPECT_EQ(field_of(""), Field::other);
  EXPECT_EQ(field_of("x"), Field::other);
  EXPECT_EQ(field_of(std::string(300, 'a')), Field::other);
}

TEST(MethodNames, AreCaseSensitive) {
  EXPECT_EQ(method_of("GET"), Method::get);
  EXPECT_EQ(method_of("DELETE"), Method::delete_);
  EXPECT_EQ(method_of("get"), Method::other);
  EXPECT_EQ(method_of(""), Method::other);
  EXPECT_EQ(name(Method::patch), "PATCH");
  EXPECT_EQ(name(Method::other), "");
}

TEST(MethodNames, SafetyAndIdempotenceFollowRfc9110) {
  EXPECT_TRUE(is_safe(Method::head));
  EXPECT_FALSE(is_safe(Method::put));
  EXPECT_TRUE(is_idempotent(Method::put));
  EXPECT_TRUE(is_idempotent(Method::delete_));
  EXPECT_FALSE(is_idempotent(Method::post));
  EXPECT_FALSE(is_idempotent(Method::patch));
  EXPECT_FALSE(is_idempotent(Method::other));
}

TEST(HeadersOf, SetReplacesTheFirstAndRemovesTheRest) {
  Headers headers;
  headers.add("X-Forwarded-For", "1.1.1.1");
  headers.add("Accept", "*/*");
  headers.add("x-forwarded-for", "2.2.2.2");

  headers.set(Field::x_forwarded_for, "3.3.3.3");

  EXPECT_EQ(headers.count(Field::x_forwarded_for), 1u);
  EXPECT_EQ(headers.find(Field::x_forwarded_for), "3.3.3.3");
  EXPECT_EQ(headers.size(), 2u);
  headers.set(Field::via, "1.1 x");
  EXPECT_EQ(headers.find("VIA"), "1.1 x");
}

TEST(HeadersOf, RemoveTakesAllOfOneName) {
  Headers headers;
  headers.add("X-A", "1");
  headers.add("x-a", "2");
  headers.add("X-B", "3");
  headers.remove("X-a");
  EXPECT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers.find("x-b"), "3");
  EXPECT_EQ(headers.find("x-a"), std::nullopt);
}

std::vector<std::string> elements(std::string_view list) {
  std::vector<std::string> found;
  for_each_element(list, [&](std::string_view element) {
    found.emplace_back(element);
    return true;
  });
  return found;
}

TEST(Lists, SplitAtCommasOutsideQuotes) {
  EXPECT_THAT(elements("a, b ,,\tc"), testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(elements(R"(a="x, \" y", b)"), testing::ElementsAre(R"(a="x, \" y")", "b"));
  EXPECT_THAT(elements(""), testing::IsEmpty());
  EXPECT_THAT(elements("\"open\\"), testing::ElementsAre("\"open\\"));
}

TEST(Lists, HasElementLooksAtEveryLine) {
  Headers headers;
  headers.add("Connection", "keep-alive");
  headers.add("Connection", "foo, Upgrade");
  EXPECT_TRUE(has_element(headers, Field::connection, "upgrade"));
  EXPECT_FALSE(has_element(headers, Field::connection, "up"));
}

TEST(RequestHeadOf, SplitsPathAndQuery) {
  RequestHead head;
  head.target = "/a?b=c?d";
  EXPECT_EQ(head.path(), "/a");
  EXPECT_EQ(head.query(), "b=c?d");
  head.target = "/a";
  EXPECT_EQ(head.query(), "");
}

TEST(Bodies, SomeResponsesHaveNone) {
  EXPECT_TRUE(has_no_body(Method::head, 200));
  EXPECT_TRUE(has_no_body(Method::get, 204));
  EXPECT_TRUE(has_no_body(Method::get, 304));
  EXPECT_TRUE(has_no_body(Method::get, 101));
  EXPECT_TRUE(has_no_body(Method::connect, 200));
  EXPECT_FALSE(has_no_body(Method::connect, 405));
  EXPECT_FALSE(has_no_body(Method::get, 200));
}

}  // namespace
}  // namespace tenfold::http
