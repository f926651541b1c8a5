#include "rehearse/report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>

#include "rehearse/report/plot.hpp"
#include "rehearse/verdict/simulated_shop.hpp"

namespace tenfold::rehearse {
namespace {

using testing::HasSubstr;
using testing::Not;

Rehearsal rehearsal_at(double per_s) {
  Rehearsal rehearsal{.record = *testing_shop::run({}, per_s, 60, 1)};
  rehearsal.slo = default_slo;
  rehearsal.record.url = "http://127.0.0.1:8080/";
  rehearsal.judgement = judge(rehearsal.record, *parse_slo(default_slo));
  for (Window& window : rehearsal.record.windows) window.p50 = window.p95 = window.p99 = std::chrono::milliseconds(40);
  rehearsal.command = "tenfold rehearse http://127.0.0.1:8080/ --rate 300/s";
  return rehearsal;
}

TEST(Report, JsonHasTheKeysOfTheContract) {
  const auto json = nlohmann::json::parse(report_json(rehearsal_at(300)));
  for (const char* key :
       {"verdict", "planned", "sent", "requests", "failed", "achieved_per_s", "p50_ms", "p95_ms", "p99_ms"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json["verdict"], "PASS");
  EXPECT_EQ(json["planned"], json["requests"]);
  EXPECT_NEAR(json["achieved_per_s"].get<double>(), 300, 15);
  EXPECT_FALSE(json.contains("knee"));
  EXPECT_EQ(json["windows"].size(), 60u);
}

TEST(Report, JsonOfTheKnee) {
  Rehearsal rehearsal = rehearsal_at(300);
  rehearsal.limit.emplace();
  rehearsal.limit->knee = {.load = 300, .visitors_per_s = 300, .requests_per_s = 299};
  rehearsal.limit->steps.push_back(
      {.load = 300, .record = rehearsal.record, .judgement = rehearsal.judgement, .sustained = true});
  const auto json = nlohmann::json::parse(report_json(rehearsal));
  EXPECT_EQ(json["knee"]["visitors_per_s"], 300);
  EXPECT_EQ(json["knee"]["requests_per_s"], 299);
  EXPECT_THAT(report_html(rehearsal), HasSubstr("The knee"));
}

TEST(Report, HtmlNeedsNothingFromOutsideAndLetsNothingIn) {
  Rehearsal rehearsal = rehearsal_at(900);
  rehearsal.record.templates[0].name = "/<script>alert(1)</script>\"'&";
  rehearsal.record.url = "http://127.0.0.1/\"><img src=x>";
  const std::string page = report_html(rehearsal);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("src=\"")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, HasSubstr("verdict FAIL"));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

TEST(Report, AnEmptyRunIsShownToo) {
  Rehearsal rehearsal;
  rehearsal.judgement = judge(rehearsal.record, *parse_slo(default_slo));
  EXPECT_THAT(report_html(rehearsal), HasSubstr("INVALID"));
  EXPECT_TRUE(nlohmann::json::accept(report_json(rehearsal)));
  EXPECT_THAT(report_junit(rehearsal), HasSubstr("errors=\"1\""));
}

TEST(Report, JUnitHasACaseForEachObjective) {
  const std::string good = report_junit(rehearsal_at(300));
  EXPECT_THAT(good, HasSubstr("tests=\"3\" failures=\"0\" errors=\"0\""));
  EXPECT_THAT(good, HasSubstr("name=\"p99&lt;800ms\""));
  EXPECT_THAT(report_junit(rehearsal_at(900)), HasSubstr("<failure message="));
}

TEST(Report, IsWrittenAsThreeFiles) {
  const std::string folder = ::testing::TempDir() + "tenfold-report/deeper";
  ASSERT_TRUE(write_report(rehearsal_at(300), folder));
  for (const char* name : {"report.html", "report.json", "junit.xml"})
    EXPECT_GT(std::filesystem::file_size(std::filesystem::path(folder) / name), 100u) << name;
  EXPECT_FALSE(write_report(rehearsal_at(300), "/dev/null/no"));
  std::filesystem::remove_all(::testing::TempDir() + "tenfold-report");
}

TEST(Plot, JoinsPointsThatAreTooMany) {
  PlotSeries series{.name = "s", .colour = "a"};
  for (int i = 0; i < 100'000; ++i) series.points.push_back({static_cast<double>(i), i == 77'777 ? 9000.0 : 1.0});
  const std::string drawn = svg_of({.title = "t", .series = {series}});
  EXPECT_LT(drawn.size(), 20'000u);
  EXPECT_THAT(drawn, HasSubstr("8.0 k"));
}

}  // namespace
}  // namespace tenfold::rehearse
