#include "config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold::config {
namespace {

Config running() {
  Config config;
  config.fixed.workers = 2;
  config.live.listen = {{.address = {"127.0.0.1", 80}}, {.address = {"::1", 443}}};
  return config;
}

TEST(FixedDifferences, AreNoneWhenOnlyReplaceableThingsChange) {
  Config next = running();
  next.live.shop = "another";
  next.live.listen[1].certificates = {{"a", "b"}};
  next.live.origins.emplace_back();
  next.live.cache.coalesce_wait = {};
  std::swap(next.live.listen[0], next.live.listen[1]);
  EXPECT_THAT(fixed_differences(running(), next), ::testing::IsEmpty());
}

TEST(FixedDifferences, NameEachThingThatNeedsARestart) {
  Config next = running();
  next.fixed = {.workers = 0, .user = "shop", .group = "shop", .store = "/other.db"};
  next.live.listen[0].address.port = 81;
  next.live.cache.memory_bytes = 1;
  next.live.access_log.reset();
  next.live.guard.kernel = GuardKernel::off;
  next.live.guard.secret = Secret("a secret that is not shown either");
  next.live.guard.previous_secret = Secret("nor is the one before it");
  next.live.console.emplace().address = {"127.0.0.1", 8090};
  next.live.console->token = Secret("never shown");
  next.live.oncall.emplace().link_url = "https://console.shop.example";
  EXPECT_THAT(
      fixed_differences(running(), next),
      ::testing::ElementsAre(
          "listen: 127.0.0.1:80, [::1]:443 is running, 127.0.0.1:81, [::1]:443 is configured",
          "console.address: nothing is running, 127.0.0.1:8090 is configured",
          "console.token: differs from what is running",
          "oncall.link_url: nothing is running, https://console.shop.example is configured",
          "cache: differs from what is running", "access_log: differs from what is running",
          "guard.kernel: differs from what is running", "guard.secret: differs from what is running",
          "guard.previous_secret: differs from what is running", "workers: 2 is running, one per core is configured",
          "user: nothing is running, shop is configured", "group: nothing is running, shop is configured",
          "store: tenfold.db is running, /other.db is configured"));
}

}  // namespace
}  // namespace tenfold::config
