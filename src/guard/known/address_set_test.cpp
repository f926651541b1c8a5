#include "guard/known/address_set.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/random.hpp"
#include "guard/subject.hpp"

namespace tenfold::guard {
namespace {

net::IpAddress ip(const std::string& text) { return *net::IpAddress::parse(text); }

AddressSet set_of(const std::vector<std::string>& texts) {
  std::vector<net::IpNetwork> networks;
  for (const std::string& text : texts) networks.push_back(*net::IpNetwork::parse(text));
  return AddressSet(networks);
}

TEST(AddressSet, HoldsItsNetworksFromTheFirstAddressToTheLast) {
  const AddressSet set =
      set_of({"192.0.2.128/25", "192.0.2.0/24", "2001:db8::/48", "198.51.100.7", "2001:db8:0:1::/64"});
  struct {
    const char* address;
    bool held;
  } const rows[] = {
      {"192.0.1.255", false},
      {"192.0.2.0", true},
      {"192.0.2.255", true},
      {"192.0.3.0", false},
      {"198.51.100.6", false},
      {"198.51.100.7", true},
      {"198.51.100.8", false},
      {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", false},
      {"2001:db8::", true},
      {"2001:db8:0:1::5", true},
      {"2001:db8:0:ffff:ffff:ffff:ffff:ffff", true},
      {"2001:db8:1::", false},
  };
  for (const auto& row : rows) EXPECT_EQ(set.contains(ip(row.address)), row.held) << row.address;
}

TEST(AddressSet, HoldsWhoComesThroughATranslator) {
  const AddressSet set = set_of({"192.0.2.0/24", "64:ff9b::198.51.100.0/120"});
  EXPECT_TRUE(set.contains(ip("64:ff9b::192.0.2.1")));
  EXPECT_TRUE(set.contains(ip("64:ff9b::198.51.100.1")));
  EXPECT_FALSE(set.contains(ip("198.51.100.1"))) << "that is who comes by IPv4 itself";
  EXPECT_FALSE(set.contains(ip("64:ff9b::192.0.3.1")));
  EXPECT_FALSE(set.contains(ip("64:ff9b:1::192.0.2.1"))) << "not of RFC 6052";
  EXPECT_FALSE(set_of({"::/0"}).contains(ip("192.0.2.1")));
}

TEST(AddressSet, OfNothingHoldsNothingAndOfAllHoldsAll) {
  EXPECT_FALSE(set_of({}).contains(ip("192.0.2.1")));
  EXPECT_TRUE(set_of({"::/0"}).contains(ip("2001:db8::1")));
  EXPECT_FALSE(set_of({"::/0"}).contains(ip("192.0.2.1")));
  EXPECT_TRUE(set_of({"0.0.0.0/0"}).contains(ip("255.255.255.255")));
  EXPECT_FALSE(set_of({"0.0.0.0/0"}).contains(ip("2001:db8::1")));
}

TEST(AddressSet, KnowsNetworksThatItHoldsWholeOrInPart) {
  const AddressSet set = set_of({"192.0.2.16/28", "2001:db8::/48"});
  const auto network = [](const char* text) { return *net::IpNetwork::parse(text); };
  const struct {
    const char* text;
    bool contained, touched;
  } cases[] = {{"192.0.2.16/28", true, true}, {"192.0.2.31", true, true},     {"192.0.2.15", false, false},
               {"192.0.2.32", false, false},  {"192.0.2.0/24", false, true},  {"0.0.0.0/0", false, true},
               {"2001:db8::/64", true, true}, {"2001:db8::/47", false, true}, {"2001:db8:1::", false, false}};
  for (const auto& [text, contained, touched] : cases) {
    EXPECT_EQ(set.contains(network(text)), contained) << text;
    EXPECT_EQ(set.touches(network(text)), touched) << text;
  }
}

TEST(AddressSet, SaysWhatEachOfItsNetworksSays) {
  // given networks of all lengths, many within others
  FastRandom random(7);
  std::vector<net::IpNetwork> networks;
  for (int i = 0; i < 40; ++i) {
    const auto bits = static_cast<std::uint8_t>(12 + random.below(21));
    const Prefix prefix = Prefix::of(net::IpAddress::v4(static_cast<std::uint32_t>(random.below(1 << 24))),
                                     static_cast<std::uint8_t>(96 + bits));
    networks.push_back(*net::IpNetwork::parse(prefix.base.text() + "/" + std::to_string(bits)));
  }
  const AddressSet set(networks);
  int held = 0;
  // when addresses are looked up
  for (int i = 0; i < 20'000; ++i) {
    const auto address = net::IpAddress::v4(static_cast<std::uint32_t>(random.below(1 << 24)));
    bool expected = false;
    for (const auto& network : networks) expected |= network.contains(address);
    // then the set agrees with a search one by one
    ASSERT_EQ(set.contains(address), expected) << address.text();
    held += expected ? 1 : 0;
  }
  EXPECT_GT(held, 100);
  EXPECT_LT(held, 19'900);
}

}  // namespace
}  // namespace tenfold::guard
