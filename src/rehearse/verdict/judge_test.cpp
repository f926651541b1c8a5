#include "rehearse/verdict/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rehearse/verdict/simulated_shop.hpp"
#include "rehearse/verdict/stretch.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing_shop::run;
using testing_shop::Shop;

Slo slo_of(std::string_view text) { return *parse_slo(text); }

TEST(Judge, AShopWithRoomPasses) {
  const auto record = run(Shop{}, 250, 30, 1);
  const Judgement judgement = judge(*record, slo_of(default_slo));
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_TRUE(judgement.reasons.empty());
  ASSERT_EQ(judgement.findings.size(), 2u);
  EXPECT_TRUE(judgement.findings[0].kept);
  EXPECT_FALSE(judgement.trust.empty());
}

TEST(Judge, SaysThatTheShieldAnsweredInTheShopsPlace) {
  auto record = run(Shop{}, 250, 30, 1);
  record->total.by_shield = record->total.answered / 4;
  EXPECT_THAT(judge(*record, slo_of(default_slo)).trust.at(0), HasSubstr(" % of the answers were the shield's own"));
}

TEST(Judge, OneThatIsAskedForTooMuchFailsWithTheReason) {
  const auto record = run(Shop{}, 1000, 30, 1);
  const Judgement judgement = judge(*record, slo_of(default_slo));
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_THAT(judgement.reasons.at(0), HasSubstr("p99<800ms was not kept"));
}

TEST(Judge, OneBadMinuteOfTenFails) {
  auto record = run(Shop{}, 100, 600, 1);
  ASSERT_EQ(judge(*record, slo_of("errors<0.5%")).verdict, Verdict::pass);
  // 1 % of errors in the fifth minute are 0.1 % over the whole.
  for (std::size_t i = 24; i < 30; ++i) record->judged[i].counts.failed[5] = record->judged[i].counts.answered / 100;
  const Judgement judgement = judge(*record, slo_of("errors<0.5%"));
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_THAT(judgement.findings[0].worst, HasSubstr("from 4:00 to 5:00"));
}

TEST(Judge, QuantilesJustUnderAndOverTheLimit) {
  RunRecord record;
  record.length = record.lasted = 30s;
  record.judged.resize(1);
  record.judged[0].to = 30s;
  record.total.planned = record.total.sent = record.total.answered = 1000;
  record.judged[0].counts = record.total;
  record.judged[0].response.record(100ms, 990);
  record.judged[0].response.record(2s, 10);
  EXPECT_EQ(judge(record, slo_of("p99<800ms")).verdict, Verdict::pass);
  record.judged[0].response.record(2s, 1);
  EXPECT_EQ(judge(record, slo_of("p99<800ms")).verdict, Verdict::fail);
}

TEST(Judge, TimesAreNotKeptWhereNothingWasAnswered) {
  RunRecord record;
  record.length = record.lasted = 30s;
  record.judged.resize(1);
  record.judged[0].to = 30s;
  record.total.planned = 1000;
  record.total.failed[3] = 1000;
  record.judged[0].counts = record.total;
  for (const char* slo : {"p99<800ms", "mean<800ms", "max<800ms"}) {
    const Judgement judgement = judge(record, slo_of(slo));
    EXPECT_EQ(judgement.verdict, Verdict::fail) << slo;
    EXPECT_EQ(judgement.findings.at(0).measured, "no request was answered") << slo;
  }
  record.judged[0].counts.answered = 1;
  record.judged[0].counts.failed[3] = 999;
  record.judged[0].response.record(100ms, 1);
  EXPECT_EQ(judge(record, slo_of("p99<800ms")).verdict, Verdict::pass);
}

TEST(Judge, ScopesLookAtTheirTemplatesAlone) {
  auto record = run(Shop{}, 250, 30, 1);
  for (JudgedWindow& window : record->judged) {
    TemplateRecord checkout{.name = "POST /Checkout/pay"};
    checkout.sent = 100;
    checkout.response.record(3s, 100);
    window.templates.push_back(checkout);
  }
  EXPECT_EQ(judge(*record, slo_of("checkout:p95<1s")).verdict, Verdict::fail);
  EXPECT_EQ(judge(*record, slo_of("page:p95<1s")).verdict, Verdict::pass);
}

// Of 200 requests 2 are 1 %, and up to 5 are so by chance.
TEST(Judge, InvalidWhenTooFewCouldBeSent) {
  for (const std::uint64_t unsent : {5u, 6u}) {
    auto record = run(Shop{}, 10, 20, 1);
    record->total = {};
    record->total.planned = 200;
    record->total.sent = record->total.answered = 200 - unsent;
    record->total.unsent = unsent;
    const Judgement judgement = judge(*record, slo_of(default_slo));
    EXPECT_EQ(judgement.verdict, unsent == 5 ? Verdict::pass : Verdict::invalid) << unsent;
  }
}

TEST(Judge, WhatLeftLateCannotMakeAShopPass) {
  auto record = run(Shop{}, 250, 30, 1);
  record->total.late = record->total.planned / 2;
  for (JudgedWindow& window : record->judged) window.counts.late = 1000;
  const Judgement judgement = judge(*record, slo_of(default_slo));
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_THAT(judgement.trust, testing::Contains(HasSubstr("50.00 % of the requests left more than 10 ms late")));
}

