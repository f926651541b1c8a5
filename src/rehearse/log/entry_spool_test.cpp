#include "rehearse/log/entry_spool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace tenfold::rehearse {
namespace {

// Whatever the memory, and in however many rounds parts are merged: by time, and what is of one time as it came.
TEST(EntrySpool, GivesAllInTheOrderOfTime) {
  std::mt19937_64 random(20190126);
  for (const std::size_t memory : {1u << 30, 20'000u, 3'000u}) {
    EntrySpool spool({.memory_bytes = memory, .most_parts = 3, .folder = {}});
    std::vector<std::pair<std::int64_t, std::string>> expected;
    for (int i = 0; i < 800; ++i) {
      const std::string target = "/" + std::to_string(i) + std::string(random() % 300, 'x');
      Entry entry;
      entry.at_ms = static_cast<std::int64_t>(random() % 500) - 100;
      entry.client = "192.0.2.1";
      entry.target = target;
      entry.user_agent = target;
      entry.bytes = i;
      entry.agent_logged = i % 2 == 0;
      expected.emplace_back(entry.at_ms, target);
      spool.take(entry);
    }
    std::ranges::stable_sort(expected, {}, &std::pair<std::int64_t, std::string>::first);
    EXPECT_EQ(spool.parts() > 0, memory < (1u << 30));
    std::size_t i = 0;
    ASSERT_TRUE(spool.give([&](const Entry& entry) {
      ASSERT_LT(i, expected.size());
      EXPECT_EQ(entry.at_ms, expected[i].first);
      EXPECT_EQ(entry.target, expected[i].second);
      EXPECT_EQ(entry.user_agent, expected[i].second);
      EXPECT_EQ(entry.client, "192.0.2.1");
      EXPECT_EQ(entry.agent_logged, entry.bytes % 2 == 0);
      EXPECT_EQ(entry.host, "");
      ++i;
    }));
    EXPECT_EQ(i, 800u);
  }
}

TEST(EntrySpool, ALineLargerThanAllPiecesIsGivenWhole) {
  EntrySpool spool({.memory_bytes = 1'000, .most_parts = 256, .folder = {}});
  const std::string long_target = "/" + std::string(600'000, 'y');
  Entry entry;
  for (int i = 3; i-- > 0;) {
    entry.at_ms = i;
    entry.target = long_target;
    spool.take(entry);
  }
  int given = 0;
  ASSERT_TRUE(spool.give([&](const Entry& each) {
    EXPECT_EQ(each.at_ms, given++);
    EXPECT_EQ(each.target.size(), long_target.size());
  }));
  EXPECT_EQ(given, 3);
}

TEST(EntrySpool, NoRoomIsAnErrorThatNamesTheFolderAndTheWayOut) {
  EntrySpool spool({.memory_bytes = 10, .most_parts = 256, .folder = "/dev/null/none"});
  spool.take(Entry());
  spool.take(Entry());
  const auto given = spool.give([](const Entry&) {});
  ASSERT_FALSE(given);
  EXPECT_NE(given.error().detail.find("/dev/null/none (TMPDIR names another folder)"), std::string::npos)
      << given.error().detail;
}

}  // namespace
}  // namespace tenfold::rehearse
