#include "guard/kernel/interfaces.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tenfold::guard::kernel {

namespace {

using Kind = Interface::Kind;

net::IpAddress address(std::string_view text) { return *net::IpAddress::parse(text); }
net::Endpoint endpoint(std::string_view text) { return *net::Endpoint::parse(text); }

std::vector<Interface> a_server() {
  return {{.name = "lo", .index = 1, .kind = Kind::loopback, .is_up = true, .addresses = {address("127.0.0.1")}},
          {.name = "eth0",
           .index = 2,
           .is_up = true,
           .has_default_route = true,
           .addresses = {address("192.0.2.10"), address("2001:db8::10")}},
          {.name = "eth1", .index = 3, .is_up = true, .addresses = {address("10.0.0.10")}},
          {.name = "eth2", .index = 4, .is_up = false, .addresses = {address("10.1.0.10")}},
          {.name = "br0", .index = 5, .is_up = true}};
}

std::vector<std::string> names_for(const std::vector<Interface>& all, const std::vector<net::Endpoint>& listeners) {
  std::vector<std::string> names;
  for (const Interface& each : serving(all, listeners)) names.push_back(each.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(ServingInterfaces, AreThoseOfTheListenersAddresses) {
  EXPECT_EQ(names_for(a_server(), {endpoint("192.0.2.10:443")}), Names({"eth0"}));
  EXPECT_EQ(names_for(a_server(), {endpoint("[2001:db8::10]:443"), endpoint("10.0.0.10:80")}), Names({"eth0", "eth1"}));
  EXPECT_EQ(names_for(a_server(), {endpoint("10.1.0.10:443")}), Names()) << "it is down";
  EXPECT_EQ(names_for(a_server(), {endpoint("127.0.0.1:8080")}), Names());
}

TEST(ServingInterfaces, OfAllAddressesAreTheDefaultRoutes) {
  EXPECT_EQ(names_for(a_server(), {endpoint("0.0.0.0:443")}), Names({"eth0"}));
  EXPECT_EQ(names_for(a_server(), {endpoint("[::]:443"), endpoint("10.0.0.10:80")}), Names({"eth0", "eth1"}));
}

TEST(ServingInterfaces, WithoutADefaultRouteAreAllWithAnAddress) {
  auto all = a_server();
  all[1].has_default_route = false;
  EXPECT_EQ(names_for(all, {endpoint("[::]:443")}), Names({"eth0", "eth1"}));
}

TEST(ServingInterfaces, LoopbackAloneIsNotPublic) {
  const std::vector inside{endpoint("127.0.0.1:80"), endpoint("[::1]:80")};
  EXPECT_FALSE(is_public(inside));
  const std::vector outside{endpoint("127.0.0.1:80"), endpoint("[::]:443")};
  EXPECT_TRUE(is_public(outside));
}

TEST(ReadInterfaces, FindsLoopback) {
  const auto all = read_interfaces();
  ASSERT_TRUE(all) << all.error().text();
  const auto loopback = std::ranges::find(*all, "lo", &Interface::name);
  ASSERT_NE(loopback, all->end());
  EXPECT_EQ(loopback->kind, Kind::loopback);
}

}  // namespace

}  // namespace tenfold::guard::kernel
