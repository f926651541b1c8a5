#include "rehearse/record/merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;

Window window(Duration from, Duration to, std::uint64_t answered, Duration p99) {
  Window made;
  made.from = from;
  made.to = to;
  made.counts.answered = answered;
  made.p99 = p99;
  return made;
}

TEST(MergeTest, MergedWindowsAddCountsAndKeepTheWorseQuantile) {
  Window first = window(0s, 1s, 10, 5ms);
  first.in_flight = 7;
  first.planned_per_s = 10;
  Window second = window(1s, 3s, 30, 2ms);
  second.in_flight = 3;
  second.planned_per_s = 40;

  const Window both = merged(first, second);

  EXPECT_EQ(both.from, 0s);
  EXPECT_EQ(both.to, 3s);
  EXPECT_EQ(both.counts.answered, 40u);
  EXPECT_EQ(both.p99, 5ms);
  EXPECT_EQ(both.in_flight, 3u);
  EXPECT_DOUBLE_EQ(both.planned_per_s, 30);
}

TEST(MergeTest, HalvingLosesNothingAndKeepsALastOddOne) {
  std::vector<Window> windows;
  for (int i = 0; i < 5; ++i) windows.push_back(window(i * 1s, (i + 1) * 1s, 1, 1ms));

  halve(windows);

  ASSERT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows[0].to, 2s);
  EXPECT_EQ(windows[1].from, 2s);
  EXPECT_EQ(windows[1].counts.answered, 2u);
  EXPECT_EQ(windows[2].from, 4s);
  EXPECT_EQ(windows[2].counts.answered, 1u);
}

TEST(MergeTest, JudgedWindowsAddTemplatesByName) {
  std::vector<JudgedWindow> windows(2);
  windows[0].templates.resize(1);
  windows[0].templates[0].name = "/a";
  windows[0].templates[0].planned = 2;
  windows[0].templates[0].response.record(1ms, 2);
  windows[1].templates.resize(2);
  windows[1].templates[0].name = "/b";
  windows[1].templates[0].failed = 1;
  windows[1].templates[1].name = "/a";
  windows[1].templates[1].planned = 3;
  windows[1].templates[1].response.record(9ms, 3);

  halve(windows);

  ASSERT_EQ(windows.size(), 1u);
  ASSERT_EQ(windows[0].templates.size(), 2u);
  EXPECT_EQ(windows[0].templates[0].name, "/a");
  EXPECT_EQ(windows[0].templates[0].planned, 5u);
  EXPECT_EQ(windows[0].templates[0].response.count(), 5u);
  EXPECT_EQ(windows[0].templates[1].name, "/b");
  EXPECT_EQ(windows[0].templates[1].failed, 1u);
}

TEST(RunRecordTest, CountsAddFieldByField) {
  Counts a;
  a.planned = a.sent = a.answered = a.unsent = a.late = a.bytes = a.connections = a.tls_handshakes = a.tls_resumed =
      a.sessions = a.not_followed = a.withheld = a.by_shield = 1;
  a.failed.fill(1);
  a.statuses.fill(1);
  Counts sum;
  sum.add(a);
  sum.add(a);

  // Whichever field is forgotten stays 0 or 1.
  for (const auto each :
       {sum.planned, sum.sent, sum.answered, sum.unsent, sum.late, sum.bytes, sum.connections, sum.tls_handshakes,
        sum.tls_resumed, sum.sessions, sum.not_followed, sum.withheld, sum.by_shield}) {
    EXPECT_EQ(each, 2u);
  }
  EXPECT_THAT(sum.failed, testing::Each(2u));
  EXPECT_THAT(sum.statuses, testing::Each(2u));
  EXPECT_EQ(sum.failed_all(), 2 * failures);
}

TEST(RunRecordTest, AchievedRateIsOfAnsweredRequests) {
  RunRecord record;
  EXPECT_EQ(record.achieved_per_s(), 0);
  record.total.sent = 100;
  record.total.answered = 50;
  record.lasted = 2s;
  EXPECT_DOUBLE_EQ(record.achieved_per_s(), 25);
}

}  // namespace
}  // namespace tenfold::rehearse
