#include "rehearse/drive/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold::rehearse {
namespace {

TEST(TargetTest, ReadsSchemeHostPortAndPath) {
  const auto target = parse_target("https://Shop.Example:8443/start?a=b#part");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->scheme, "https");
  EXPECT_TRUE(target->tls());
  EXPECT_EQ(target->host, "shop.example");
  EXPECT_EQ(target->port, 8443);
  EXPECT_EQ(target->path, "/start?a=b");
  EXPECT_EQ(target->authority(), "shop.example:8443");
  EXPECT_EQ(target->origin(), "https://shop.example:8443");
}

TEST(TargetTest, LeavesTheSchemesOwnPortOut) {
  EXPECT_EQ(parse_target("http://a.example")->authority(), "a.example");
  EXPECT_EQ(parse_target("http://a.example:80/")->authority(), "a.example");
  EXPECT_EQ(parse_target("https://a.example:443/")->authority(), "a.example");
  EXPECT_EQ(parse_target("http://a.example:443/")->authority(), "a.example:443");
  EXPECT_EQ(parse_target("HTTP://a.example?x")->path, "/?x");
}

TEST(TargetTest, AddressLiterals) {
  const auto six = parse_target("http://[::1]:8080/");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->authority(), "[::1]:8080");
  EXPECT_EQ(parse_target("http://127.0.0.1:8080/")->host, "127.0.0.1");
  EXPECT_EQ(parse_target("http://[::1]")->authority(), "[::1]");
}

TEST(TargetTest, ARootDotIsNotPartOfTheName) { EXPECT_EQ(parse_target("http://a.example./")->host, "a.example"); }

TEST(TargetTest, RefusesWhatIsNoTarget) {
  for (const char* url : {"",
                          "shop.example",
                          "ftp://shop.example/",
                          "http://",
                          "http:///x",
                          "http://user@shop.example/",
                          "http://user:word@shop.example/",
                          "http://shop.example:0/",
                          "http://shop.example:65536/",
                          "http://shop.example:/",
                          "http://shop.example:80x/",
                          "http://shop example/",
                          "http://a..b/",
                          "http://a../",
                          "http://127.0.0-1..",
                          "http://-a/",
                          "http://[::1",
                          "http://[shop]/",
                          "http://[127.0.0.1]/",
                          "http://127.1/",
                          "http://0x7f.1/",
                          "http://2130706433/",
                          "http://::1/",
                          "http://a/\r\nX: y",
                          "http://a,b/",
                          "http://a%2eb/",
                          "http://[::1]x:80/",
                          "http://sh\xc3\xb6p/"}) {
    const auto target = parse_target(url);
    ASSERT_FALSE(target) << url;
    EXPECT_EQ(target.error().code, Errc::invalid) << url;
    EXPECT_THAT(target.error().detail, testing::HasSubstr("expected")) << url;
  }
  EXPECT_FALSE(parse_target("http://a/" + std::string(8'000, 'x')));
}

}  // namespace
}  // namespace tenfold::rehearse
