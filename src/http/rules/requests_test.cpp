#include "http/rules/requests.hpp"

#include <gtest/gtest.h>

namespace tenfold::http {
namespace {

TEST(PathTarget, IsAPathOrTheStarOfOptions) {
  EXPECT_TRUE(is_path_target(Method::get, "/"));
  EXPECT_TRUE(is_path_target(Method::other, "/a?b"));
  EXPECT_TRUE(is_path_target(Method::options, "*"));
  EXPECT_FALSE(is_path_target(Method::get, "*"));
  EXPECT_FALSE(is_path_target(Method::options, "**"));
  EXPECT_FALSE(is_path_target(Method::get, ""));
  EXPECT_FALSE(is_path_target(Method::get, "a/b"));
  EXPECT_FALSE(is_path_target(Method::get, "http://a/"));
}

RequestHead head(std::string_view method, std::string_view target, std::string_view authority) {
  RequestHead made;
  made.method_name = method;
  made.target = target;
  made.authority = authority;
  return made;
}

TEST(SendableRequest, HasNothingThatEndsItsLine) {
  EXPECT_TRUE(is_sendable(head("", "/", "")));  // GET, by its Method
  EXPECT_TRUE(is_sendable(head("M-SEARCH", "/a|b?\xc3\xa4", "shop.example:80")));
  for (const std::string_view bad : {"GET /", "GE\rT", "G\nET", "G:T", "\xff"})
    EXPECT_FALSE(is_sendable(head(bad, "/", "a"))) << bad;
  for (const std::string_view bad : {"", "/ HTTP/1.1", "/\r\n", "/\n", "/\x7f", "/#a"}) {
    EXPECT_FALSE(is_sendable(head("GET", bad, "a"))) << bad;
  }
  for (const std::string_view bad : {"a\r\nX: y", "a b", "a\n"})
    EXPECT_FALSE(is_sendable(head("GET", "/", bad))) << bad;
  RequestHead other = head("", "/", "a");
  other.method = Method::other;
  EXPECT_FALSE(is_sendable(other));
}

TEST(RequestBody, MeansNothingWhereTheMethodGivesItNone) {
  EXPECT_TRUE(body_means_nothing(Method::get));
  EXPECT_TRUE(body_means_nothing(Method::delete_));
  EXPECT_FALSE(body_means_nothing(Method::post));
  EXPECT_FALSE(body_means_nothing(Method::other));
}

}  // namespace
}  // namespace tenfold::http
