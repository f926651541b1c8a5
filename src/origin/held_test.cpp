#include "origin/held.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "origin/topology.hpp"

namespace tenfold::origin {
namespace {

using namespace std::chrono_literals;
using Kind = HeldPlaces::Kind;
using Hold = HeldPlaces::Hold;

// Two servers of eight places each: six of each may be held for long.
class HeldPlacesTest : public ::testing::Test {
 protected:
  HeldPlacesTest() { topology->pools[0]->load->note_shortage(now); }
  const Member& server(std::size_t index = 0) const { return topology->pools[0]->members[index]; }
  Hold take(std::uint64_t client, Kind kind = Kind::download) { return held.take(client, kind, 8, 8); }
  // Holds of clients with numbers of their own, settled at the server with that pace.
  std::vector<Hold> settled(std::uint32_t count, std::uint64_t first_client, std::optional<std::uint64_t> pace) {
    std::vector<Hold> all;
    for (std::uint64_t i = 0; i < count; ++i) {
      all.push_back(take(first_client + i));
      EXPECT_TRUE(all.back()->keep(server(), pace, now)) << i;
    }
    return all;
  }
  // How many of them have to go.
  int ended(const std::vector<Hold>& all, std::optional<std::uint64_t> pace) const {
    int count = 0;
    for (const Hold& hold : all) count += hold->keep(server(), pace, now) ? 0 : 1;
    return count;
  }
  static Settings two_servers() {
    PoolSettings pool{.name = "shop", .servers = {{.host = "10.0.0.1", .port = 80}, {.host = "10.0.0.2", .port = 80}}};
    pool.max_connections = 8;
    return {.pools = {pool}};
  }

