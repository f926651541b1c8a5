#include "watch/history/history_store.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <tuple>

#include "store/test_folder.hpp"
#include "store/test_process.hpp"
#include "watch/history/series.hpp"
#include "watch/history/tables.hpp"

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const WallTime start{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};

ResultRecord good(const std::string& check, WallTime at, Duration took = 100ms) {
  ResultRecord record{.check = check, .result = {}, .counts = Counts::good};
  record.result.at = at;
  record.result.outcome = CheckResult::Outcome::good;
  record.result.phases.total = took;
  return record;
}

ResultRecord failed(const std::string& check, WallTime at, Counts counts = Counts::failed) {
  ResultRecord record = good(check, at);
  record.result.outcome = CheckResult::Outcome::failed;
  record.result.cause = CheckResult::Cause::status;
  record.result.what = "status 503, expected 200-399";
  record.counts = counts;
  return record;
}

class HistoryStoreTest : public testing::Test {
 protected:
  std::unique_ptr<HistoryStore> open(WallTime now, const Retention& retention = {}) {
    auto opened = HistoryStore::open(folder_.file(), retention, now);
    EXPECT_TRUE(opened) << opened.error().text();
    return opened ? std::move(*opened) : nullptr;
  }
  Series series(WallTime from, WallTime until, Duration step, const std::string& check = "front") {
    auto read = read_series(folder_.file(), check, from, until, step);
    EXPECT_TRUE(read) << read.error().text();
    return read.value_or(Series());
  }
  std::int64_t rows(const std::string& sql) {
    auto database = store::Database::open(folder_.file());
    auto statement = (*database)->prepare(sql);
    EXPECT_TRUE(statement && statement->step());
    return statement->integer(0);
  }
  std::uintmax_t bytes() const { return std::filesystem::file_size(folder_.file()); }

  store::TestFolder folder_;
};

TEST_F(HistoryStoreTest, KeepsStatesOverARestart) {
  // given
  const SavedState down{
      .state = State::down, .since = start + 5min, .last_result = start + 6min, .what = "status 503; again: refused"};
  {
    const auto history = open(start);
    Batch batch;
    batch.states = {{"front", down, Told::yes, true}, {"api", {.state = State::up, .since = start}, Told::no}};
    batch.alive_at = start + 7min;
    ASSERT_TRUE(history->write(batch, start));
    batch = {};
    batch.forgotten = {"api"};
    ASSERT_TRUE(history->write(batch, start));
  }
  // when
  const auto restored = open(start + 1h)->restore(start + 1h);
  // then
  ASSERT_TRUE(restored) << restored.error().text();
  ASSERT_EQ(restored->states.size(), 1u);
  EXPECT_EQ(restored->states[0].check, "front");
  EXPECT_EQ(restored->states[0].told, Told::yes);
  EXPECT_TRUE(restored->states[0].needs_uplink);
  EXPECT_EQ(restored->states[0].state.state, State::down);
  EXPECT_EQ(restored->states[0].state.since, down.since);
  EXPECT_EQ(restored->states[0].state.last_result, down.last_result);
  EXPECT_EQ(restored->states[0].state.what, down.what);
  EXPECT_EQ(restored->alive_at, start + 7min);
}

TEST_F(HistoryStoreTest, WhatWasInNoHourYetIsThereAfterARestart) {
  {
    const auto history = open(start);
    Batch batch;
    batch.results = {good("front", start + 10min), failed("front", start + 20min), failed("front", start + 70min),
                     failed("front", start + 71min, Counts::none), failed("front", start + 72min, Counts::muted)};
    ASSERT_TRUE(history->write(batch, start + 72min));
  }
  // when: started anew in the same hour as the last three
  const auto history = open(start + 80min);
  const auto restored = history->restore(start + 80min);
  // then: the hour before is one, and so far as it has come that under way
  ASSERT_TRUE(restored);
  ASSERT_EQ(restored->hours.size(), 2u);
  const auto& [under_way, over] = std::tie(restored->hours[0], restored->hours[1]);
  EXPECT_EQ(over.start, start);
  EXPECT_EQ(over.summary.up_share(), 0.5);
  EXPECT_EQ(under_way.start, start + 1h);
  EXPECT_EQ(under_way.summary.failed(), 1u);
  EXPECT_EQ(under_way.summary.muted(), 1u);
  EXPECT_EQ(rows("SELECT count(*) FROM watch_span"), 1);
}

TEST_F(HistoryStoreTest, AnHourHandedInTwiceIsAddedUp) {
  const auto history = open(start);
  Batch batch;
  Summary summary;
  summary.add(Counts::good, 100ms);
  batch.hours = {{"front", start, summary}};
  batch.hours_until = start + 1h;
  ASSERT_TRUE(history->write(batch, start + 1h));
  ASSERT_TRUE(history->write(batch, start + 1h));
  const Series hours = series(start, start + 24h, 1h);
  ASSERT_EQ(hours.points.size(), 1u);
  EXPECT_EQ(hours.points[0].good, 2u);
}