TEST(Judge, WhatLeftLateMayHaveMadeItFail) {
  const auto with_late = [](std::uint64_t late) {
    RunRecord record;
    record.length = record.lasted = 30s;
    record.judged.resize(1);
    record.judged[0].to = 30s;
    record.total.planned = record.total.sent = record.total.answered = 1000;
    record.total.late = late;
    record.judged[0].counts = record.total;
    record.judged[0].response.record(100ms, 950);
    record.judged[0].response.record(2s, 50);  // 40 more than p99 allows
    return judge(record, slo_of("p99<800ms"));
  };
  EXPECT_EQ(with_late(39).verdict, Verdict::fail);
  EXPECT_EQ(with_late(40).verdict, Verdict::invalid);
  EXPECT_THAT(with_late(40).reasons.at(0), HasSubstr("this machine was the limit"));
}

TEST(Judge, WhatWasNotSentCannotMakeAShopFail) {
  auto record = run(Shop{}, 1000, 30, 1);
  record->total.unsent = record->total.planned / 10;
  EXPECT_EQ(judge(*record, slo_of(default_slo)).verdict, Verdict::fail);
  record = run(Shop{}, 250, 30, 1);
  record->total.unsent = record->total.planned / 10;
  record->causes[0] = "exhausted: Too many open files";
  const Judgement judgement = judge(*record, slo_of(default_slo));
  EXPECT_EQ(judgement.verdict, Verdict::invalid);
  EXPECT_THAT(judgement.reasons.at(0), HasSubstr("Too many open files"));
  EXPECT_THAT(judgement.next, HasSubstr("ulimit -n"));
}

// A shop that nobody has reached bore nothing, and failed at nothing.
TEST(Judge, NobodyReachedIsInvalidWithTheCause) {
  const auto with = [](Failure failure, std::string cause) {
    RunRecord record;
    record.length = record.lasted = 30s;
    record.judged.resize(1);
    record.judged[0].to = 30s;
    record.total.planned = 1000;
    record.total.failed[static_cast<std::size_t>(failure)] = 1000;
    record.causes[static_cast<std::size_t>(failure)] = std::move(cause);
    record.judged[0].counts = record.total;
    record.ended = RunRecord::Ended::stopped;
    record.why_ended = "the shop is down";
    return judge(record, slo_of(default_slo));
  };
  const Judgement closed = with(Failure::connect, "refused: connecting to 127.0.0.1:9");
  EXPECT_EQ(closed.verdict, Verdict::invalid);
  EXPECT_THAT(closed.reasons.at(0), HasSubstr("refused: connecting to 127.0.0.1:9"));
  EXPECT_THAT(closed.next, HasSubstr("start the shop"));
  const Judgement untrusted = with(Failure::tls, "failed: TLS handshake: self-signed certificate");
  EXPECT_EQ(untrusted.verdict, Verdict::invalid);
  EXPECT_THAT(untrusted.next, HasSubstr("--authorities"));
  EXPECT_EQ(with(Failure::timed_out, "").verdict, Verdict::fail);
}

// In a long run with few visitors one error in an hour makes a minute of 1 in 60.
TEST(Judge, OneErrorInAnHourIsNoBadMinute) {
  auto record = run(Shop{}, 1, 3000, 1);
  record->judged[40].counts.failed[5] = 1;
  EXPECT_EQ(judge(*record, slo_of("errors<0.5%")).verdict, Verdict::pass);
}

TEST(Judge, AShopThatRefusesConnectionsFails) {
  auto record = run(Shop{}, 10, 20, 1);
  record->total = {};
  record->total.planned = 200;
  record->total.sent = record->total.answered = 100;
  record->total.failed[static_cast<std::size_t>(Failure::connect)] = 100;
  record->judged[0].counts = record->total;
  EXPECT_EQ(judge(*record, slo_of(default_slo)).verdict, Verdict::fail);
}

TEST(Judge, TooFewInterruptedStoppedAndNoLongerOwned) {
  auto record = run(Shop{}, 1, 5, 1);
  EXPECT_EQ(judge(*record, slo_of(default_slo)).verdict, Verdict::invalid);
  record = run(Shop{}, 250, 30, 1);
  record->ended = RunRecord::Ended::interrupted;
  EXPECT_EQ(judge(*record, slo_of(default_slo)).verdict, Verdict::invalid);
  record->ended = RunRecord::Ended::stopped;
  record->why_ended = "the shop is down";
  EXPECT_EQ(judge(*record, slo_of(default_slo)).verdict, Verdict::fail);
  record->ended = RunRecord::Ended::ownership_lost;
  record->why_ended = "the token is gone";
  EXPECT_EQ(judge(*record, slo_of(default_slo)).verdict, Verdict::refused);
}

TEST(ClearlyDown, NineOfTenInFiveSeconds) {
  auto record = run(Shop{}, 250, 30, 1);
  EXPECT_EQ(clearly_down(*record), "");
  for (Window& window : record->windows) {
    window.counts.answered = 25;
    window.counts.failed[1] = 225;
  }
  EXPECT_THAT(clearly_down(*record), HasSubstr("no connection"));
  for (Window& window : record->windows) window.counts.answered = 26;
  EXPECT_EQ(clearly_down(*record), "");
}

// The queue grows from a little over the capacity on, and chance alone is not taken for growth.
TEST(Sustained, TellsOverloadFromChanceInFifteenSeconds) {
  const Slo slo = slo_of("p99<5s,errors<1%");
  int wrong = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (const double share : {0.80, 0.90, 0.94}) wrong += sustained(*run(Shop{}, 500 * share, 15, seed), slo) ? 0 : 1;
  }
  EXPECT_LE(wrong, 3) << "of 150 that had room";
  wrong = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (const double share : {1.06, 1.1, 1.3}) wrong += sustained(*run(Shop{}, 500 * share, 15, seed), slo) ? 1 : 0;
  }
  EXPECT_LE(wrong, 6) << "of 150 that were too much";
}

}  // namespace
}  // namespace tenfold::rehearse
