#include "rehearse/log/address_text.hpp"

#include <gtest/gtest.h>

namespace tenfold::rehearse {
namespace {

TEST(AddressText, IsKnownByItsShape) {
  const struct {
    std::string_view word, address;
  } rows[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"192.0.2.1:4711", "192.0.2.1"},
      {"2001:db8::1", "2001:db8::1"},
      {"[2001:db8::1]:443", "2001:db8::1"},
      {"[2001:db8::1]", "2001:db8::1"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6"},
      {"64:ff9b::192.0.2.1", "64:ff9b::192.0.2.1"},
      {"fe80::1%eth0", "fe80::1%eth0"},
      {"::1", "::1"},
      {"::", "::"},
      {"", ""},
      {"-", ""},
      {"192.0.2.256", ""},
      {"192.0.2", ""},
      {"192.0.2.1.5", ""},
      {"192.0.2.1:", ""},
      {"192.0.2.1:x", ""},
      {"16:15:25", ""},
      {"00:1a:2b:3c:4d:5e", ""},
      {"2001:db8::1::2", ""},
      {"2001:db8:1:2:3:4:5:6:7", ""},
      {":1:2:3:4:5:6:7", ""},
      {"shop.example", ""},
      {"nginx:", ""},
      {"[2001:db8::1]x", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(address_in(row.word), row.address) << row.word;
}

TEST(AddressText, TheFirstOfAListThatCanBeAVisitorIsTheClient) {
  EXPECT_EQ(client_in("203.0.113.7, 10.0.0.2"), "203.0.113.7");
  EXPECT_EQ(client_in("10.0.0.2, 203.0.113.7,198.51.100.1"), "203.0.113.7");
  EXPECT_EQ(client_in("unknown, 203.0.113.7:99"), "203.0.113.7");
  EXPECT_EQ(client_in("10.0.0.2, 192.168.1.1"), "10.0.0.2");
  EXPECT_EQ(client_in("-"), "");
  EXPECT_EQ(client_in("for=203.0.113.7;proto=https, for=10.0.0.2"), "203.0.113.7");
  EXPECT_EQ(client_in(R"~(For="[2001:db8::1]:4711")~"), "2001:db8::1");
  EXPECT_EQ(client_in("203.0.113.7, none of it"), "");
}

TEST(AddressText, InternalOnesAreToldFromThoseOfTheInternet) {
  for (const auto* address : {"10.1.2.3", "127.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.0.1", "169.254.1.1",
                              "::1", "fd00::1", "FE80::1", "::ffff:10.0.0.1"})
    EXPECT_TRUE(is_internal(address)) << address;
  for (const auto* address :
       {"9.1.2.3", "172.15.0.1", "172.32.0.1", "192.167.0.1", "100.64.0.1", "2001:db8::1", "::ffff:9.0.0.1"})
    EXPECT_FALSE(is_internal(address)) << address;
}

TEST(AddressText, HostsHaveADotAndNoPath) {
  EXPECT_EQ(host_in("shop.example:443"), "shop.example");
  EXPECT_EQ(host_in("www.shop.example"), "www.shop.example");
  for (const auto* text :
       {"localhost", "0.123", "index.php", "192.0.2.1", "shop.example/a", "a b.example", "shop.example:x", "."})
    EXPECT_EQ(host_in(text), "") << text;
}

}  // namespace
}  // namespace tenfold::rehearse
