#include "base/text/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold {
namespace {

using namespace std::string_view_literals;

TEST(Base64, AsTheStandardHasIt) {  // RFC 4648, 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, AnyByteAndNoLineEnds) {
  EXPECT_EQ(base64("\0\xff\xfe\xfb"sv), "AP/++w==");
  const std::string text = base64(std::string(300, 'x'));
  EXPECT_EQ(text.size(), 400U);
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace tenfold
