#include "watch/history/history_writer.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/test_threads.hpp"
#include "store/test_folder.hpp"
#include "store/test_process.hpp"
#include "store/transaction.hpp"
#include "watch/history/series.hpp"

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class HistoryWriterTest : public testing::Test {
 protected:
  HistoryWriter::Options options() const {
    HistoryWriter::Options options;
    options.file = folder_.file();
    options.write_every = 1ms;
    options.retry_every = 1ms;
    return options;
  }
  Batch results(int count) const {
    Batch batch;
    for (int i = 0; i < count; ++i) {
      ResultRecord record{.check = "front", .result = {}, .counts = Counts::good};
      record.result.at = clock_.wall_now() - std::chrono::microseconds(count - i);
      record.result.outcome = CheckResult::Outcome::good;
      batch.results.push_back(record);
    }
    return batch;
  }
  static void wait_for(const HistoryWriter& writer, const std::function<bool(const HistoryWriter::Status&)>& holds) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!holds(writer.status())) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up) << writer.status().error;
      std::this_thread::yield();
    }
  }
  std::uint64_t kept() const {
    const auto series = read_series(folder_.file(), "front", clock_.wall_now() - 1h, clock_.wall_now() + 1s, 1h);
    std::uint64_t sum = 0;
    if (series) {
      for (const SeriesPoint& point : series->points) sum += point.good;
    }
    return sum;
  }

  store::TestFolder folder_;
  SystemClock clock_;
};

TEST_F(HistoryWriterTest, WhatIsHandedInIsKept) {
  HistoryWriter writer(clock_, options(), nullptr, "");
  writer.hand_in(results(10));
  wait_for(writer, [](const auto& status) { return status.written_total == 10; });
  EXPECT_EQ(writer.status().error, "");
  EXPECT_EQ(writer.status().lost_total, 0u);
}

TEST_F(HistoryWriterTest, AtItsEndItWritesWhatWaits) {
  {
    auto patient = options();
    patient.write_every = 1h;
    HistoryWriter writer(clock_, patient, nullptr, "");
    writer.hand_in(results(10));
  }
  EXPECT_EQ(kept(), 10u);
}

TEST_F(HistoryWriterTest, AStoreThatCannotBeWrittenIsTriedAgainAndNothingIsLost) {
  // given: what lies there is no store
  std::ofstream(folder_.file()) << std::string(5000, 'n');
  HistoryWriter writer(clock_, options(), nullptr, "");
  writer.hand_in(results(10));
  wait_for(writer, [](const auto& status) { return !status.error.empty(); });
  EXPECT_THAT(writer.status().error, HasSubstr("is not a database"));
  // when: it is taken away
  std::filesystem::remove(folder_.file());
  // then
  wait_for(writer, [](const auto& status) { return status.error.empty() && status.written_total == 10; });
  EXPECT_EQ(writer.status().lost_total, 0u);
}

TEST_F(HistoryWriterTest, PastTheBoundResultsAreDroppedAndCountedAndStatesAreNot) {
  std::ofstream(folder_.file()) << std::string(5000, 'n');
  auto small = options();
  small.most_waiting = 100;
  HistoryWriter writer(clock_, small, nullptr, "");
  wait_for(writer, [](const auto& status) { return !status.error.empty(); });
  // The writing thread may hold one batch besides.
  for (int i = 0; i < 300; ++i) {
    Batch batch = results(1);
    batch.states = {{.check = "front", .state = {.state = State::down, .since = {}}, .told = Told::yes}};
    writer.hand_in(std::move(batch));
  }
  const std::uint64_t lost = writer.status().lost_total;
  EXPECT_GE(lost, 100u);
  EXPECT_LE(lost, 200u);
  std::filesystem::remove(folder_.file());
  wait_for(writer, [&](const auto& status) { return status.error.empty() && status.written_total >= 300 - lost; });
  const auto restored = HistoryStore::open(folder_.file(), {}, clock_.wall_now()).value()->restore(clock_.wall_now());
  ASSERT_EQ(restored->states.size(), 1u);
  EXPECT_EQ(restored->states[0].told, Told::yes);
}

