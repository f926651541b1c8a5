#include "guard/measure/key.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "guard/measure/test_traffic.hpp"

namespace tenfold::guard::measure_test {
namespace {

TEST(KeyTest, IsTheSubjectOfEachLevel) {
  for (const std::string_view text :
       {"192.0.2.77", "0.0.0.0", "255.255.255.255", "10.1.255.0", "2001:db8:1:abcd::7", "2a02:8071:22d4:1:2:3:4:5",
        "fe80::1", "::1", "::", "::1:0:0:0", "64:ff9b::192.0.2.77", "64:ff9b::1:0:0", "64:ff9b:1::7"}) {
    const net::IpAddress client = address(text);
    for (const Level level : {Level::client, Level::network, Level::block}) {
      EXPECT_EQ(prefix_of(level, key_at(level, client_key(client))), Prefix::of(client, level)) << text;
    }
  }
}

TEST(KeyTest, OneClientHasManyAddressesOfIPv6) {
  EXPECT_EQ(client_key(address("2001:db8:1:2::7")), client_key(address("2001:db8:1:2:ffff::")));
  EXPECT_NE(client_key(address("2001:db8:1:2::7")), client_key(address("2001:db8:1:3::7")));
  EXPECT_NE(client_key(address("192.0.2.1")), client_key(address("192.0.2.2")));
}

TEST(KeyTest, WhoComesThroughATranslatorIsOneOfIPv4) {
  EXPECT_EQ(client_key(address("64:ff9b::192.0.2.77")), client_key(address("192.0.2.77")));
  EXPECT_NE(client_key(address("64:ff9b::192.0.2.77")), client_key(address("64:ff9b::192.0.2.78")));
  EXPECT_NE(client_key(address("64:ff9b:1::192.0.2.77")), client_key(address("192.0.2.77")));
}

TEST(KeyTest, NoSenderOfIPv6IsTakenForOneOfIPv4) {
  // 192.0.2.77, in the upper half and in the lower one without its mark
  EXPECT_NE(client_key(address("::ffff:c000:24d:0:0:0:0")), client_key(address("192.0.2.77")));
  EXPECT_NE(client_key(address("::c000:24d")), client_key(address("192.0.2.77")));
}

TEST(KeyTest, ANetworkIsNotTheBlockThatBeginsWithIt) {
  for (const std::string_view text : {"10.1.0.7", "2001:db8:1::7"}) {
    const auto network = Prefix::of(address(text), Level::network), block = Prefix::of(address(text), Level::block);
    ASSERT_EQ(network.base, block.base) << text;
    EXPECT_NE(group_key(network), group_key(block)) << text;
  }
  EXPECT_NE(group_key(Prefix::of(address("10.1.0.7"), Level::network)),
            group_key(Prefix::of(address("10.1.1.7"), Level::network)));
}

}  // namespace
}  // namespace tenfold::guard::measure_test
