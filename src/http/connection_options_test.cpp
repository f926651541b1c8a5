#include "http/connection_options.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::http {
namespace {

Headers connection_lines(std::initializer_list<std::string_view> lines) {
  Headers headers;
  for (const std::string_view line : lines) headers.add("Connection", line);
  return headers;
}

TEST(ConnectionOptions, AllLinesCountInAnyOrder) {
  const std::initializer_list<std::string_view> orders[] = {
      {"X-Foo", "close"}, {"close", "X-Foo"}, {"keep-alive", "x-foo", "keep-alive"}, {"close, X-FOO ,", ",upgrade"}};
  for (const auto& lines : orders) {
    const Headers headers = connection_lines(lines);
    const ConnectionOptions options(headers);
    EXPECT_TRUE(options.names("X-Foo"));
    EXPECT_FALSE(options.names("X-Foo2"));
    EXPECT_FALSE(options.empty());
  }
}

TEST(ConnectionOptions, CloseAndKeepAliveNameNoField) {
  const Headers headers = connection_lines({"Close", "keep-alive, ,"});
  const ConnectionOptions options(headers);
  EXPECT_TRUE(options.empty());
  EXPECT_FALSE(options.names("close"));
}

TEST(ConnectionOptions, OneOptionManyTimesIsOne) {
  std::string list = "a";
  for (int i = 0; i < 10'000; ++i) list += ",A";
  const Headers headers = connection_lines({list, "b"});
  const ConnectionOptions options(headers);
  EXPECT_TRUE(options.names("a"));
  EXPECT_TRUE(options.names("b"));
}

}  // namespace
}  // namespace tenfold::http
