#include "guard/kernel/prefixes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tenfold::guard::kernel {
namespace {

std::vector<std::string> texts_of(std::string_view network) {
  std::vector<std::string> texts;
  for (const Prefix& each : prefixes_of(*net::IpNetwork::parse(network))) texts.push_back(each.text());
  return texts;
}

TEST(PrefixesOf, AreOfTheWidestLengthThatFits) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts_of("192.0.2.1"), Texts{"192.0.2.1"});
  EXPECT_EQ(texts_of("192.0.2.0/24"), Texts{"192.0.2.0/24"});
  EXPECT_EQ(texts_of("192.0.2.4/30"), (Texts{"192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"}));
  EXPECT_EQ(texts_of("198.51.100.0/23"), (Texts{"198.51.100.0/24", "198.51.101.0/24"}));
  EXPECT_EQ(texts_of("10.32.0.0/15"), (Texts{"10.32.0.0/16", "10.33.0.0/16"}));
  EXPECT_EQ(texts_of("2001:db8::/64"), Texts{"2001:db8::/64"});
  EXPECT_EQ(texts_of("2001:db8:0:fe00::/55"), (Texts{"2001:db8:0:fe00::/56", "2001:db8:0:ff00::/56"}));
  EXPECT_EQ(texts_of("2001:db8:4::/47"), (Texts{"2001:db8:4::/48", "2001:db8:5::/48"}));
}

TEST(PrefixesOf, AreBounded) {
  EXPECT_EQ(texts_of("10.0.0.0/8").size(), 256u);
  EXPECT_EQ(texts_of("10.0.0.0/8").back(), "10.255.0.0/16");
  EXPECT_EQ(texts_of("172.16.0.0/17").size(), 128u);
  EXPECT_EQ(texts_of("8.0.0.0/7").size(), 0u);
  EXPECT_EQ(texts_of("2001:db8::/40").size(), 256u);
  EXPECT_EQ(texts_of("2001:db8::/40").back(), "2001:db8:ff::/48");
  EXPECT_EQ(texts_of("2001:db8::/39").size(), 0u);
  EXPECT_EQ(texts_of("2001:db8::1").size(), 0u) << "its /64 is more than was denied";
  EXPECT_EQ(texts_of("::/0").size(), 0u);
}

}  // namespace
}  // namespace tenfold::guard::kernel
