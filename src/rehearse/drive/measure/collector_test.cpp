#include "rehearse/drive/measure/collector.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "rehearse/record/merge.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;

class Counting final : public DriveObserver {
 public:
  Proceed second(const RunRecord& record) override {
    ++seconds;
    EXPECT_LE(record.windows.size(), most_windows);
    EXPECT_LE(record.judged.size(), most_judged_windows);
    return Proceed::on;
  }
  int seconds = 0;
};

// Plays so many seconds as fast as the collector takes them.
void play_seconds(HandOver& hand_over, TimePoint begin, int seconds) {
  for (int i = 1; i <= seconds; ++i) {
    SecondTally& tally = hand_over.filling();
    tally.counts.planned = tally.counts.answered = 2;
    tally.templates[1].planned = 2;
    tally.templates[1].response.record(i * 1ms, 2);
    tally.response.record(i * 1ms, 2);
    tally.in_flight = static_cast<std::uint64_t>(i);
    tally.at = begin + i * 1s;
    tally.cpu = i * 250ms;
    tally.last_ended = tally.at;
    tally.last = i == seconds;
    while (!hand_over.hand_over()) std::this_thread::yield();
  }
}

RunRecord collect(int threads, int seconds, DriveObserver& observer) {
  const TimePoint begin(1h);
  std::counting_semaphore<> handed(0);
  std::vector<std::unique_ptr<HandOver>> hand_overs;
  std::vector<HandOver*> all;
  for (int i = 0; i < threads; ++i) all.push_back(hand_overs.emplace_back(std::make_unique<HandOver>(2, handed)).get());
  RunRecord record;
  record.length = seconds * 1s;
  record.templates.resize(2);
  record.templates[0].name = "/a";
  record.templates[1].name = "/b";
  std::vector<std::jthread> running;
  for (HandOver* each : all) running.emplace_back([each, begin, seconds] { play_seconds(*each, begin, seconds); });
  Collector collector(
      std::move(record), all, handed,
      {.begin = begin,
       .expected = [](Duration from, Duration to) { return 3.0 * std::chrono::duration<double>(to - from).count(); },
       .stop = [] {}},
      observer);
  return collector.collect();
}

TEST(CollectorTest, AddsUpThreadsSecondBySecond) {
  Counting watching;
  const RunRecord record = collect(3, 25, watching);
  EXPECT_EQ(watching.seconds, 25);
  ASSERT_EQ(record.windows.size(), 25u);
  EXPECT_EQ(record.windows[3].from, 3s);
  EXPECT_EQ(record.windows[3].to, 4s);
  EXPECT_EQ(record.windows[3].counts.planned, 6u);
  EXPECT_EQ(record.windows[3].in_flight, 12u);
  EXPECT_NEAR(std::chrono::duration<double>(record.windows[3].p99).count(), 0.004, 0.00001);
  EXPECT_DOUBLE_EQ(record.windows[3].planned_per_s, 3);
  EXPECT_DOUBLE_EQ(record.windows[3].driver_cpu, 0.25);
  ASSERT_EQ(record.judged.size(), 3u);
  EXPECT_EQ(record.judged[1].from, 10s);
  EXPECT_EQ(record.judged[1].to, 20s);
  EXPECT_EQ(record.judged[1].counts.answered, 60u);
  ASSERT_EQ(record.judged[1].templates.size(), 1u);
  EXPECT_EQ(record.judged[1].templates[0].name, "/b");
  EXPECT_EQ(record.judged[1].templates[0].response.count(), 60u);
  EXPECT_EQ(record.total.answered, 150u);
  EXPECT_EQ(record.response.count(), 150u);
  EXPECT_EQ(record.templates[1].planned, 150u);
  EXPECT_EQ(record.lasted, 25s);
  EXPECT_NEAR(record.driver_cpu_s, 3 * 6.25, 1e-9);
  EXPECT_NEAR(record.busiest_thread, 0.25, 1e-9);
}

TEST(CollectorTest, AShortRestJoinsTheStretchBefore) {
  Counting watching;
  const RunRecord record = collect(1, 23, watching);
  ASSERT_EQ(record.judged.size(), 2u);
  EXPECT_EQ(record.judged[1].to, 23s);
  EXPECT_EQ(record.judged[1].counts.planned, 26u);
}

TEST(CollectorTest, ARecordDoesNotGrowWithTheRun) {
  Counting watching;
  constexpr int seconds = 8'000;  // more than two hours
  const RunRecord record = collect(1, seconds, watching);
  EXPECT_LE(record.windows.size(), most_windows);
  EXPECT_LE(record.judged.size(), most_judged_windows);
  std::uint64_t in_windows = 0;
  std::uint64_t in_judged = 0;
  Duration at{};
  for (const Window& window : record.windows) {
    EXPECT_EQ(window.from, at);
    at = window.to;
    in_windows += window.counts.planned;
  }
  EXPECT_EQ(at, seconds * 1s);
  at = {};
  for (const JudgedWindow& judged : record.judged) {
    EXPECT_EQ(judged.from, at);
    at = judged.to;
    in_judged += judged.response.count();
  }
  EXPECT_EQ(at, seconds * 1s);
  EXPECT_EQ(in_windows, 2u * seconds);
  EXPECT_EQ(in_judged, 2u * seconds);
}

}  // namespace
}  // namespace tenfold::rehearse
