#include "edge/brain/earlier_days.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;

constexpr guard::Day first_day{std::chrono::year(2026) / 11 / 30};
constexpr TimePoint start{1h};
const std::vector<net::IpAddress> one_order{net::IpAddress::v4(0xc0000207)};

class EarlierDaysTest : public testing::Test {
 protected:
  bool knows(guard::Day today) { return days.known()->past_of(one_order[0], today).client_days != 0; }

  EarlierDays days{"0123456789abcdef"};
};

TEST_F(EarlierDaysTest, AnOrderOfTodayCountsFromTomorrowOn) {
  EXPECT_TRUE(days.turn_to(first_day));
  days.note(one_order, first_day);
  EXPECT_FALSE(days.turn_to(first_day));
  EXPECT_FALSE(knows(first_day));
  EXPECT_TRUE(days.turn_to(first_day + std::chrono::days(1)));
  EXPECT_TRUE(knows(first_day + std::chrono::days(1)));
}

TEST_F(EarlierDaysTest, WhoOrdersIsCountedAtOnceAndOnce) {
  const std::vector neighbours{one_order[0], net::IpAddress::v4(0xc0000208)};
  const auto tomorrow = first_day + std::chrono::days(1);
  days.turn_to(first_day);
  EXPECT_EQ(days.customers(), 0u);
  days.note(one_order, first_day);
  EXPECT_EQ(days.customers(), 2u) << "the client, and its network";
  days.note(neighbours, first_day);
  EXPECT_EQ(days.customers(), 3u);
  days.turn_to(tomorrow);
  EXPECT_EQ(days.customers(), 3u);
  days.note(one_order, tomorrow);
  EXPECT_EQ(days.customers(), 3u) << "it ordered yesterday, too";
}

TEST_F(EarlierDaysTest, TheFirstOrderIsKeptAtOnceAndOthersOnceAMinute) {
  EXPECT_FALSE(days.to_keep(first_day, start));
  days.note(one_order, first_day);
  EXPECT_TRUE(days.to_keep(first_day, start));
  EXPECT_FALSE(days.to_keep(first_day, start + 5min)) << "nothing is new";
  days.note(one_order, first_day);
  ASSERT_TRUE(days.to_keep(first_day, start + 5min));
  days.note(one_order, first_day);
  EXPECT_FALSE(days.to_keep(first_day, start + 5min + EarlierDays::kept_every - 1ms));
  EXPECT_TRUE(days.to_keep(first_day, start + 5min + EarlierDays::kept_every));
}

TEST_F(EarlierDaysTest, WhatWasKeptIsKnownAfterARestart) {
  days.note(one_order, first_day);
  const auto kept = days.to_keep_last(first_day);
  ASSERT_TRUE(kept);
  EXPECT_FALSE(days.to_keep_last(first_day));
  EarlierDays again("0123456789abcdef");
  again.turn_to(first_day);
  ASSERT_TRUE(again.load(*kept, first_day + std::chrono::days(1)));
  EXPECT_TRUE(again.turn_to(first_day + std::chrono::days(1)));
  EXPECT_EQ(again.known()->past_of(one_order[0], first_day + std::chrono::days(1)), (guard::Past{1, 1}));
  EarlierDays other("another secret..");
  EXPECT_FALSE(other.load(*kept, first_day));
}

}  // namespace
}  // namespace tenfold::edge
