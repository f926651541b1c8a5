#include "guard/challenge/ration.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

constexpr SipKey ration_key{9, 10};
constexpr WallTime minute_start{1'800'000'000s};

Prefix rationed_network(std::uint32_t number) {
  return Prefix::of(net::IpAddress::v4(0x0a000000 + (number << 8)), Level::network);
}

int taken_of(Ration& ration, const Prefix& network, Neighbours neighbours, WallTime now, int tries) {
  int taken = 0;
  for (int i = 0; i < tries; ++i) taken += ration.take(network, neighbours, now) ? 1 : 0;
  return taken;
}

TEST(Ration, ThirtyAMinuteForANetwork) {
  Ration ration({}, ration_key);
  EXPECT_EQ(taken_of(ration, rationed_network(1), Neighbours::unknown, minute_start, 100), 30);
  EXPECT_EQ(taken_of(ration, rationed_network(2), Neighbours::unknown, minute_start, 100), 30);
}

TEST(Ration, MoreWhereKnownCustomersAre) {
  Ration ration({}, ration_key);
  EXPECT_EQ(taken_of(ration, rationed_network(1), Neighbours::customers, minute_start, 1000), 300);
  EXPECT_EQ(taken_of(ration, rationed_network(1), Neighbours::unknown, minute_start, 1000), 0);
}

TEST(Ration, IsSpentWhenNoneWouldBeGiven) {
  Ration ration({}, ration_key);
  const auto is_spent = [&](Neighbours neighbours, WallTime now) {
    return ration.is_spent(rationed_network(1), neighbours, now);
  };
  EXPECT_FALSE(is_spent(Neighbours::unknown, minute_start));
  taken_of(ration, rationed_network(1), Neighbours::unknown, minute_start, 29);
  EXPECT_FALSE(is_spent(Neighbours::unknown, minute_start));
  taken_of(ration, rationed_network(1), Neighbours::unknown, minute_start, 1);
  EXPECT_TRUE(is_spent(Neighbours::unknown, minute_start));
  EXPECT_FALSE(is_spent(Neighbours::customers, minute_start));
  EXPECT_TRUE(is_spent(Neighbours::unknown, minute_start + 60s));  // as take() sees it: the last minute's still count
  EXPECT_FALSE(is_spent(Neighbours::unknown, minute_start + 63s));
  EXPECT_FALSE(is_spent(Neighbours::unknown, minute_start + 10min));
}

TEST(Ration, ComesBackWithTheMinute) {
  Ration ration({}, ration_key);
  taken_of(ration, rationed_network(1), Neighbours::unknown, minute_start + 59s, 100);
  // A new minute begins, and half of the last one's counts in its middle: no two rations across its beginning.
  EXPECT_EQ(taken_of(ration, rationed_network(1), Neighbours::unknown, minute_start + 60s, 100), 0);
  EXPECT_EQ(taken_of(ration, rationed_network(1), Neighbours::unknown, minute_start + 90s, 100), 15);
  EXPECT_EQ(taken_of(ration, rationed_network(1), Neighbours::unknown, minute_start + 180s, 100), 30);
}

TEST(Ration, NoMoreInAnyMinuteThanOneAndAHalf) {
  Ration ration({}, ration_key);
  int taken = 0;
  for (WallTime now = minute_start; now < minute_start + 10min; now += 100ms) {
    taken += taken_of(ration, rationed_network(1), Neighbours::unknown, now, 1);
  }
  EXPECT_NEAR(taken, 300, 45);
}

TEST(Ration, FirstSeenCookiesAreRationedByTheHour) {
  constexpr WallTime hour_start{std::chrono::hours(500'000)};
  Ration ration(first_seen_ration(), ration_key);
  EXPECT_EQ(taken_of(ration, rationed_network(1), Neighbours::unknown, hour_start, 1000), 300);
  EXPECT_EQ(taken_of(ration, rationed_network(1), Neighbours::unknown, hour_start + 59min, 1000), 0);
  EXPECT_EQ(taken_of(ration, rationed_network(1), Neighbours::unknown, hour_start + 90min, 1000), 150);
  EXPECT_EQ(taken_of(ration, rationed_network(2), Neighbours::customers, hour_start, 5000), 3000);
}

TEST(Ration, ABlockHasOneToo) {
  Ration ration({}, ration_key);
  int taken = 0;
  for (std::uint32_t i = 0; i < 256; ++i) {
    taken += taken_of(ration, rationed_network(i), Neighbours::unknown, minute_start, 30);
  }
  EXPECT_EQ(taken, 600);
  EXPECT_EQ(taken_of(ration, rationed_network(256), Neighbours::unknown, minute_start, 100), 30);  // the next block

  const auto v6 = [](std::string_view text) { return Prefix::of(net::IpAddress::parse(text).value(), Level::network); };
  EXPECT_EQ(taken_of(ration, v6("2001:db8:0:100::1"), Neighbours::unknown, minute_start, 100), 30);
  EXPECT_EQ(taken_of(ration, v6("2001:db8:0:1ff::1"), Neighbours::unknown, minute_start, 100), 0);  // one /56
  EXPECT_EQ(taken_of(ration, v6("2001:db8:0:200::1"), Neighbours::unknown, minute_start, 100), 30);
}

TEST(Ration, WhoHasTakenMostIsRememberedLongest) {
  // Given a table of one set, and a network that has had its ration
  Ration ration({.entries = 8}, ration_key);
  taken_of(ration, rationed_network(1), Neighbours::unknown, minute_start, 100);
  // When thousands of others, in other blocks, take one each
  for (std::uint32_t i = 0; i < 5000; ++i) {
    taken_of(ration, rationed_network(256 * (i + 1)), Neighbours::unknown, minute_start, 1);
  }
  // Then it gets no more, and memory is what it was.
  EXPECT_EQ(taken_of(ration, rationed_network(1), Neighbours::unknown, minute_start, 100), 0);
  EXPECT_EQ(ration.memory_bytes(), Ration({.entries = 8}, ration_key).memory_bytes());
}

}  // namespace
}  // namespace tenfold::guard