TEST_F(HistoryStoreTest, ASeriesOfMinutesComesFromSingleResults) {
  const auto history = open(start);
  Batch batch;
  for (int i = 0; i < 120; ++i) batch.results.push_back(good("front", start + i * 30s, i < 60 ? 100ms : 1s));
  batch.results.push_back(failed("front", start + 10min + 1s));
  batch.results.push_back(failed("other", start + 11min));
  batch.changes = {{.check = "front", .from = State::up, .to = State::failing, .at = start + 10min, .what = "503"}};
  ASSERT_TRUE(history->write(batch, start + 1h));
  const Series minutes = series(start, start + 1h, 10min);
  ASSERT_EQ(minutes.points.size(), 6u);
  EXPECT_EQ(minutes.points[0].at, start);
  EXPECT_EQ(minutes.points[0].good, 20u);
  EXPECT_EQ(minutes.points[1].failed, 1u);
  EXPECT_LT(minutes.points[0].p95_ms, 130);
  EXPECT_GT(minutes.points[5].p50_ms, 900);
  EXPECT_TRUE(minutes.complete);
  ASSERT_EQ(minutes.changes.size(), 1u);
  EXPECT_EQ(minutes.changes[0].to, State::failing);
  EXPECT_EQ(minutes.changes[0].what, "503");
}

TEST_F(HistoryStoreTest, ASeriesOfHoursHoldsTheHourUnderWay) {
  const auto history = open(start);
  Batch batch;
  batch.results = {good("front", start + 1min)};
  ASSERT_TRUE(history->write(batch, start + 1min));
  EXPECT_EQ(series(start, start + 24h, 1h).points.size(), 1u);
}

TEST_F(HistoryStoreTest, ASeriesIsOfAtMostSoManyPoints) {
  const auto history = open(start);
  Batch batch;
  for (int i = 0; i < 4000; ++i) batch.results.push_back(good("front", start + i * 1s));
  ASSERT_TRUE(history->write(batch, start + 2h));
  const Series fine = series(start, start + 4000s, 1ms);
  EXPECT_EQ(fine.step, 3s);
  EXPECT_LE(fine.points.size(), most_points);
}

TEST_F(HistoryStoreTest, AnUnknownCheckIsSaid) {
  open(start);
  const auto read = read_series(folder_.file(), "nobody", start, start + 1h, 1min);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::not_found);
  EXPECT_THAT(read.error().detail, HasSubstr("nobody"));
  EXPECT_EQ(read_series(folder_.file(), "nobody", start, start, 1min).error().code, Errc::invalid);
}

TEST_F(HistoryStoreTest, SingleResultsGoWhenTheyAreTooOld) {
  const auto history = open(start, {.results = 1h});
  Batch batch;
  batch.results = {good("front", start), good("front", start + 1us)};
  ASSERT_TRUE(history->write(batch, start));
  ASSERT_TRUE(history->write({}, start + 1h));
  EXPECT_EQ(rows("SELECT count(*) FROM watch_result"), 2) << "exactly so old is not too old";
  ASSERT_TRUE(history->write({}, start + 1h + 1us));
  EXPECT_EQ(rows("SELECT count(*) FROM watch_result"), 1);
}

TEST_F(HistoryStoreTest, SingleResultsGoWhenTheyAreTooMany) {
  const auto history = open(start, {.most_results = 100});
  for (int second = 0; second < 20; ++second) {
    Batch batch;
    for (int i = 0; i < 10; ++i) batch.results.push_back(good("check " + std::to_string(i), start + second * 1s));
    ASSERT_TRUE(history->write(batch, start + second * 1s));
  }
  EXPECT_EQ(rows("SELECT count(*) FROM watch_result"), 100);
  EXPECT_EQ(rows("SELECT min(at_us) FROM watch_result"), tables::microseconds(start + 10s));
}

TEST_F(HistoryStoreTest, ALongWhatIsCutBetweenCharacters) {
  const auto history = open(start);
  Batch batch;
  batch.results = {failed("front", start)};
  for (int i = 0; i < 300; ++i) batch.results[0].result.what += "\u00e9";
  ASSERT_TRUE(history->write(batch, start));
  EXPECT_LE(rows("SELECT max(length(CAST(what AS BLOB))) FROM watch_result"), 400);
  EXPECT_EQ(rows("SELECT instr(what, char(65533)) FROM watch_result"), 0);
}

// ---- the bound ----

// One check, an answer every 30 s whose times wander over all of the buckets: the most that hours can take.
class HistoryBoundTest : public HistoryStoreTest {
 protected:
  static Summary hour_of_all_sorts(int hour) {
    Summary summary;
    for (int i = 0; i < 120; ++i) {
      const double milliseconds = Summary::upper_bound_ms((i * 7 + hour) % Summary::buckets);
      summary.add(i % 10 == 0 ? Counts::failed : Counts::good,
                  std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(milliseconds)));
    }
    return summary;
  }
  static Summary steady_hour() {
    Summary summary;
    for (int i = 0; i < 120; ++i) summary.add(Counts::good, 80ms + i * 1ms);
    return summary;
  }
  // Writes years of hours, twelve days a batch, as if time went by.
  void live(HistoryStore& history, int from_day, int until_day, const std::function<Summary(int)>& hour) {
    for (int day = from_day; day < until_day; day += 12) {
      const WallTime now = start + (day + 12) * 24h;
      Batch batch;
      for (int i = 0; i < 12 * 24; ++i)
        batch.hours.push_back({"front", start + (day * 24 + i) * 1h, hour(day * 24 + i)});
      batch.hours_until = now;
      ASSERT_TRUE(history.write(batch, now));
    }
  }
};

