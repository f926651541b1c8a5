#include "app/alarm_service/job_report.hpp"

#include <gtest/gtest.h>

namespace tenfold::app {
namespace {

TEST(JobReport, AllWentWell) {
  for (const char* end : {"", "0", "000"}) {
    const auto beat = job_report(end, "backup of 3 GB done");
    ASSERT_TRUE(beat) << end;
    EXPECT_EQ(beat->outcome, watch::Beat::Outcome::good) << end;
    EXPECT_EQ(beat->what, "") << end;
  }
}

TEST(JobReport, AFailureHasItsWords) {
  EXPECT_EQ(job_report("fail", "")->what, "the job reports a failure");
  EXPECT_EQ(job_report("fail", "disk full\n\x01")->what, "the job reports a failure: disk full");
  EXPECT_EQ(job_report("1", "")->what, "the job ended with status 1");
  EXPECT_EQ(job_report("255", "no route")->what, "the job ended with status 255: no route");
  for (const char* end : {"fail", "1", "255"}) {
    EXPECT_EQ(job_report(end, "")->outcome, watch::Beat::Outcome::failed) << end;
  }
}

TEST(JobReport, ALongTextIsCut) {
  const auto beat = job_report("fail", std::string(16 * 1024, 'x'));
  ASSERT_TRUE(beat);
  EXPECT_LE(beat->what.size(), std::string("the job reports a failure: ").size() + 500);
}

TEST(JobReport, ARunMayBeginAndHasAName) {
  ASSERT_TRUE(job_report("start", ""));
  EXPECT_EQ(job_report("start", "")->outcome, watch::Beat::Outcome::begun);
  EXPECT_EQ(run_of(""), "");
  EXPECT_EQ(run_of("a=b&c"), "");
  EXPECT_EQ(run_of("rid=0dfd4d3c-9f1f-4a58-8f3b-2a1c0f6a3c5e"), "0dfd4d3c-9f1f-4a58-8f3b-2a1c0f6a3c5e");
  EXPECT_EQ(run_of("a=b&rid=7"), "7");
  EXPECT_EQ(run_of("rid=" + std::string(64, 'x')), std::string(64, 'x'));
  for (const std::string& query : {std::string("rid="), std::string("rid=a b"), std::string("rid=%41"),
                                   std::string("rid=<x>"), "rid=" + std::string(65, 'x')}) {
    EXPECT_FALSE(run_of(query)) << query;
  }
}

TEST(JobReport, OtherEndsAreNotKnown) {
  for (const char* end : {"256", "-1", "+1", "1 ", " 1", "ok", "FAIL", "fail/", "1/2", "1.0"}) {
    EXPECT_FALSE(job_report(end, "")) << end;
  }
}

}  // namespace
}  // namespace tenfold::app
