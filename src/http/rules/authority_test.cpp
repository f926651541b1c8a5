#include "http/rules/authority.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::http {
namespace {

TEST(Authority, IsAHostOrAnAddressAndMayHaveAPort) {
  for (const std::string_view good : {"a", "shop.example", "xn--bcher-kva.example.", "a_b~c", "127.0.0.1", "[::1]",
                                      "[::ffff:10.0.0.1]", "a:0", "a:65535", "[::1]:8443", "a:00443"}) {
    EXPECT_TRUE(is_valid_authority(good)) << good;
  }
  for (const std::string_view bad :
       {"",     ":80",    "a:",     "a:65536", "a:123456", "a:8o",    "a:-1", "a b", "a,b",
        "a%2e", "user@a", "a/b",    "a?b",     "\xc3\xa4", "[",       "[]",   "[:]", "[::1",
        "::1]", "[::1]a", "[::1]:", "[::g]",   "[a]b:80",  "a:80:80", "a]"}) {
    EXPECT_FALSE(is_valid_authority(bad)) << bad;
  }
}

TEST(Authority, HasAPortWhereOneIsNeeded) {
  for (const std::string_view good : {"a:443", "[::1]:443"}) EXPECT_TRUE(is_valid_authority_with_port(good)) << good;
  for (const std::string_view bad : {"", "a", "a:", "[::1]", "[::1]:", ":443", "a:65536"}) {
    EXPECT_FALSE(is_valid_authority_with_port(bad)) << bad;
  }
}

TEST(Authority, IsTheSameInAnyCaseAndWithoutItsSchemesPort) {
  EXPECT_TRUE(is_same_authority("Shop.example:80", "shop.example", "http"));
  EXPECT_TRUE(is_same_authority("shop.example", "shop.example:443", "HTTPS"));
  EXPECT_TRUE(is_same_authority("[::1]:443", "[::1]", "https"));
  EXPECT_FALSE(is_same_authority("shop.example:443", "shop.example", "http"));
  EXPECT_FALSE(is_same_authority("shop.example:8443", "shop.example", "https"));
  EXPECT_FALSE(is_same_authority("shop.example", "example", "http"));
}

}  // namespace
}  // namespace tenfold::http