TEST_F(HistoryBoundTest, AYearOfHoursIsAMegabyte) {
  const auto history = open(start);
  live(*history, 0, 366, [](int) { return steady_hour(); });
  EXPECT_LT(bytes(), 1'000'000u);
}

TEST_F(HistoryBoundTest, AtWorstAYearOfHoursIsEightMegabytes) {
  const auto history = open(start);
  live(*history, 0, 366, hour_of_all_sorts);
  EXPECT_LT(bytes(), 8'000'000u);
}

TEST_F(HistoryBoundTest, HoursBecomeDaysAndDaysGoSoThatItDoesNotGrowForEver) {
  const auto history = open(start, {.hours = 60 * 24h, .days = 360 * 24h});
  live(*history, 0, 360, hour_of_all_sorts);
  const std::int64_t hours = rows("SELECT count(*) FROM watch_span WHERE length_s=3600");
  EXPECT_GE(hours, 60 * 24);
  EXPECT_LE(hours, 61 * 24);
  EXPECT_EQ(rows("SELECT count(*) FROM watch_span WHERE length_s=86400"), 300);
  EXPECT_EQ(rows("SELECT sum(good+failed) FROM watch_span"), 360 * 24 * 120) << "nothing is lost in between";
  const auto after_a_year = bytes();
  live(*history, 360, 3 * 360, hour_of_all_sorts);
  EXPECT_EQ(rows("SELECT count(*) FROM watch_span WHERE length_s=86400"), 300);
  EXPECT_LT(bytes(), after_a_year * 5 / 4);
}

TEST_F(HistoryBoundTest, AWeekOfSingleResultsIsAMegabyte) {
  const auto history = open(start);
  for (int hour = 0; hour < 10 * 24; ++hour) {
    Batch batch;
    const WallTime from = start + hour * 1h;
    for (int i = 0; i < 120; ++i) batch.results.push_back(good("front", from + i * 30s, 80ms + i * 1ms));
    ASSERT_TRUE(history->write(batch, from + 1h));
  }
  EXPECT_EQ(rows("SELECT count(*) FROM watch_result"), 7 * 24 * 120);
  EXPECT_LT(bytes(), 1'000'000u);
}

TEST_F(HistoryBoundTest, ACheckOfWhichNothingIsLeftIsForgotten) {
  const auto history = open(start, {.days = 24h * 800});
  Batch batch;
  batch.hours = {{"front", start, steady_hour()}};
  ASSERT_TRUE(history->write(batch, start));
  ASSERT_TRUE(history->write({}, start + 24h * 799));
  EXPECT_EQ(rows("SELECT count(*) FROM watch_check"), 1);
  ASSERT_TRUE(history->write({}, start + 24h * 801));
  EXPECT_EQ(rows("SELECT count(*) FROM watch_check"), 0);
  ASSERT_TRUE(history->write(batch, start + 24h * 801)) << "and may come again";
}

// ---- killed ----

TEST_F(HistoryStoreTest, KilledAtAnyMomentItsHoursAndResultsAgree) {
  for (int round = 0; round < 10; ++round) {
    std::filesystem::remove_all(folder_.file());
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove_all(folder_.file() + suffix);
    store::TestSignal writing;
    store::TestProcess writer([&] {
      auto history = HistoryStore::open(folder_.file(), {.results = 30min}, start);
      if (!history) return 1;
      // A batch is ten minutes of results; at the end of each hour the hour, too.
      Summary hour;
      for (int batches = 1;; ++batches) {
        const WallTime until = start + batches * 10min;
        Batch batch;
        for (int i = 0; i < 600; ++i) {
          batch.results.push_back(good("front", until - 10min + i * 1s));
          hour.add(Counts::good, 100ms);
        }
        if (batches % 6 == 0) {
          batch.hours = {{"front", until - 1h, std::exchange(hour, Summary())}};
          batch.hours_until = until;
        }
        if (!(*history)->write(batch, until)) return 2;
        if (batches == 7 + 3 * round) writing.give();
      }
    });
    writing.await();
    writer.kill();
    // then: every hour is whole, the one under way is as long as its results
    const std::int64_t last_us = rows("SELECT max(at_us) FROM watch_result");
    const WallTime now = tables::at_microseconds(last_us) + 1s;
    const auto history = open(now, {.results = 30min});
    EXPECT_EQ(rows("SELECT count(*) FROM watch_span WHERE good!=3600"), 0) << round;
    EXPECT_EQ(rows("SELECT count(*) FROM watch_span"), (now - start) / 1h) << round;
    EXPECT_EQ((now - start) % 10min, 0s) << "whole batches";
  }
}

}  // namespace
}  // namespace tenfold::watch
