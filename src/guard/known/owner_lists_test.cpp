#include "guard/known/owner_lists.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

constexpr WallTime listed_at{std::chrono::sys_days(std::chrono::year(2026) / 11 / 30)};

OwnerEntry entry_of(const std::string& network, WallTime ends = listed_at + 1h) {
  return {.network = *net::IpNetwork::parse(network), .reason = "because", .added = listed_at, .ends = ends};
}
net::IpAddress address_of(const std::string& text) { return *net::IpAddress::parse(text); }

TEST(OwnerLists, HoldForTheirNetworksAndNoOthers) {
  OwnerLists lists;
  EXPECT_EQ(lists.networks(), nullptr);
  ASSERT_TRUE(lists.add(&OwnerEntries::deny, entry_of("192.0.2.0/24")));
  ASSERT_TRUE(lists.add(&OwnerEntries::allow, entry_of("2001:db8::/48")));
  EXPECT_TRUE(lists.networks()->deny.contains(address_of("192.0.2.255")));
  EXPECT_FALSE(lists.networks()->deny.contains(address_of("192.0.3.0")));
  EXPECT_FALSE(lists.networks()->deny.contains(address_of("2001:db8::1")));
  EXPECT_TRUE(lists.networks()->allow.contains(address_of("2001:db8::1")));
}

TEST(OwnerLists, TheSameNetworkTakesItsPlace) {
  OwnerLists lists;
  ASSERT_TRUE(lists.add(&OwnerEntries::deny, entry_of("192.0.2.0/24", listed_at + 1h)));
  const auto before = lists.revision();
  ASSERT_TRUE(lists.add(&OwnerEntries::deny, entry_of("192.0.2.0/24", listed_at + 2h)));
  ASSERT_EQ(lists.entries().deny.size(), 1u);
  EXPECT_EQ(lists.entries().deny[0].ends, listed_at + 2h);
  EXPECT_NE(lists.revision(), before);
}

TEST(OwnerLists, EndOnTimeOrWhenTheyAreTakenOut) {
  OwnerLists lists;
  ASSERT_TRUE(lists.add(&OwnerEntries::deny, entry_of("192.0.2.1", listed_at + 1h)));
  ASSERT_TRUE(lists.add(&OwnerEntries::deny, entry_of("192.0.2.2", listed_at + 2h)));
  lists.expire(listed_at + 1h - 1ms);
  EXPECT_EQ(lists.entries().deny.size(), 2u);
  const auto before = lists.revision();
  lists.expire(listed_at + 1h);
  ASSERT_EQ(lists.entries().deny.size(), 1u);
  EXPECT_FALSE(lists.networks()->deny.contains(address_of("192.0.2.1")));
  EXPECT_NE(lists.revision(), before);
  EXPECT_TRUE(lists.remove(&OwnerEntries::deny, *net::IpNetwork::parse("192.0.2.2")));
  EXPECT_FALSE(lists.remove(&OwnerEntries::deny, *net::IpNetwork::parse("192.0.2.2")));
  EXPECT_EQ(lists.networks(), nullptr);
}

TEST(OwnerLists, AFullListSaysSoAndIsLoadedAsItWas) {
  OwnerLists lists;
  for (std::uint32_t i = 0; i < OwnerLists::most_entries; ++i) {
    ASSERT_TRUE(lists.add(&OwnerEntries::deny, entry_of(net::IpAddress::v4(0x0a000000 + i).text())));
  }
  EXPECT_EQ(lists.add(&OwnerEntries::deny, entry_of("192.0.2.1")).error().code, Errc::exhausted);
  EXPECT_TRUE(lists.add(&OwnerEntries::deny, entry_of("10.0.0.0", listed_at + 1h))) << "one that is there";
  EXPECT_TRUE(lists.add(&OwnerEntries::allow, entry_of("192.0.2.1")));
  OwnerLists again;
  again.load(lists.entries());
  EXPECT_EQ(again.entries(), lists.entries());
}

}  // namespace
}  // namespace tenfold::guard