TEST_F(HistoryWriterTest, WhoHandsInDoesNotWaitForAnotherProcessThatWrites) {
  HistoryWriter writer(clock_, options(), nullptr, "");
  writer.hand_in(results(1));
  wait_for(writer, [](const auto& status) { return status.written_total == 1; });
  // given: somebody holds the store
  auto other = store::Database::open(folder_.file());
  ASSERT_TRUE(other);
  auto holding = store::Transaction::begin(**other, store::Transaction::Kind::write);
  ASSERT_TRUE(holding);
  // when
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) writer.hand_in(results(1));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
  wait_for(writer, [](const auto& status) { return !status.error.empty(); });
  // then: when it is free again all is written
  ASSERT_TRUE(holding->commit());
  wait_for(writer, [](const auto& status) { return status.error.empty() && status.written_total == 1001; });
}

class MovedClock final : public Clock {
 public:
  TimePoint now() const override { return SystemClock().now(); }
  WallTime wall_now() const override { return WallTime(Duration(wall_.load())); }
  void set(WallTime to) { wall_ = to.time_since_epoch().count(); }

 private:
  std::atomic<Duration::rep> wall_ = 0;
};

TEST_F(HistoryWriterTest, AnHourThatEndsWhileTheStoreCannotBeWrittenIsCountedOnce) {
  // given: an hour's result is stored
  const WallTime hour = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + 10h;
  MovedClock clock;
  clock.set(hour + 59min);
  HistoryWriter writer(clock, options(), nullptr, "");
  Batch batch = results(1);
  batch.results[0].result.at = hour + 58min;
  writer.hand_in(std::move(batch));
  wait_for(writer, [](const auto& status) { return status.written_total == 1; });
  // when: the hour ends, and somebody holds the store
  {
    auto other = store::Database::open(folder_.file());
    ASSERT_TRUE(other);
    auto holding = store::Transaction::begin(**other, store::Transaction::Kind::write);
    ASSERT_TRUE(holding);
    clock.set(hour + 1h + 1s);
    Batch ended;
    ended.hours = {{"front", hour, {}}};
    ended.hours[0].summary.add(Counts::good, 100ms);
    ended.hours_until = hour + 1h;
    writer.hand_in(std::move(ended));
    wait_for(writer, [](const auto& status) { return !status.error.empty(); });
    ASSERT_TRUE(holding->commit());
  }
  wait_for(writer, [](const auto& status) { return status.error.empty() && status.written_total == 2; });
  // then
  const auto series = read_series(folder_.file(), "front", hour, hour + 1h, 1h);
  ASSERT_TRUE(series) << series.error().text();
  ASSERT_EQ(series->points.size(), 1u);
  EXPECT_EQ(series->points[0].good, 1u);
}

// In a child process; its exit code says which step went wrong; 77: the machine does not allow the test.
TEST_F(HistoryWriterTest, WithoutAThreadItSaysSoAndWritesOnceThereIsOne) {
  constexpr int no_right = 77;
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);  // the child may become nobody
  store::TestProcess process([&] {
    if (!forbid_threads()) return no_right;
    HistoryWriter writer(clock_, options(), nullptr, "");
    writer.hand_in(results(3));
    if (writer.status().error.find("starting the thread that keeps history") == std::string::npos) return 1;
    if (!allow_threads()) return 2;
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (writer.status().written_total < 3) {
      if (std::chrono::steady_clock::now() > give_up) return 3;
      writer.hand_in(Batch());
      std::this_thread::yield();
    }
    return kept() == 3 && writer.status().error.empty() ? 0 : 4;
  });
  const int code = process.wait();
  if (code == no_right) GTEST_SKIP() << "may not change to another user here";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace tenfold::watch
