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

TEST(PrefixTest, WhoComesThroughATranslatorIsOfIPv4) {
  const net::IpAddress client = address("64:ff9b::192.0.2.77");
  EXPECT_EQ(untranslated(client), address("192.0.2.77"));
  for (const Level level : {Level::client, Level::network, Level::block}) {
    EXPECT_EQ(Prefix::of(client, level), Prefix::of(address("192.0.2.77"), level));
    EXPECT_TRUE(Prefix::of(client, level).contains(client));
  }
  for (const std::string_view text : {"64:ff9b:1::192.0.2.77", "64:ff9b::1:192.0.2.77", "64:ff9a::192.0.2.77", "::1"}) {
    EXPECT_EQ(untranslated(address(text)), address(text));
  }
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
