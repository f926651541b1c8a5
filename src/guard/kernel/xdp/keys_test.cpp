#include "guard/kernel/xdp/keys.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace tenfold::guard::kernel {

namespace {

Prefix key_prefix(std::string_view text) {
  const auto network = *net::IpNetwork::parse(text);
  return Prefix::of(network.base(), static_cast<std::uint8_t>(network.prefix_bits()));
}

TEST(BlockKey, IsOfEachLevelAndLeadsBack) {
  constexpr std::array<std::string_view, TENFOLD_LENGTHS> texts{"192.0.2.1",     "192.0.2.0/24",  "192.0.0.0/16",
                                                                "2001:db8::/64", "2001:db8::/56", "2001:db8::/48"};
  for (std::uint32_t i = 0; i < texts.size(); ++i) {
    const auto key = block_key(key_prefix(texts[i]));
    ASSERT_TRUE(key) << texts[i];
    EXPECT_EQ(key->length, i);
    EXPECT_EQ(prefix_of_key(*key), key_prefix(texts[i]));
  }
}

TEST(BlockKey, HasTheBytesThatThePacketHas) {
  const auto v4 = *block_key(key_prefix("192.0.2.1"));
  EXPECT_EQ(v4.address[0], 0U);
  EXPECT_EQ(v4.address[1], htonl(0xc0000201));
  const auto v6 = *block_key(key_prefix("2001:db8:1:2::/64"));
  EXPECT_EQ(v6.address[0], htonl(0x20010db8));
  EXPECT_EQ(v6.address[1], htonl(0x00010002));
}

TEST(BlockKey, OfOtherLengthsThereIsNone) {
  for (const std::string_view text : {"192.0.2.0/25", "0.0.0.0/0", "::/0", "2001:db8::1", "2001:db8::/32"}) {
    EXPECT_FALSE(block_key(key_prefix(text))) << text;
  }
  EXPECT_FALSE(prefix_of_key({.length = TENFOLD_LENGTHS, .address = {}}));
}

TEST(AllowKey, CountsBitsOfTheMappedForm) {
  const auto v4 = allow_key(*net::IpNetwork::parse("10.0.0.0/8"));
  EXPECT_EQ(v4.bits, 104U);
  EXPECT_EQ(v4.address[2], htonl(0xffff));
  EXPECT_EQ(v4.address[3], htonl(0x0a000000));
  EXPECT_EQ(allow_key(*net::IpNetwork::parse("2001:db8::/32")).bits, 32U);
}

}  // namespace

}  // namespace tenfold::guard::kernel
