#include "watch/schedule/schedule.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;

const TimePoint schedule_start{1h};

class ScheduleTest : public testing::Test {
 protected:
  // Calls due() whenever next() says so, until `until`; what left when.
  std::map<Schedule::Id, std::vector<TimePoint>> run(TimePoint until) {
    std::map<Schedule::Id, std::vector<TimePoint>> looks;
    while (schedule_.next() && *schedule_.next() < until) {
      now_ = std::max(now_, *schedule_.next());
      const auto ids = schedule_.due(now_);
      most_at_once_ = std::max(most_at_once_, ids.size());
      for (const Schedule::Id id : ids) looks[id].push_back(now_), by_second_[(now_ - schedule_start) / 1s]++;
    }
    now_ = until;
    return looks;
  }

  Schedule schedule_{schedule_start};
  TimePoint now_ = schedule_start;
  std::size_t most_at_once_ = 0;
  std::map<std::int64_t, int> by_second_;
};

TEST_F(ScheduleTest, AThousandChecksASecondLeaveEvenly) {
  for (Schedule::Id id = 1; id <= 1000; ++id) schedule_.add(id, 1s, schedule_start);
  run(schedule_start + 20s);
  for (const auto& [second, looks] : by_second_) {
    EXPECT_GE(looks, second == 0 ? 1000 : 990) << second;
    EXPECT_LE(looks, second == 0 ? 2000 : 1010) << second;
  }
  EXPECT_LE(most_at_once_, 3u);
  EXPECT_EQ(schedule_.late_total(), 0u);
  EXPECT_EQ(schedule_.skipped_total(), 0u);
}

TEST_F(ScheduleTest, ManyIntervalsMakeNoStormAtTheStart) {
  for (Schedule::Id id = 1; id <= 5000; ++id)
    schedule_.add(id, id % 2 == 0 ? Duration(30s) : Duration(1h), schedule_start);
  const auto looks = run(schedule_start + 10s);
  EXPECT_GE(looks.size(), 4950u) << "nearly each has been looked at once by the end of the first ten seconds";
  for (const auto& [second, count] : by_second_) EXPECT_LE(count, 900) << second;
}

TEST_F(ScheduleTest, DoesNotDriftAndNeverWaitsLongerThanItsInterval) {
  for (Schedule::Id id = 1; id <= 50; ++id) schedule_.add(id, 7s, schedule_start);
  const auto looks = run(schedule_start + 1h);
  for (const auto& [id, at] : looks) {
    for (std::size_t i = 1; i < at.size(); ++i) EXPECT_LE(at[i] - at[i - 1], 7s);
    EXPECT_EQ((at.back() - at[1]) % 7s, 0s) << "by its phase, however long it runs";
  }
}

TEST_F(ScheduleTest, LookedAtLateItKeepsItsPhase) {
  schedule_.add(1, 10s, schedule_start);
  ASSERT_EQ(schedule_.due(schedule_start).size(), 1u);
  ASSERT_EQ(*schedule_.next(), schedule_start + 10s);
  EXPECT_EQ(schedule_.due(schedule_start + 10s + 900ms).size(), 1u);
  EXPECT_EQ(*schedule_.next(), schedule_start + 20s);
}

TEST_F(ScheduleTest, LateIsMoreThanASecond) {
  schedule_.add(1, 10s, schedule_start);
  schedule_.due(schedule_start);
  schedule_.due(schedule_start + 11s);
  EXPECT_EQ(schedule_.late_total(), 0u);
  schedule_.due(schedule_start + 21s + 1ns);
  EXPECT_EQ(schedule_.late_total(), 1u);
  EXPECT_EQ(schedule_.skipped_total(), 0u);
}

TEST_F(ScheduleTest, AStallMakesNoBurstAndWhatWasMissedIsSkipped) {
  // given: a thousand checks, 100 looks a second
  for (Schedule::Id id = 1; id <= 1000; ++id) schedule_.add(id, 10s, schedule_start);
  run(schedule_start + 30s);
  by_second_.clear();
  most_at_once_ = 0;
  // when: nothing leaves for ten minutes
  now_ = schedule_start + 630s;
  const auto looks = run(schedule_start + 660s);
  // then: each is looked at once soon, at no more than twice the planned rate, and the rest of the time as planned
  EXPECT_EQ(looks.size(), 1000u);
  for (const auto& [second, count] : by_second_) EXPECT_LE(count, 340) << second;
  EXPECT_LE(most_at_once_, 35u);
  EXPECT_GE(schedule_.late_total(), 990u);
  EXPECT_GE(schedule_.skipped_total(), 57'000u);
  EXPECT_LE(schedule_.skipped_total(), 60'100u);
}

TEST_F(ScheduleTest, OthersKeepTheirPhaseWhenChecksComeAndGo) {
  for (Schedule::Id id = 1; id <= 100; ++id) schedule_.add(id, 10s, schedule_start);
  const auto before = run(schedule_start + 60s);
  for (Schedule::Id id = 1; id <= 50; ++id) schedule_.remove(id);
  for (Schedule::Id id = 101; id <= 150; ++id) schedule_.add(id, 3s, now_);
  const auto after = run(schedule_start + 120s);
  for (Schedule::Id id = 51; id <= 100; ++id) {
    ASSERT_TRUE(after.contains(id));
    // To the pace's precision: where two are due at once one leaves a moment later.
    const Duration apart = (after.at(id).back() - before.at(id).back()) % 10s;
    EXPECT_LT(std::min<Duration>(apart, 10s - apart), 20ms) << id;
  }
  for (Schedule::Id id = 1; id <= 50; ++id) EXPECT_FALSE(after.contains(id));
}

TEST_F(ScheduleTest, AnExtraLookComesBesideTheRegularOnes) {
  schedule_.add(1, 30s, schedule_start);
  schedule_.due(schedule_start);
  schedule_.hasten(1, schedule_start + 2s);
  schedule_.hasten(1, schedule_start + 5s);  // one is planned before it
  EXPECT_EQ(*schedule_.next(), schedule_start + 2s);
  EXPECT_EQ(schedule_.due(schedule_start + 2s).size(), 1u);
  EXPECT_EQ(*schedule_.next(), schedule_start + 30s);
}

TEST_F(ScheduleTest, ThousandsOfExtraLooksAtOnceArePaced) {
  for (Schedule::Id id = 1; id <= 2000; ++id) schedule_.add(id, 60s, schedule_start);
  run(schedule_start + 60s);
  by_second_.clear();
  for (Schedule::Id id = 1; id <= 2000; ++id) schedule_.hasten(id, now_);
  const auto looks = run(schedule_start + 75s);
  EXPECT_EQ(looks.size(), 2000u);
  for (const auto& [second, count] : by_second_) EXPECT_LE(count, 340) << second;
}

TEST_F(ScheduleTest, WithoutChecksNothingIsDue) {
  EXPECT_FALSE(schedule_.next());
  EXPECT_TRUE(schedule_.due(schedule_start + 1h).empty());
  schedule_.add(1, 1s, schedule_start);
  schedule_.remove(1);
  schedule_.remove(1);
  EXPECT_FALSE(schedule_.next());
}

}  // namespace
}  // namespace tenfold::watch
