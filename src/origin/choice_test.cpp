#include "origin/choice.hpp"

#include <gtest/gtest.h>

#include <map>

#include "origin/sticky.hpp"

namespace tenfold::origin {
namespace {

constexpr TimePoint now{1h};
using Role = PoolSettings::Role;

// A pool whose servers are name.1, name.2, ... by their weights.
PoolSettings pool_of(std::string name, std::string region, Role role, std::vector<std::uint32_t> weights) {
  PoolSettings pool{.name = name, .region = region, .role = role, .max_connections = 100'000};
  std::uint16_t port = 9000;
  for (const std::uint32_t weight : weights) pool.servers.push_back({.host = name, .port = ++port, .weight = weight});
  return pool;
}

// A topology whose servers all have an address, with ways to spoil them.
class ChoiceTest : public testing::Test {
 protected:
  void build(Settings settings) {
    auto built = build_topology(std::move(settings), book_);
    ASSERT_TRUE(built) << built.error().text();
    topology_ = *built;
    for (const auto& server : topology_->servers) server->clear(Mark::unresolved);
  }
  void build_one_pool(std::size_t servers) {
    build({.pools = {pool_of("eu", "eu", Role::active, std::vector<std::uint32_t>(servers, 1))}});
  }
  Server& server(std::size_t index) { return *topology_->servers[index]; }
  Server* server_or_null(std::size_t index) { return topology_->servers[index].get(); }

  Choice choice(std::vector<const Server*> tried = {}, std::string_view sticky = {}) {
    return choose({.route = topology_->routes.back(), .tried = tried, .sticky = sticky, .now = now}, random_);
  }
  // How often each server is chosen when nothing is under way.
  std::map<const Server*, int> tally(int rounds, std::vector<const Server*> tried = {}) {
    std::map<const Server*, int> counts;
    for (int i = 0; i < rounds; ++i) {
      const Choice chosen = choice(tried);
      ++counts[chosen.member == nullptr ? nullptr : chosen.member->server];
    }
    return counts;
  }
  void enter(std::size_t index, int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(server(index).try_enter(UINT32_MAX));
  }

  ServerBook book_;
  std::shared_ptr<Topology> topology_;
  FastRandom random_{42};
};

TEST_F(ChoiceTest, SpreadsEvenlyOverIdleServers) {
  build_one_pool(4);
  auto counts = tally(8000);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(counts[server_or_null(i)], 2000, 200) << i;
}

TEST_F(ChoiceTest, OfTwoServersTheLessLoadedAlwaysWins) {
  build_one_pool(2);
  enter(0, 1);
  EXPECT_EQ(tally(200)[server_or_null(1)], 200);
  enter(1, 2);
  EXPECT_EQ(tally(200)[server_or_null(0)], 200);
}

TEST_F(ChoiceTest, TheMostLoadedOfManyIsNeverChosen) {
  build_one_pool(10);
  enter(7, 1);
  EXPECT_EQ(tally(2000)[server_or_null(7)], 0);
}

TEST_F(ChoiceTest, WeightsShareIdleServersInProportion) {
  build({.pools = {pool_of("eu", "eu", Role::active, {1, 3, 6})}});
  auto counts = tally(20'000);
  EXPECT_NEAR(counts[server_or_null(0)], 2000, 300);
  EXPECT_NEAR(counts[server_or_null(1)], 6000, 500);
  EXPECT_NEAR(counts[server_or_null(2)], 12000, 600);
}

TEST_F(ChoiceTest, WeightsShareTheLoadInProportion) {
  // given two servers of weights 1 and 4 and requests that come and do not go
  build({.pools = {pool_of("eu", "eu", Role::active, {1, 4})}});
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(choice().member->server->try_enter(UINT32_MAX));
  EXPECT_NEAR(server(0).active(), 200, 10);
  EXPECT_NEAR(server(1).active(), 800, 10);
}

TEST_F(ChoiceTest, NoMarkButWarmingIsGood) {
  for (const Mark mark : {Mark::suspected, Mark::ejected, Mark::failing, Mark::dead, Mark::silent, Mark::unresolved}) {
    build_one_pool(3);
    server(1).set(mark);
    EXPECT_EQ(tally(300)[server_or_null(1)], 0) << static_cast<int>(mark);
    server(1).clear(mark);
  }
}

TEST_F(ChoiceTest, AServerThatReturnedRampsUp) {
  // given a server that returned lately, beside one that never left; slow start takes 10 s
  struct {
    Duration ago;
    double share;  // of the idle-time choices: warmth against 1
  } const rows[] = {{0s, 0.1 / 1.1}, {1s, 0.1 / 1.1}, {5s, 0.5 / 1.5}, {9s, 0.9 / 1.9}, {10s, 0.5}, {60s, 0.5}};
  for (const auto& row : rows) {
    build_one_pool(2);
    server(0).start_warming(now - row.ago);
    EXPECT_NEAR(tally(10'000)[server_or_null(0)], 10'000 * row.share, 300) << row.ago.count();
  }
}

TEST_F(ChoiceTest, StandbyOnlyWhenNoActivePoolCan) {
  build({.pools = {pool_of("eu", "eu", Role::active, {1, 1}), pool_of("us", "us", Role::standby, {1}),
                   pool_of("asia", "asia", Role::active, {1})}});
  Server* const us = server_or_null(2);
  Server* const asia = server_or_null(3);
  EXPECT_EQ(tally(100)[us] + tally(100)[asia], 0);
  // when one of eu is down, the other takes all
  server(0).set(Mark::dead);
  EXPECT_EQ(tally(100)[server_or_null(1)], 100);
  // when all of eu are, the next region takes over, and only then the standby
  server(1).set(Mark::ejected);
  EXPECT_EQ(tally(100)[asia], 100);
  server(3).set(Mark::silent);
  EXPECT_EQ(tally(100)[us], 100);
  // and back
  server(0).clear(Mark::dead);
  EXPECT_EQ(tally(100)[server_or_null(0)], 100);
}

TEST_F(ChoiceTest, StandbyTakesWhatIsOverTheLimit) {
  Settings settings{.pools = {pool_of("eu", "eu", Role::active, {1}), pool_of("us", "us", Role::standby, {1})}};
  settings.pools[0].max_connections = 3;
  build(settings);
  enter(0, 2);
  EXPECT_EQ(choice().member->server, server_or_null(0));
  enter(0, 1);
  EXPECT_EQ(choice().member->server, server_or_null(1));
}

TEST_F(ChoiceTest, FullIsToldFromDown) {
  Settings settings{.pools = {pool_of("eu", "eu", Role::active, {1, 1})}};
  settings.pools[0].max_connections = 1;
  build(settings);
  enter(0, 1);
  enter(1, 1);
  EXPECT_EQ(choice().shortage, Choice::Shortage::full);
  server(0).set(Mark::dead);
  EXPECT_EQ(choice().shortage, Choice::Shortage::full);
  server(1).set(Mark::dead);
  EXPECT_EQ(choice().shortage, Choice::Shortage::down);
}

TEST_F(ChoiceTest, AFullGoodServerIsWaitedForRatherThanAnEjectedOneUsed) {
  Settings settings{.pools = {pool_of("eu", "eu", Role::active, {1, 1})}};
  settings.pools[0].max_connections = 1;
  build(settings);
  enter(0, 1);
  server(1).set(Mark::ejected);
  EXPECT_EQ(choice().shortage, Choice::Shortage::full);
}

TEST_F(ChoiceTest, ThePoolsTotalLimitCounts) {
  Settings settings{.pools = {pool_of("eu", "eu", Role::active, {1, 1})}};
  settings.pools[0].max_total_connections = 2;
  build(settings);
  topology_->pools[0]->load->active = 1;
  EXPECT_NE(choice().member, nullptr);
  topology_->pools[0]->load->active = 2;
  EXPECT_EQ(choice().shortage, Choice::Shortage::full);
}

TEST_F(ChoiceTest, PanicUsesAllThatAreNotKnownDead) {
  // given four servers, of which half or more must be good
  build_one_pool(4);
  server(0).set(Mark::dead);
  server(1).set(Mark::ejected);
  // when just enough are good, only they are used
  auto counts = tally(1000);
  EXPECT_EQ(counts[server_or_null(1)], 0);
  // when one fewer is, the ejected and the failing help, the dead and the silent do not
  server(2).set(Mark::failing);
  counts = tally(3000);
  EXPECT_EQ(counts[server_or_null(0)], 0);
  for (int i = 1; i < 4; ++i) EXPECT_NEAR(counts[server_or_null(i)], 1000, 150) << i;
  server(1).set(Mark::silent);
  EXPECT_EQ(tally(1000)[server_or_null(1)], 0);
}

TEST_F(ChoiceTest, NoPanicWhileAnotherTierHasGoodServers) {
  build({.pools = {pool_of("eu", "eu", Role::active, {1, 1, 1, 1}), pool_of("us", "us", Role::standby, {1})}});
  for (int i = 0; i < 3; ++i) server(i).set(Mark::ejected);
  EXPECT_EQ(tally(300)[server_or_null(3)], 300);
  server(3).set(Mark::ejected);
  EXPECT_EQ(tally(300)[server_or_null(4)], 300);
  server(4).set(Mark::ejected);
  EXPECT_EQ(tally(300)[server_or_null(4)], 0);  // all ejected: the active tier again
}

TEST_F(ChoiceTest, SilentServersAreTheLastResortAndDeadOnesNone) {
  build_one_pool(2);
  server(0).set(Mark::silent);
  server(1).set(Mark::dead);
  EXPECT_EQ(tally(10)[server_or_null(0)], 10);
  server(0).set(Mark::dead);
  EXPECT_EQ(choice().shortage, Choice::Shortage::down);
}

TEST_F(ChoiceTest, TriedServersOnlyWhenThereIsNoOther) {
  build_one_pool(3);
  EXPECT_EQ(tally(100, {&server(0), &server(2)})[server_or_null(1)], 100);
  // an ejected one is better than one that just failed
  server(1).set(Mark::ejected);
  EXPECT_EQ(tally(100, {&server(0), &server(2)})[server_or_null(1)], 100);
  server(1).set(Mark::dead);
  EXPECT_EQ(tally(100, {&server(0), &server(2)})[server_or_null(1)], 0);
  EXPECT_NE(choice({&server(0), &server(2)}).member, nullptr);
}

TEST_F(ChoiceTest, TheCookieLeadsToItsServerWhileThatIsGood) {
  Settings settings{.pools = {pool_of("eu", "eu", Role::active, {1, 1, 1})}, .sticky_secret = "s3cret"};
  settings.pools[0].sticky = StickySettings{};
  build(settings);
  const std::string cookie = topology_->pools[0]->members[2].sticky;
  EXPECT_EQ(topology_->routes.back().sticky_cookie, "tenfold_origin");
  enter(2, 50);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(choice({}, cookie).member->server, server_or_null(2));
  server(2).set(Mark::ejected);
  for (int i = 0; i < 50; ++i) EXPECT_NE(choice({}, cookie).member->server, server_or_null(2));
  for (int i = 0; i < 50; ++i) EXPECT_NE(choice({}, "made up").member, nullptr);
}

TEST(Sticky, IsKeyedAndStable) {
  EXPECT_EQ(sticky_value("k", "10.0.0.1:80"), sticky_value("k", "10.0.0.1:80"));
  EXPECT_NE(sticky_value("k", "10.0.0.1:80"), sticky_value("k", "10.0.0.1:81"));
  EXPECT_NE(sticky_value("k", "10.0.0.1:80"), sticky_value("j", "10.0.0.1:80"));
  EXPECT_EQ(sticky_value("k", "10.0.0.1:80").size(), 24u);
}

TEST_F(ChoiceTest, ManyServersAreAllReached) {
  build_one_pool(300);
  for (std::size_t i = 0; i < 299; ++i) server(i).set(Mark::dead);
  EXPECT_EQ(tally(50)[server_or_null(299)], 50);
}

}  // namespace
}  // namespace tenfold::origin
