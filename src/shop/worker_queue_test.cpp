#include "shop/worker_queue.hpp"

#include <gtest/gtest.h>

namespace tenfold::shop {
namespace {

using namespace std::chrono_literals;

TEST(WorkerQueue, StartsAtOnceWhileAWorkerIsFree) {
  ManualClock clock;
  WorkerQueue queue(2, 10);

  const auto first = queue.admit(clock.now(), 40ms);
  const auto second = queue.admit(clock.now(), 40ms);

  EXPECT_EQ(first->starts, clock.now());
  EXPECT_EQ(second->ends, clock.now() + 40ms);
  EXPECT_EQ(queue.busy(clock.now()), 2u);
  EXPECT_EQ(queue.waiting(clock.now()), 0u);
}

TEST(WorkerQueue, ServesTheLineInTheOrderOfArrival) {
  ManualClock clock;
  const TimePoint start = clock.now();
  WorkerQueue queue(2, 10);
  queue.admit(start, 100ms);
  queue.admit(start, 30ms);

  const auto third = queue.admit(start, 50ms);   // behind the worker that is free after 30 ms
  const auto fourth = queue.admit(start, 10ms);  // behind the third: it ends at 80 ms, before the first one

  EXPECT_EQ(third->starts, start + 30ms);
  EXPECT_EQ(fourth->starts, start + 80ms);
  EXPECT_EQ(queue.waiting(start + 29ms), 2u);
  EXPECT_EQ(queue.waiting(start + 30ms), 1u);
  EXPECT_EQ(queue.waiting(start + 80ms), 0u);
  EXPECT_EQ(queue.busy(start + 89ms), 2u);
  EXPECT_EQ(queue.busy(start + 99ms), 1u);
  EXPECT_EQ(queue.busy(start + 100ms), 0u);
}

TEST(WorkerQueue, RefusesPastTheEndOfTheLineAndTakesAgainOnceItMoves) {
  ManualClock clock;
  const TimePoint start = clock.now();
  WorkerQueue queue(1, 2);
  queue.admit(start, 10ms);

  EXPECT_TRUE(queue.admit(start, 10ms));
  EXPECT_TRUE(queue.admit(start, 10ms));
  EXPECT_FALSE(queue.admit(start, 10ms));
  EXPECT_FALSE(queue.admit(start + 9ms, 10ms));
  EXPECT_TRUE(queue.admit(start + 10ms, 10ms));
}

TEST(WorkerQueue, ALineOfNoLengthStillUsesEveryWorker) {
  ManualClock clock;
  WorkerQueue queue(2, 0);
  EXPECT_TRUE(queue.admit(clock.now(), 10ms));
  EXPECT_TRUE(queue.admit(clock.now(), 10ms));
  EXPECT_FALSE(queue.admit(clock.now(), 10ms));
}

TEST(WorkerQueue, CapacityIsWorkersDividedByServiceTime) {
  // Given 20 workers and pages of 40 ms, that is 500 pages a second, offered 600 a second for ten seconds
  ManualClock clock;
  const TimePoint start = clock.now();
  WorkerQueue queue(20, 100);
  int done_in_ten_seconds = 0;
  int refused = 0;
  for (int i = 0; i < 6000; ++i) {
    const TimePoint now = start + i * Duration(10s) / 6000;
    const auto turn = queue.admit(now, 40ms);
    if (!turn) ++refused;
    if (turn && turn->ends <= start + 10s) ++done_in_ten_seconds;
  }

  // Then 500 a second are served, the line holds 100 and the rest is refused
  EXPECT_NEAR(done_in_ten_seconds, 5000, 25);
  EXPECT_NEAR(refused, 6000 - 5000 - 100, 25);
}

}  // namespace
}  // namespace tenfold::shop
