#include "cache/store/hold.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <list>
#include <string>

#include "base/clock.hpp"
#include "cache/store/store.hpp"

namespace tenfold::cache {
namespace {

// Room for eight bodies; a client's share is two.
class HoldsTest : public ::testing::Test {
 protected:
  Ref<const Body> body() {
    BodyWriter writer(store, 1'000'000);
    writer.append(std::string(100'000, 'x'));
    return writer.finish();
  }
  // Of a body of its own.
  bool take(Hold& hold, std::uint64_t client) { return holds.take(hold, body(), client); }
  static int lost(const std::list<Hold>& all) {
    int count = 0;
    for (const Hold& each : all) count += each.lost() ? 1 : 0;
    return count;
  }

  static constexpr std::uint64_t slow = Holds::slow_bytes_per_s - 1;
  ManualClock clock;
  Ledger ledger{8 * 1024 * 1024};
  Store store{ledger, clock, 1};
  const std::size_t one = body()->charged_bytes();
  Holds holds{8 * one};
};

TEST_F(HoldsTest, CountEachBodyOnce) {
  const auto shared = body();
  std::list<Hold> same;
  for (std::uint64_t i = 0; i < 20; ++i) EXPECT_TRUE(holds.take(same.emplace_back(), shared, i % 2));
  EXPECT_EQ(holds.held_bytes(), one);
  same.clear();
  EXPECT_EQ(holds.held_bytes(), 0u);
}

TEST_F(HoldsTest, GiveOneClientAQuarter) {
  const auto shared = body();
  Hold first, more;
  ASSERT_TRUE(holds.take(first, shared, 1));
  std::list<Hold> second;
  ASSERT_TRUE(take(second.emplace_back(), 1));
  EXPECT_FALSE(take(more, 1));
  EXPECT_FALSE(more.good());
  EXPECT_TRUE(holds.take(more, shared, 1));
  second.clear();
  Hold again;
  EXPECT_TRUE(take(again, 1));
}

TEST_F(HoldsTest, GiveAClientOneBodyHoweverLargeItIs) {
  Holds small(one);
  Hold first, second;
  EXPECT_TRUE(small.take(first, body(), 1));
  EXPECT_FALSE(small.take(second, body(), 1));
}

TEST_F(HoldsTest, TheSlowestReaderLosesToWhoComesNew) {
  std::list<Hold> all;
  for (std::uint64_t client = 1; client <= 8; ++client) EXPECT_TRUE(take(all.emplace_back(), client));
  Hold more;
  EXPECT_FALSE(take(more, 9));
  all.front().note_pace(Holds::slow_bytes_per_s);
  EXPECT_FALSE(take(more, 9));
  all.front().note_pace(slow);
  all.back().note_pace(slow - 1);
  EXPECT_TRUE(take(more, 9));
  EXPECT_TRUE(more.good());
  EXPECT_TRUE(all.back().lost());
  EXPECT_EQ(lost(all), 1);
  EXPECT_EQ(holds.held_bytes(), 8 * one);
}

TEST_F(HoldsTest, NoMoreIsLostAtATimeThanHalf) {
  std::list<Hold> all;
  for (std::uint64_t client = 1; client <= 8; ++client) EXPECT_TRUE(take(all.emplace_back(), client));
  for (Hold& each : all) each.note_pace(slow);
  std::list<Hold> honest;
  for (std::uint64_t client = 11; client <= 14; ++client) EXPECT_TRUE(take(honest.emplace_back(), client));
  EXPECT_FALSE(take(honest.emplace_back(), 15));
  EXPECT_EQ(lost(all), 4);
  for (Hold& each : all) {
    if (each.lost()) each.give_back();
  }
  EXPECT_TRUE(take(honest.emplace_back(), 15));
}

TEST_F(HoldsTest, WhatIsSharedIsCountedUntilTheLastReaderHasIt) {
  const auto shared = body();
  Hold first, second;
  EXPECT_TRUE(holds.take(first, shared, 1));
  EXPECT_TRUE(holds.take(second, shared, 2));
  first.give_back();
  EXPECT_EQ(holds.held_bytes(), one);
  second.give_back();
  EXPECT_EQ(holds.held_bytes(), 0u);
}

}  // namespace
}  // namespace tenfold::cache
