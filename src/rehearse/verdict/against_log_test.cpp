#include "rehearse/verdict/against_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rehearse/verdict/judge.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A run of a minute in which all went well: "/" and products, of which the log says that they are pages of 14 kB.
RunRecord good_run() {
  RunRecord record;
  record.length = record.lasted = 60s;
  record.judged.resize(2);
  record.judged[0].to = record.judged[1].from = 30s;
  record.judged[1].to = 60s;
  for (const char* name : {"/", "/product/{id}"}) {
    TemplateRecord each{.name = name};
    each.planned = each.sent = 500;
    each.held = {.answers = 500, .whole = 500, .bytes = 500 * 14'000};
    each.in_log = {.known = true, .mean_bytes = 14'000};
    record.templates.push_back(each);
  }
  record.total.planned = record.total.sent = record.total.answered = 1000;
  for (JudgedWindow& window : record.judged) {
    window.counts.planned = window.counts.sent = window.counts.answered = 500;
    window.response.record(40ms, 500);
  }
  return record;
}

// The same in each window, of one template: `held` in each half.
void both_halves(RunRecord& record, std::size_t which, const Held& held) {
  record.templates[which].held = held;
  record.templates[which].held.add(held);
  for (JudgedWindow& window : record.judged) {
    TemplateRecord each{.name = record.templates[which].name};
    each.held = held;
    window.templates.push_back(each);
  }
}

Judgement judged(const RunRecord& record) { return judge(record, *parse_slo(default_slo)); }

TEST(AgainstLog, WhatTheLogSaysPasses) { EXPECT_EQ(judged(good_run()).verdict, Verdict::pass); }

TEST(AgainstLog, APartThatLeadsElsewhereFailsAndIsNamed) {
  RunRecord record = good_run();
  both_halves(record, 1, {.answers = 250, .elsewhere = 250});
  record.templates[1].led_to = "/closed.html";
  const Judgement judgement = judged(record);
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_THAT(judgement.reasons.at(0),
              HasSubstr("/product/{id}: 100.00 % of the answers lead elsewhere (to /closed.html), in the log 0.00 %"));
}

// Where the log has redirects, too, they are counted against its share.
TEST(AgainstLog, MoreRedirectsThanTheLogHasFail) {
  for (const double in_log : {0.1, 0.9}) {
    RunRecord record = good_run();
    record.templates[1].in_log.redirects = in_log;
    both_halves(record, 1, {.answers = 250, .elsewhere = 240, .whole = 10, .bytes = 140'000});
    EXPECT_EQ(judged(record).verdict, in_log == 0.1 ? Verdict::fail : Verdict::pass) << in_log;
  }
}

TEST(AgainstLog, FarSmallerAnswersFail) {
  RunRecord record = good_run();
  both_halves(record, 1, {.answers = 250, .whole = 250, .bytes = 250 * 300});
  Judgement judgement = judged(record);
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_THAT(judgement.reasons.at(0),
              HasSubstr("/product/{id}: its answers have 300 bytes in the mean, in the log 14 kB"));
  // Half of them, where the log says how small they are as a rule.
  record.templates[1].in_log.low_bytes = 8192;
  record.templates[1].held = {.answers = 500, .whole = 500, .bytes = 500 * 7'000, .small = 250};
  EXPECT_EQ(judged(record).verdict, Verdict::fail);
  record.templates[1].held.small = 40;
  EXPECT_EQ(judged(record).verdict, Verdict::pass);
}

// An empty basket leads from the checkout back to it: a part that cannot be rehearsed, and no fault of the shop's.
TEST(AgainstLog, APartThatWantsABasketIsNotedAndTheWholeShopFails) {
  RunRecord record = good_run();
  both_halves(record, 1, {.answers = 250, .known = 250});
  EXPECT_EQ(judged(record).verdict, Verdict::fail);
  both_halves(record, 0, {.answers = 1500, .whole = 1500, .bytes = 1500 * 14'000});
  const Judgement judgement = judged(record);
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_THAT(judgement.trust,
              testing::Contains(HasSubstr("/product/{id}: 100.00 % of the answers lead to another page")));
}

TEST(AgainstLog, ALogOfAnotherShopIsInvalidAndSoIsAShopThatWantsALogin) {
  RunRecord record = good_run();
  both_halves(record, 0, {.answers = 250, .not_found = 250});
  both_halves(record, 1, {.answers = 250, .not_found = 230});
  record.total.failed[static_cast<std::size_t>(Failure::status)] = 960;
  Judgement judgement = judged(record);
  EXPECT_EQ(judgement.verdict, Verdict::invalid);
  EXPECT_THAT(judgement.reasons, ElementsAre("96.00 % of the answers are 404: is this log this shop's?"));

  // What answered first and cannot be found under the load is the shop's.
  record.judged[0].templates[0].held = {.answers = 250, .whole = 250, .bytes = 1};
  record.judged[0].templates[1].held = {.answers = 250, .whole = 250, .bytes = 1};
  EXPECT_EQ(judged(record).verdict, Verdict::fail);
  EXPECT_THAT(against_log(record).stranger, IsEmpty());

  record = good_run();
  both_halves(record, 0, {.answers = 250, .denied = 250});
  EXPECT_THAT(judged(record).next, HasSubstr("--user"));
  both_halves(record, 0, {.answers = 250, .moved = 250});
  record.templates[0].led_to = "https://shop.example/";
  judgement = judged(record);
  EXPECT_EQ(judgement.verdict, Verdict::invalid);
  EXPECT_THAT(judgement.reasons.at(0), HasSubstr("https://shop.example/"));
}

TEST(FailingTemplates, TheWorstFirstWithWhatCame) {
  RunRecord record = good_run();
  EXPECT_THAT(failing_templates(record, 5), IsEmpty());
  record.templates[1].failed = 213;
  record.templates[1].statuses.add(200, 287);
  record.templates[1].statuses.add(503, 200);
  EXPECT_THAT(failing_templates(record, 5),
              ElementsAre("/product/{id}: 213 of 500 failed (503 × 200, no answer × 13)"));
}

TEST(StatusCounts, MoreThanEightAreCountedTogether) {
  StatusCounts counts;
  for (int status = 200; status < 210; ++status) counts.add(status, 2);
  counts.add(200);
  std::uint64_t all = 0;
  for (const auto& entry : counts.entries()) all += entry.times;
  EXPECT_EQ(all, 21u);
  EXPECT_EQ(counts.entries()[0].times, 3u);
  EXPECT_EQ(counts.entries()[7].status, 0);
  EXPECT_EQ(counts.entries()[7].times, 6u);
}

}  // namespace
}  // namespace tenfold::rehearse
