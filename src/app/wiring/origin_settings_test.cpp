#include "app/wiring/origin_settings.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "app/wiring/edge_policy.hpp"
#include "config/load.hpp"

namespace tenfold::app {
namespace {

using namespace std::chrono_literals;

config::Replaceable live_of(const std::string& rest) {
  auto found = config::load_text("shop: Corner\nlisten: [{ address: 127.0.0.1:0 }]\n" + rest, "shop.yaml", ".");
  for (const auto& problem : found.problems) {  // what this machine warns of is nothing to these tests
    if (problem.severity == config::Severity::error) ADD_FAILURE() << problem.line << ": " << problem.message;
  }
  return found.config ? found.config->live : config::Replaceable();
}

// Each of these is read as one thing and kept as another.
TEST(OriginSettings, WhatIsWrittenInAnotherFormArrives) {
  const auto settings = origin_settings(live_of(R"(
origins:
  - { name: a, servers: ["app.internal:81", { address: "unix:/run/x.sock", weight: 3 }], tls: { verify: off, server_name: n.example } }
  - { name: b, servers: ["[::1]:82"], standby: yes, stickiness: { ttl: 5m }, tls: on }
health: { status: 204 }
retries: { min: 2.5/s }
routes: [{ paths: [POST /pay*], origins: [b], cache: bypass }, { paths: [/a] }]
)"));
  ASSERT_EQ(settings.pools.size(), 2u);
  const origin::PoolSettings& a = settings.pools[0];
  const origin::PoolSettings& b = settings.pools[1];
  EXPECT_EQ(a.servers[0], (origin::ServerSettings{.host = "app.internal", .port = 81}));
  EXPECT_EQ(a.servers[1], (origin::ServerSettings{.unix_path = "/run/x.sock", .weight = 3}));
  EXPECT_EQ(a.role, origin::PoolSettings::Role::active);
  EXPECT_EQ(a.tls->verify, origin::TlsSettings::Verify::nothing);
  EXPECT_EQ(b.servers[0].host, "::1");
  EXPECT_EQ(b.role, origin::PoolSettings::Role::standby);
  EXPECT_EQ(b.tls->verify, origin::TlsSettings::Verify::certificate);
  EXPECT_EQ(b.sticky->lifetime, 5min);
  EXPECT_EQ(settings.health.status_from, 204);
  EXPECT_EQ(settings.health.status_to, 204);
  EXPECT_EQ(settings.retry.min_per_s, 2u);
  EXPECT_EQ(settings.routes[0].paths[0], (origin::RouteSettings::Pattern{"POST", "/pay*"}));
  EXPECT_EQ(settings.routes[0].label, static_cast<std::uint32_t>(edge::RouteCaching::bypass));
  EXPECT_EQ(settings.routes[1].label, static_cast<std::uint32_t>(edge::RouteCaching::follow));
}

TEST(OriginSettings, DefaultsAreTheModulesOwn) {
  const auto live = live_of("origins: [{ name: a, servers: [127.0.0.1:81] }]\n");
  const auto settings = origin_settings(live);
  EXPECT_EQ(settings.pools[0], (origin::PoolSettings{.name = "a", .servers = {{.host = "127.0.0.1", .port = 81}}}));
  EXPECT_EQ(settings.ejection, origin::EjectionPolicy());
  const auto policy = edge_policy(live, nullptr, 0);
  ASSERT_TRUE(policy.has_value());
  EXPECT_EQ((*policy)->limits, edge::Limits());
  EXPECT_EQ((*policy)->limits.body_bytes, 8ull << 30);
  EXPECT_EQ((*policy)->coalesce_wait, 10s);
}

}  // namespace
}  // namespace tenfold::app
