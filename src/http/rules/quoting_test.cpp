#include "http/rules/quoting.hpp"

#include <gtest/gtest.h>

namespace tenfold::http {
namespace {

TEST(Quoting, FindsASeparatorOutsideQuotedStringsOnly) {
  EXPECT_EQ(find_unquoted("a;b", ';'), 1u);
  EXPECT_EQ(find_unquoted("a=\";\";b", ';'), 5u);
  EXPECT_EQ(find_unquoted("a=\"\\\";\";b", ';'), 7u);
  EXPECT_EQ(find_unquoted("a;b;c", ';', 2), 3u);
  EXPECT_EQ(find_unquoted("a=\"never closed;", ';'), 16u);
  EXPECT_EQ(find_unquoted("\"\\", ';'), 2u);
  EXPECT_EQ(find_unquoted("", ';'), 0u);
}

}  // namespace
}  // namespace tenfold::http
