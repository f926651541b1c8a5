#include "watch/state/job_runs.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;

const WallTime job_start{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};

TEST(JobRuns, RunsThatOverlapAreToldApart) {
  JobRuns runs;
  runs.begin("one", job_start);
  runs.begin("two", job_start + 10min);
  runs.begin("", job_start + 20min);
  EXPECT_EQ(runs.end("two", job_start + 15min), Duration(5min));
  EXPECT_EQ(runs.end("two", job_start + 16min), std::nullopt) << "it has ended";
  EXPECT_EQ(runs.end("", job_start + 21min), Duration(1min));
  EXPECT_EQ(runs.end("one", job_start + 1h), Duration(1h));
  EXPECT_EQ(runs.end("three", job_start + 1h), std::nullopt);
}

TEST(JobRuns, BegunAgainItBeginsAnewAndNeverEndsBeforeItBegan) {
  JobRuns runs;
  runs.begin("one", job_start);
  runs.begin("one", job_start + 10min);
  EXPECT_EQ(runs.end("one", job_start + 11min), Duration(1min));
  runs.begin("one", job_start);
  EXPECT_EQ(runs.end("one", job_start - 1s), Duration::zero());
}

TEST(JobRuns, OneThatDoesNotEndIsGivenUpOnce) {
  JobRuns runs;
  runs.begin("one", job_start);
  EXPECT_EQ(runs.give_up_overdue(job_start + 1h, 1h), std::nullopt);
  EXPECT_EQ(runs.give_up_overdue(job_start + 1h + 1s, 1h), Duration(1h + 1s));
  EXPECT_EQ(runs.give_up_overdue(job_start + 2h, 1h), std::nullopt);
  runs.begin("two", job_start);
  runs.clock_moved(30min);
  EXPECT_EQ(runs.give_up_overdue(job_start + 1h + 1s, 1h), std::nullopt) << "nobody was silent while the machine slept";
}

TEST(JobRuns, TheNewestAreKept) {
  JobRuns runs;
  for (std::size_t i = 0; i <= JobRuns::most; ++i) runs.begin(std::to_string(i), job_start);
  EXPECT_EQ(runs.end("0", job_start), std::nullopt);
  EXPECT_TRUE(runs.end("1", job_start));
  EXPECT_TRUE(runs.end(std::to_string(JobRuns::most), job_start));
}

}  // namespace
}  // namespace tenfold::watch
