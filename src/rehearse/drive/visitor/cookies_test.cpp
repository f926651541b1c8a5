#include "rehearse/drive/visitor/cookies.hpp"

#include <gtest/gtest.h>

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;
using Transport = CookieJar::Transport;

class CookiesTest : public testing::Test {
 protected:
  void take(std::string_view set_cookie, std::string_view target = "/shop/page?x=/y/") {
    jar.take(set_cookie, target, "shop.example", now);
  }
  std::string sent(std::string_view target = "/shop/page", Transport transport = Transport::clear) {
    std::string text;
    jar.append_field(text, target, transport, now);
    return text;
  }
  CookieJar jar;
  http::HttpDate now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
};

TEST_F(CookiesTest, KeepsAndReplacesByNameAndPath) {
  EXPECT_EQ(sent(), "");
  take("session=1; Path=/; HttpOnly; SameSite=Lax");
  take("theme = dark ; Path=/");
  EXPECT_EQ(sent(), "Cookie: session=1; theme=dark\r\n");
  take("session=2; Path=/");
  EXPECT_EQ(sent(), "Cookie: session=2; theme=dark\r\n");
  take("session=3; Path=/shop");
  EXPECT_EQ(jar.size(), 3u);
}

TEST_F(CookiesTest, PathsMatchWholeSegments) {
  take("a=1; Path=/shop");
  take("b=2");  // default: /shop
  take("c=3; Path=relative");
  for (const char* target : {"/shop", "/shop/", "/shop/x?y", "/shop?x"}) {
    EXPECT_EQ(sent(target), "Cookie: a=1; b=2; c=3\r\n") << target;
  }
  for (const char* target : {"/", "/shopping", "/sho", "/x?/shop/"}) EXPECT_EQ(sent(target), "") << target;
}

TEST_F(CookiesTest, Expire) {
  take("a=1; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  take("b=2; Expires=Thu, 01 Jan 2026 00:00:05 GMT");
  take("c=3; Max-Age=soon");
  take("d=4; Max-Age=99999999999999999999");
  EXPECT_EQ(sent(), "Cookie: a=1; b=2; c=3; d=4\r\n");
  now += 5s;
  EXPECT_EQ(sent(), "Cookie: a=1; c=3; d=4\r\n");
  now += 5s;
  EXPECT_EQ(sent(), "Cookie: c=3; d=4\r\n");
  take("c=gone; Max-Age=0");
  take("d=gone; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(jar.size(), 2u);  // a and b, expired
}

TEST_F(CookiesTest, SecureOnesGoOverTlsOnly) {
  take("a=1; Secure");
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(sent("/shop/", Transport::secure), "Cookie: a=1\r\n");
}

TEST_F(CookiesTest, ForOtherHostsAreIgnored) {
  take("a=1; Domain=other.example");
  take("b=1; Domain=op.example");
  EXPECT_EQ(sent(), "");
  take("c=1; Domain=.example");
  take("d=1; Domain=SHOP.example");
  EXPECT_EQ(sent(), "Cookie: c=1; d=1\r\n");
}

TEST_F(CookiesTest, Bounds) {
  take("novalue");
  take("=noname");
  take("long=" + std::string(CookieJar::most_bytes, 'x'));
  EXPECT_EQ(jar.size(), 0u);
  for (std::size_t i = 0; i < CookieJar::most_cookies + 5; ++i) take("c" + std::to_string(i) + "=x");
  EXPECT_EQ(jar.size(), CookieJar::most_cookies);
  EXPECT_EQ(sent().find("c4="), std::string::npos);
  EXPECT_NE(sent().find("c5="), std::string::npos);
}

}  // namespace
}  // namespace tenfold::rehearse
