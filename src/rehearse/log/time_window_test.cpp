#include "rehearse/log/time_window.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::rehearse {
namespace {

class TimeWindowTest : public testing::Test {
 protected:
  void take(TimeWindow& window, std::int64_t at_ms) {
    Entry entry;
    entry.at_ms = at_ms;
    const std::string target = "/" + std::to_string(at_ms);
    entry.target = target;
    window.take(entry);
  }
  std::vector<std::int64_t> seen;
  const TimeWindow::Visit visit = [this](const Entry& entry) {
    EXPECT_EQ(entry.target, "/" + std::to_string(entry.at_ms));
    seen.push_back(entry.at_ms);
  };
};

TEST_F(TimeWindowTest, PutsRightWhatIsOutOfOrderByLessThanTheWindow) {
  TimeWindow window(30, 1000, visit);
  for (const std::int64_t at : {100'000, 130'000, 100'500, 101'000, 129'999, 100'400}) take(window, at);
  window.flush();
  EXPECT_EQ(seen, (std::vector<std::int64_t>{100'000, 100'400, 100'500, 101'000, 129'999, 130'000}));
  EXPECT_EQ(window.late(), 0u);
}

TEST_F(TimeWindowTest, TheFirstLineMayBeTheLatest) {
  TimeWindow window(30, 1000, visit);
  for (const std::int64_t at : {110'000, 100'000, 81'000, 105'000}) take(window, at);
  window.flush();
  EXPECT_EQ(seen, (std::vector<std::int64_t>{81'000, 100'000, 105'000, 110'000}));
}

TEST_F(TimeWindowTest, WhatIsLaterThanTheWindowIsCountedAndPassedOn) {
  TimeWindow window(30, 1000, visit);
  for (const std::int64_t at : {100'000, 131'000, 100'000}) take(window, at);
  EXPECT_EQ(window.late(), 1u);
  window.flush();
  EXPECT_EQ(seen.size(), 3u);
}

TEST_F(TimeWindowTest, LongPausesAreCrossed) {
  TimeWindow window(30, 1000, visit);
  for (const std::int64_t at : {100'000ll, 900'000'000'000ll, 900'000'000'001ll}) take(window, at);
  window.flush();
  EXPECT_EQ(seen.size(), 3u);
}

TEST_F(TimeWindowTest, ItsMemoryIsBounded) {
  TimeWindow window(30, 100, visit);
  for (int i = 0; i < 1000; ++i) take(window, 100'000 + i * 10);
  EXPECT_GE(seen.size(), 900u);
  window.flush();
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace tenfold::rehearse
