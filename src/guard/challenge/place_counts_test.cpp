#include "guard/challenge/place_counts.hpp"

#include <gtest/gtest.h>

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

constexpr WallTime counting_start{1'800'000'000s};  // a window's beginning

struct PlaceCountsTest : ::testing::Test {
  PlaceCountsTest() { counts.move_to(counting_start); }
  double ahead(WallTime ticket) {
    counts.recount();
    return counts.living_ahead(ticket);
  }
  double present(WallTime ticket) {
    counts.recount();
    return counts.present_ahead(ticket);
  }
  double coming(WallTime ticket) {
    counts.recount();
    return counts.coming_ahead(ticket);
  }

  PlaceCounts counts;
};

TEST_F(PlaceCountsTest, CountsThoseWithEarlierTickets) {
  counts.count(counting_start - 10s);
  counts.count(counting_start - 10s);
  counts.count(counting_start - 5s);
  EXPECT_EQ(ahead(counting_start - 11s), 0);
  EXPECT_EQ(ahead(counting_start - 9s), 2);
  EXPECT_EQ(ahead(counting_start), 3);
  // Of those of one second, those of an earlier part.
  EXPECT_DOUBLE_EQ(ahead(counting_start - 10s + 250ms), 0.5);
  counts.leave(counting_start - 10s, counts.window_number());
  EXPECT_EQ(ahead(counting_start), 2);
}

TEST_F(PlaceCountsTest, WhoDoesNotAskInThreeWindowsIsGone) {
  counts.count(counting_start);
  counts.move_to(counting_start + 39s);
  EXPECT_EQ(present(counting_start + 39s), 1);
  counts.move_to(counting_start + 40s);
  EXPECT_EQ(present(counting_start + 40s), 0);
  counts.move_to(counting_start + 59s);
  EXPECT_EQ(ahead(counting_start + 59s), 1);
  counts.move_to(counting_start + 60s);
  EXPECT_EQ(ahead(counting_start + 60s), 0);
}

TEST_F(PlaceCountsTest, WhoAsksNowAndThenCountsOnce) {
  // Given two of one second of whom one asks in each window, the other in each second one
  counts.count(counting_start);
  counts.count(counting_start);
  for (int i = 1; i < 6; ++i) {
    counts.move_to(counting_start + i * 20s);
    counts.count_again(counting_start, counts.window_number() - 1);
    if (i % 2 == 0) counts.count_again(counting_start, counts.window_number() - 2);
    EXPECT_EQ(ahead(counting_start + 1s), 2);
  }
  // When one goes in that has not asked in this window, then so many are left.
  counts.leave(counting_start, counts.window_number() - 1);
  EXPECT_EQ(ahead(counting_start + 1s), 1);
}

TEST_F(PlaceCountsTest, WhoIsCountedNowhereTakesNobodyAway) {
  counts.count(counting_start);
  for (const std::int64_t last : {-3, -2, -1, 1}) counts.leave(counting_start, counts.window_number() + last);
  EXPECT_EQ(counts.window_number(), PlaceCounts::window_number(counting_start));
  counts.count_again(counting_start + 1s, counts.window_number() - 1);
  counts.recount();
  EXPECT_EQ(counts.living(), 2u);
}

TEST_F(PlaceCountsTest, ThoseWhoJoinedCountAsFarAsTheyUseToComeBack) {
  // Given a crowd of which a quarter came back
  for (int i = 0; i < 4000; ++i) counts.join(counting_start);
  for (int i = 0; i < 1000; ++i) counts.come_back(counting_start);
  // When nothing is known of them yet, all are expected but for those who are there.
  EXPECT_EQ(coming(counting_start + 1s), 3000);
  // When it is, of as many as come then a quarter is.
  counts.move_to(counting_start + 11s);
  for (int i = 0; i < 2000; ++i) counts.join(counting_start + 11s);
  EXPECT_EQ(coming(counting_start + 12s), 500);
  EXPECT_EQ(ahead(counting_start + 12s), 0);
  // Ten seconds on nobody waits for them.
  counts.move_to(counting_start + 21s);
  EXPECT_EQ(coming(counting_start + 21s), 0);
}

TEST_F(PlaceCountsTest, NoMoreAreMissingThanWereLately) {
  // Given thousands who never came back, and 25 s later sixteen of whom nobody did either
  for (int i = 0; i < 4000; ++i) counts.join(counting_start);
  counts.move_to(counting_start + 25s);
  for (int i = 0; i < 16; ++i) counts.join(counting_start + 25s);
  counts.move_to(counting_start + 36s);
  // When forty join, then those sixteen may be missing again, and a few by chance, and not all.
  for (int i = 0; i < 40; ++i) counts.join(counting_start + 36s);
  EXPECT_EQ(coming(counting_start + 37s), 40 - 16 - 12);
}

TEST_F(PlaceCountsTest, TicketsOutOfSightCountAsTheFarthest) {
  counts.count(counting_start - 100h);
  counts.count(counting_start + 100h);
  EXPECT_EQ(ahead(counting_start - 1h), 1);
  EXPECT_EQ(ahead(counting_start + 58min), 1);
  counts.recount();
  EXPECT_EQ(counts.living(), 2u);
}

TEST_F(PlaceCountsTest, SecondsThatPassOutOfSightLeaveNothing) {
  for (int i = 0; i < 3; ++i) {
    counts.count(counting_start);
    counts.move_to(counting_start + 7200s + i * 10800s);
    counts.recount();
    EXPECT_EQ(counts.living(), 0u);
  }
}

TEST_F(PlaceCountsTest, AClockThatLeapsLosesNoMoreThanTheCounts) {
  for (const Duration leap : {-1h, 1h, -100h, 100h}) {
    const WallTime now = counting_start + leap;
    counts.move_to(now);
    counts.recount();
    EXPECT_EQ(counts.living(), 0u);
    counts.count(now);
    EXPECT_EQ(ahead(now + 1s), 1);
  }
}

TEST_F(PlaceCountsTest, MemoryIsFixed) {
  const std::size_t before = counts.memory_bytes();
  EXPECT_LT(before, 400'000u);
  for (int i = 0; i < 100'000; ++i) counts.join(counting_start + i * 1ms);
  EXPECT_EQ(counts.memory_bytes(), before);
}

}  // namespace
}  // namespace tenfold::guard
