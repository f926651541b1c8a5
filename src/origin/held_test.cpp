#include "origin/held.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "net/sim/sim_loop.hpp"
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

// ---- ranks ----

class RankedHolds : public HeldPlacesTest {
 protected:
  static constexpr std::uint8_t customer = 1, stranger = 3, suspect = 4;
  Hold take_as(std::uint8_t rank, std::uint64_t client, std::optional<std::uint64_t> pace, TimePoint when) {
    Hold hold = held.take(client, Kind::download, 8, 8, rank);
    EXPECT_TRUE(hold->may_begin(server(), when));
    EXPECT_TRUE(hold->keep(server(), pace, when));
    return hold;
  }
  bool make_way_for(std::uint8_t rank, TimePoint when) { return held.make_way(topology->routes.back(), rank, when); }
  bool goes(const Hold& hold) const { return !hold->keep(server(), 1, now); }
};

TEST_F(RankedHolds, AWorseRankGoesHoweverFastAndABetterNever) {
  std::vector<Hold> strangers;
  for (std::uint64_t i = 0; i < 6; ++i) strangers.push_back(take_as(stranger, 100 + i, 1'000'000 + i, now));
  std::vector<Hold> customers;
  for (std::uint64_t i = 0; i < 6; ++i) customers.push_back(take_as(customer, 200 + i, 1, now));
  for (const Hold& hold : strangers) EXPECT_TRUE(goes(hold));
  const Hold late = held.take(300, Kind::download, 8, 8, stranger);
  EXPECT_FALSE(late->keep(server(), 1'000'000, now));
  for (const Hold& hold : customers) EXPECT_FALSE(goes(hold));
}

TEST_F(RankedHolds, TheWorstRankMakesWayTheLongestHeldFirst) {
  const Hold older = take_as(stranger, 1, 0, now - 9s), old = take_as(stranger, 2, 0, now - 8s);
  const Hold bad = take_as(suspect, 3, 0, now - 1s), known = take_as(customer, 4, 0, now - 20s);
  EXPECT_TRUE(make_way_for(customer, now));
  EXPECT_TRUE(goes(bad));
  EXPECT_FALSE(goes(older));
  EXPECT_TRUE(make_way_for(customer, now));
  EXPECT_TRUE(goes(older));
  EXPECT_FALSE(goes(old));
  EXPECT_TRUE(make_way_for(customer, now));
  EXPECT_TRUE(goes(old));
  EXPECT_FALSE(make_way_for(customer, now));
  EXPECT_FALSE(goes(known));
}

TEST_F(RankedHolds, NobodyMakesWayForAnEqualOrAWorse) {
  const Hold hold = take_as(stranger, 1, 0, now - 1h);
  EXPECT_FALSE(make_way_for(stranger, now));
  EXPECT_FALSE(make_way_for(suspect, now));
  EXPECT_TRUE(make_way_for(2, now));
}

TEST_F(RankedHolds, WhoIsFastMakesWayAfterHalfAMinute) {
  const Hold fast = take_as(stranger, 1, HeldPlaces::slow_bytes_per_s, now);
  EXPECT_FALSE(make_way_for(customer, now + HeldPlaces::counts_at_last - 1ms));
  EXPECT_TRUE(make_way_for(customer, now + HeldPlaces::counts_at_last));
  const Hold slow = take_as(stranger, 1, HeldPlaces::slow_bytes_per_s - 1, now);
  EXPECT_TRUE(make_way_for(customer, now));
  const Hold unknown = take_as(stranger, 1, {}, now);
  EXPECT_TRUE(make_way_for(customer, now));
}

TEST_F(RankedHolds, WhoLosesIsCalledOnItsLoop) {
  net::sim::SimNetwork network;
  net::sim::SimLoop& loop = network.make_loop();
  int called = 0;
  const auto told = [](void* count) { ++*static_cast<int*>(count); };
  const Hold hold = take_as(stranger, 1, 0, now), other = take_as(stranger, 2, 0, now);
  hold->call_when_lost(loop, told, &called);
  other->call_when_lost(loop, told, &called);
  other->call_when_lost(loop, nullptr, nullptr);
  EXPECT_TRUE(make_way_for(customer, now));
  EXPECT_EQ(called, 0);
  network.settle();
  EXPECT_EQ(called, 1);
  EXPECT_TRUE(make_way_for(customer, now));
  network.settle();
  EXPECT_EQ(called, 1);
  Hold gone = take_as(stranger, 3, 0, now);
  gone->call_when_lost(loop, told, &called);
  EXPECT_TRUE(make_way_for(customer, now));
  gone.reset();  // word to it is under way
  network.settle();
  EXPECT_EQ(called, 1);
}

TEST_F(RankedHolds, EachMomentIsChargedOnce) {
  const Hold hold = take_as(stranger, 1, 0, now);
  EXPECT_EQ(hold->uncharged(now + 1s), 1s);
  EXPECT_EQ(hold->uncharged(now + 3s), 2s);
  EXPECT_EQ(hold->charged(), 3s);
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
