// The waiting room as all workers share it.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "guard/challenge/waiting_room.hpp"

namespace tenfold::guard {
namespace {

using namespace std::chrono_literals;

TEST(WaitingRoomThreads, WorkersTogetherLetInWhatTheRateAllows) {
  constexpr WallTime begin{1'800'000'000s};
  constexpr int steps = 500;  // of 20 ms, each a worker's
  WaitingRoom room({.visits_per_s = 10}, {17, 18});
  std::atomic<int> clock{0};
  std::atomic<int> let_in{0};
  std::vector<std::thread> workers;
  for (std::uint32_t worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&, worker] {
      FastRandom random(worker + 1);
      for (int step = clock++; step < steps; step = clock++) {
        const WallTime now = begin + step * 20ms;
        for (std::uint32_t i = 0; i < 4; ++i) {
          const auto number = static_cast<std::uint32_t>(step) * 4 + i;
          const RoomVisitor visitor{.network = Prefix::of(net::IpAddress::v4(number << 8), Level::network)};
          const Place place = room.join(random, now).place;
          if (room.look(place, visitor, now + 1s).turn == Turn::let_in) ++let_in;
        }
        if (step % 50 == 0) room.set_rate(10, now);
        if (step % 100 == 0) (void)room.state(now);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  // Ten seconds' and the one that they look ahead, and what was left over before.
  EXPECT_EQ(static_cast<std::uint64_t>(let_in), room.state(begin + 11s).let_in);
  EXPECT_GT(let_in, 20);  // each asks once only, and keeps a place that it does not take
  EXPECT_LE(let_in, 110 + 30);
}

}  // namespace
}  // namespace tenfold::guard