  const TimePoint now{1h};
  ServerBook book;
  std::shared_ptr<Topology> topology = *build_topology(two_servers(), book);
  HeldPlaces held;
};

TEST_F(HeldPlacesTest, AQuarterAndAtLeastOneIsLeftToOthersWhereThereIsMoreThanOne) {
  EXPECT_EQ(HeldPlaces::most_of(1), 1u);
  EXPECT_EQ(HeldPlaces::most_of(2), 1u);
  EXPECT_EQ(HeldPlaces::most_of(4), 3u);
  EXPECT_EQ(HeldPlaces::most_of(16), 12u);
  EXPECT_EQ(HeldPlaces::most_of(256), 192u);
}

TEST_F(HeldPlacesTest, AClientHasItsShareOfEachKindAndInAll) {
  std::vector<Hold> all;
  for (int i = 0; i < 3; ++i) all.push_back(held.take(1, Kind::upload, 3, 4));
  EXPECT_EQ(held.take(1, Kind::upload, 3, 4), nullptr);
  all.push_back(held.take(1, Kind::tunnel, 3, 4));
  EXPECT_NE(all.back(), nullptr);
  EXPECT_EQ(held.take(1, Kind::tunnel, 3, 4), nullptr);
  EXPECT_NE(held.take(2, Kind::tunnel, 3, 4), nullptr);
  all.clear();
  EXPECT_NE(held.take(1, Kind::upload, 3, 4), nullptr);
}

TEST_F(HeldPlacesTest, ThreeQuartersOfAServerAreHeldByAllTogether) {
  std::vector<Hold> all = settled(6, 100, 1'000'000);
  Hold newcomer = take(1);
  EXPECT_FALSE(newcomer->keep(server(), {}, now));
  EXPECT_TRUE(newcomer->keep(server(1), {}, now)) << "the other server has room";
  all.pop_back();
  EXPECT_TRUE(take(2)->keep(server(), {}, now));
  EXPECT_EQ(ended(all, 1'000'000), 0);
}

TEST_F(HeldPlacesTest, WhileNobodyIsShortOfAPlaceNobodyGoes) {
  const TimePoint later = now + PoolLoad::short_for;
  std::vector<Hold> all;
  for (std::uint64_t i = 0; i < 8; ++i) {
    all.push_back(take(100));
    EXPECT_TRUE(all.back()->may_begin(server(), later));
    EXPECT_TRUE(all.back()->keep(server(), 1, later));
  }
  topology->pools[0]->load->note_shortage(later);
  int went = 0;
  for (const Hold& hold : all) went += hold->keep(server(), 1, later) ? 0 : 1;
  EXPECT_EQ(went, 2);
}

TEST_F(HeldPlacesTest, TheSlowestGoesForWhoIsFaster) {
  std::vector<Hold> slow = settled(5, 100, 1600);
  std::vector<Hold> slower = settled(1, 200, 1500);
  Hold newcomer = take(1);
  EXPECT_TRUE(newcomer->keep(server(), 100'000, now));
  EXPECT_EQ(ended(slower, 1500), 1);
  EXPECT_EQ(ended(slow, 1600), 0);
  EXPECT_TRUE(newcomer->keep(server(), 1, now)) << "who is settled may be slow, until somebody else comes";
}

TEST_F(HeldPlacesTest, WhoIsSlowerThanAllOthersGoesItself) {
  const std::vector<Hold> slow = settled(6, 100, 1600);
  EXPECT_FALSE(take(1)->keep(server(), 1599, now));
  EXPECT_FALSE(take(1)->keep(server(), 1600, now));
  EXPECT_EQ(ended(slow, 1600), 0);
}

TEST_F(HeldPlacesTest, WhoIsNotKnownYetLosesNothingAndCountsAsFast) {
  const std::vector<Hold> unknown = settled(6, 100, {});
  EXPECT_FALSE(take(1)->keep(server(), 1'000'000, now));
  EXPECT_EQ(ended(unknown, 70'000), 0);
  EXPECT_FALSE(take(1)->keep(server(), 1'000'000, now));
  EXPECT_EQ(ended(unknown, 60'000), 0);
  EXPECT_TRUE(take(1)->keep(server(), {}, now));
}

TEST_F(HeldPlacesTest, TheClientWithTheMostLosesFirstHoweverSlowTheOthers) {
  const std::vector<Hold> honest = settled(3, 100, 10);
  std::vector<Hold> greedy;
  for (int i = 0; i < 3; ++i) {
    greedy.push_back(take(7));
    ASSERT_TRUE(greedy.back()->keep(server(), 60'000, now));
  }
  EXPECT_TRUE(take(1)->keep(server(), 10, now)) << "however slow it is itself";
  EXPECT_EQ(ended(greedy, 60'000), 1);
  EXPECT_EQ(ended(honest, 10), 0);
}

TEST_F(HeldPlacesTest, TheClientWithTheMostLosesHoweverFastAndNew) {
  const std::vector<Hold> honest = settled(3, 100, 70'000);
  std::vector<Hold> greedy;
  for (int i = 0; i < 3; ++i) {
    greedy.push_back(take(7));
    ASSERT_TRUE(greedy.back()->keep(server(), {}, now));
  }
  EXPECT_TRUE(take(1)->keep(server(), {}, now));
  EXPECT_EQ(ended(greedy, 1'000'000), 1);
  EXPECT_EQ(ended(honest, 70'000), 0);
}

TEST_F(HeldPlacesTest, WhoHasManyPushesOutNobodyWhoHasFewer) {
  const std::vector<Hold> honest = settled(6, 100, 1024);
  const Hold elsewhere = take(7);
  EXPECT_FALSE(take(7)->keep(server(), 1'000'000, now));
  EXPECT_EQ(ended(honest, 1024), 0);
}

TEST_F(HeldPlacesTest, WhoStandsStillGoesForAClientWithOneMore) {
  const std::vector<Hold> silent = settled(6, 100, 0);
  const Hold file = take(1), other_file = take(1);
  EXPECT_TRUE(file->keep(server(), 1'000'000, now));
  EXPECT_EQ(ended(silent, 0), 1);
  const Hold a = take(2), b = take(2);
  EXPECT_FALSE(take(2)->keep(server(), 1'000'000, now)) << "with two more";
}

TEST_F(HeldPlacesTest, WhereNoMoreMayBeHeldAClientBeginsWithAFewOnly) {
  std::vector<Hold> all = settled(6, 100, 1'000'000);
  std::vector<Hold> own;
  for (std::uint32_t i = 0; i < HeldPlaces::most_beside_full; ++i) {
    own.push_back(take(1));
    EXPECT_TRUE(own.back()->may_begin(server(), now));
  }
  EXPECT_FALSE(take(1)->may_begin(server(), now));
  EXPECT_TRUE(take(1)->may_begin(server(1), now));
  EXPECT_TRUE(take(2)->may_begin(server(), now));
  all.pop_back();
  EXPECT_TRUE(take(1)->may_begin(server(), now));
}

TEST_F(HeldPlacesTest, APoolsLimitCountsToo) {
  Settings settings = two_servers();
  settings.pools[0].max_total_connections = 8;
  topology = *build_topology(settings, book);
  std::vector<Hold> all;
  for (std::uint64_t i = 0; i < 6; ++i) {
    all.push_back(take(100 + i));
    EXPECT_TRUE(all.back()->keep(server(i % 2), 1'000'000, now));
  }
  EXPECT_FALSE(take(1)->keep(server(), {}, now));
  EXPECT_FALSE(take(1)->keep(server(1), {}, now));
  all.pop_back();
  EXPECT_TRUE(take(1)->keep(server(1), {}, now));
}

TEST_F(HeldPlacesTest, WhoMovesToAnotherServerCountsThereAlone) {
  Hold moves = take(1);
  EXPECT_TRUE(moves->keep(server(), {}, now));
  EXPECT_TRUE(moves->keep(server(1), {}, now));
  EXPECT_EQ(settled(6, 100, 1'000'000).size(), 6u);
}

TEST_F(HeldPlacesTest, ManyThreadsLeaveNothingBehind) {
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < 5'000; ++i) {
        const Hold first = take(thread * 2 + i % 2);
        const Hold second = take(thread);
        if (first) first->keep(server(i % 2), i % 3 * 1'000, now);
        if (second) second->keep(server(), i % 5 * 1'000, now);
        if (first) first->keep(server(i % 2), 1, now);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<Hold> all = settled(6, 100, 1'000'000);
  EXPECT_FALSE(take(1)->keep(server(), {}, now));
}

}  // namespace
}  // namespace tenfold::origin
