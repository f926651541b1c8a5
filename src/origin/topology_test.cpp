#include "origin/topology.hpp"

#include <gtest/gtest.h>

namespace tenfold::origin {
namespace {

using Role = PoolSettings::Role;

PoolSettings pool(std::string name, std::string region, Role role, std::uint16_t port) {
  return {.name = name, .region = region, .role = role, .servers = {{.host = "10.0.0.1", .port = port}}};
}

TEST(Topology, RegionsMakeTiersInOrderStandbyLast) {
  ServerBook book;
  const auto built = build_topology({.pools = {pool("a", "eu", Role::active, 1), pool("b", "us", Role::standby, 2),
                                               pool("c", "eu", Role::active, 3), pool("d", "us", Role::active, 4)}},
                                    book);
  ASSERT_TRUE(built);
  const Route& route = (*built)->routes.back();
  ASSERT_EQ(route.tiers.size(), 3u);
  EXPECT_EQ(route.tiers[0].members.size(), 2u);  // a and c: no active pool of another region between them
  EXPECT_EQ(route.tiers[1].members.front()->server->port(), 4);
  EXPECT_EQ(route.tiers[2].members.front()->server->port(), 2);
  EXPECT_EQ(route.tiers[2].role, Role::standby);
}

TEST(Topology, RefusesWhatCannotWork) {
  const PoolSettings good = pool("a", "", Role::active, 1);
  PoolSettings empty = good;
  empty.servers.clear();
  PoolSettings heavy = good;
  heavy.servers[0].weight = 1001;
  const Settings rows[] = {
      {},
      {.pools = {empty}},
      {.pools = {heavy}},
      {.pools = {good, good}},
      {.pools = {pool("s", "", Role::standby, 1)}},
      {.pools = {good}, .routes = {{.hosts = {}, .paths = {}, .pools = {"nowhere"}}}},
  };
  for (const Settings& settings : rows) {
    ServerBook book;
    EXPECT_FALSE(build_topology(settings, book));
    EXPECT_TRUE(book.servers.empty());
  }
}

TEST(Topology, AReloadKeepsTheServersWhoseAddressStays) {
  ServerBook book;
  const auto before = build_topology({.pools = {pool("a", "", Role::active, 1), pool("b", "", Role::active, 2)}}, book);
  const auto after = build_topology({.pools = {pool("b", "", Role::active, 2), pool("x", "", Role::active, 3)}}, book);
  EXPECT_EQ((*before)->servers[1], (*after)->servers[0]);
  EXPECT_EQ((*before)->pools[1]->load, (*after)->pools[0]->load);
  EXPECT_EQ((*after)->servers[1]->id(), 2u);
  EXPECT_EQ(book.servers.size(), 2u);
}

TEST(Topology, OneAddressInTwoPoolsIsOneServerUnlessTlsDiffers) {
  ServerBook book;
  PoolSettings with_tls = pool("c", "", Role::active, 1);
  with_tls.tls = TlsSettings{};
  const auto built =
      build_topology({.pools = {pool("a", "", Role::active, 1), pool("b", "", Role::active, 1), with_tls}}, book);
  ASSERT_EQ((*built)->servers.size(), 2u);
  EXPECT_EQ((*built)->pools[0]->members[0].server, (*built)->pools[1]->members[0].server);
  EXPECT_NE((*built)->pools[0]->members[0].server, (*built)->pools[2]->members[0].server);
}

TEST(Topology, NamesWaitForAnAddressAndLiteralsDoNot) {
  ServerBook book;
  PoolSettings mixed{.name = "m", .servers = {{.host = "shop.internal", .port = 80}, {.host = "::1", .port = 81}}};
  const auto built = build_topology({.pools = {mixed}}, book);
  EXPECT_TRUE((*built)->servers[0]->marks().has(Mark::unresolved));
  EXPECT_TRUE((*built)->servers[1]->marks().good());
  EXPECT_EQ((*built)->servers[1]->name(), "[::1]:81");
  EXPECT_EQ((*built)->servers[1]->address(), "[::1]:81");
}

TEST(Topology, ANamesAddressesAreServersOfTheirOwn) {
  ServerBook book;
  const net::IpAddress one = net::IpAddress::v4(0x0a000001);
  const net::IpAddress two = net::IpAddress::v4(0x0a000002);
  book.addresses["shop.internal"] = {one, two};
  PoolSettings pool{.name = "m", .servers = {{.host = "shop.internal", .port = 80, .weight = 3}}};
  pool.sticky = StickySettings{};
  const auto built = build_topology({.pools = {pool}}, book);
  ASSERT_EQ((*built)->servers.size(), 2u);
  EXPECT_EQ((*built)->servers[0]->name(), "shop.internal:80");
  EXPECT_EQ((*built)->servers[0]->full_name(), "shop.internal:80 (10.0.0.1:80)");
  EXPECT_TRUE((*built)->servers[0]->marks().good());
  EXPECT_EQ((*built)->pools[0]->members[1].weight, 3u);
  EXPECT_NE((*built)->pools[0]->members[0].sticky, (*built)->pools[0]->members[1].sticky);
  EXPECT_EQ((*built)->routes.back().places, 512u);
  // one that left and comes back is the same
  const auto server = (*built)->servers[0];
  book.addresses["shop.internal"] = {two};
  ASSERT_EQ((*build_topology({.pools = {pool}}, book))->servers.size(), 1u);
  book.addresses["shop.internal"] = {one, two};
  EXPECT_EQ((*build_topology({.pools = {pool}}, book))->servers[0], server);
}

TEST(Topology, ManyAddressesThatComeAndGoAreForgotten) {
  ServerBook book;
  const PoolSettings pool{.name = "m", .servers = {{.host = "shop.internal", .port = 80}}};
  for (std::uint32_t i = 0; i < 1000; ++i) {
    book.addresses["shop.internal"] = {net::IpAddress::v4(0x0a000000 + i)};
    ASSERT_TRUE(build_topology({.pools = {pool}}, book));
  }
  EXPECT_LE(book.gone.size(), 64u);
  EXPECT_EQ(book.servers.size(), 1u);
}

TEST(Topology, AUnixSocketIsAServer) {
  ServerBook book;
  PoolSettings pool{.name = "m", .servers = {{.unix_path = "/run/php/shop.sock"}}};
  const auto built = build_topology({.pools = {pool}}, book);
  ASSERT_TRUE(built);
  EXPECT_EQ((*built)->servers[0]->name(), "unix:/run/php/shop.sock");
  EXPECT_EQ((*built)->servers[0]->address(), "unix:/run/php/shop.sock");
  EXPECT_EQ((*built)->servers[0]->full_name(), "unix:/run/php/shop.sock");
  EXPECT_TRUE((*built)->servers[0]->marks().good());
  pool.servers[0].unix_path = std::string(107, '/');
  EXPECT_TRUE(build_topology({.pools = {pool}}, book));
  pool.servers[0].unix_path += '/';
  EXPECT_FALSE(build_topology({.pools = {pool}}, book));
}

}  // namespace
}  // namespace tenfold::origin
