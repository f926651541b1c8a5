#include "guard/subject.hpp"

#include <gtest/gtest.h>

namespace tenfold::guard {
namespace {

net::IpAddress address(std::string_view text) { return net::IpAddress::parse(text).value(); }

TEST(PrefixTest, LevelsOfIPv4) {
  const net::IpAddress client = address("192.0.2.77");
  EXPECT_EQ(Prefix::of(client, Level::client).text(), "192.0.2.77");
  EXPECT_EQ(Prefix::of(client, Level::network).text(), "192.0.2.0/24");
  EXPECT_EQ(Prefix::of(client, Level::block).text(), "192.0.0.0/16");
}

TEST(PrefixTest, LevelsOfIPv6) {
  const net::IpAddress client = address("2001:db8:1:abcd::7");
  EXPECT_EQ(Prefix::of(client, Level::client).text(), "2001:db8:1:abcd::/64");
  EXPECT_EQ(Prefix::of(client, Level::network).text(), "2001:db8:1:ab00::/56");
  EXPECT_EQ(Prefix::of(client, Level::block).text(), "2001:db8:1::/48");
}

TEST(PrefixTest, ContainsItsOwnAndNoOthers) {
  const Prefix network = Prefix::of(address("192.0.2.77"), Level::network);
  EXPECT_TRUE(network.contains(address("192.0.2.255")));
  EXPECT_FALSE(network.contains(address("192.0.3.0")));
  EXPECT_FALSE(network.contains(address("2001:db8::1")));
  EXPECT_NE(network.bytes(), Prefix::of(address("192.0.2.0"), Level::client).bytes());
}

}  // namespace
}  // namespace tenfold::guard
