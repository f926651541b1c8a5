#include "guard/ladder/ladder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"

using namespace std::chrono_literals;

namespace tenfold::guard::ladder {
namespace {

using judging::Charge;
using judging::Finding;
using judging::Posture;
using judging::Subject;
using judging::SubjectId;
using judging::SubjectLevel;
using enum Step;

constexpr Subject client{SubjectLevel::client, SubjectId{1}};
constexpr Subject network{SubjectLevel::network, SubjectId{77}};

class LadderTest : public testing::Test {
 protected:
  static Finding takes_more(const Subject& subject = client) {
    Finding finding;
    finding.subject = subject;
    finding.charge = Charge::takes_more;
    return finding;
  }
  static Finding ignores(const Subject& subject = client) {
    Finding finding = takes_more(subject);
    finding.charge = Charge::ignores;
    finding.evidence.challenges_ignored = 100;
    return finding;
  }
  static Finding breaks_protocol(const Subject& subject = client) {
    Finding finding = takes_more(subject);
    finding.charge = Charge::breaks_protocol;
    return finding;
  }

  // One window of 100 ms.
  void see(const std::vector<Finding>& findings = {}, const std::vector<CanarySample>& canaries = {}) {
    clock_.advance(100ms);
    judging::Verdict verdict;
    verdict.posture = posture_;
    verdict.findings = findings;
    ladder_.climb(verdict, canaries, clock_.now());
  }
  void see_for(Duration time, const std::vector<Finding>& findings = {},
               const std::vector<CanarySample>& canaries = {}) {
    for (Duration passed{}; passed < time; passed += 100ms) see(findings, canaries);
  }
  void remember(int visits, std::uint64_t in_network = 1) {
    for (int i = 0; i < visits; ++i) {
      const std::uint64_t visitor = 1'000'000 + visitors_++;
      ladder_.remember({.visitor = visitor, .of = {.client = SubjectId{visitor}, .network = SubjectId{in_network}}},
                       clock_.now());
    }
  }
  Measure measure(const Subject& subject = client) const {
    const Plan plan = ladder_.plan();
    const auto found = std::ranges::find(plan.measures, subject, &Measure::subject);
    return found == plan.measures.end() ? Measure() : *found;
  }
  Step step(const Subject& subject = client) const { return measure(subject).step; }
  void bring_to(Step to, const Subject& subject = client) {
    for (int i = 0; i < 1000 && step(subject) != to; ++i) {
      see({step(subject) < challenge ? takes_more(subject) : ignores(subject)},
          {{.subject = subject, .hit = 10, .people = 0}});
    }
    ASSERT_EQ(step(subject), to);
  }

  ManualClock clock_;
  Posture posture_ = Posture::besieged;
  Ladder ladder_{Acting::enforce};
  std::uint64_t visitors_ = 0;
};

TEST_F(LadderTest, ClimbsWhileItIsFoundAndEachStepHadTimeToShow) {
  // when
  see({takes_more()});
  EXPECT_EQ(step(), behind);
  see({takes_more()}), see({takes_more()});
  EXPECT_EQ(step(), behind);
  see({takes_more()});
  EXPECT_EQ(step(), challenge);
  // who ignores nothing is challenged at the most
  see_for(10s, {takes_more()});
  EXPECT_EQ(step(), challenge);
  see({ignores()});
  EXPECT_EQ(step(), refuse);
  see_for(200ms, {ignores()});
  EXPECT_EQ(step(), refuse);
  see({ignores()});
  // then
  EXPECT_EQ(step(), drop);
}

TEST_F(LadderTest, WhoIgnoresChallengesIsDroppedInLessThanASecond) {
  // while only it is challenged
  posture_ = Posture::strained;
  see({ignores()});
  EXPECT_EQ(step(), challenge);
  see_for(600ms, {ignores()});
  EXPECT_EQ(step(), drop);
}

TEST_F(LadderTest, WhoIgnoresWhatAllStrangersAreAskedIsRefusedAtOnce) {
  see({ignores()});
  EXPECT_EQ(step(), refuse);
  see_for(300ms, {ignores()});
  EXPECT_EQ(step(), drop);
}

TEST_F(LadderTest, StepsDownByItselfOneStepAtATime) {
  // given
  bring_to(drop);
  // when
  see_for(59'900ms);
  EXPECT_EQ(step(), drop);
  see();
  EXPECT_EQ(step(), refuse);
  see_for(29'900ms);
  EXPECT_EQ(step(), refuse);
  see();
  EXPECT_EQ(step(), challenge);
  see_for(15s);
  EXPECT_EQ(step(), behind);
  see_for(5s);
  // then
  EXPECT_EQ(step(), serve);
  EXPECT_EQ(ladder_.size(), 1u);  // remembered
  see_for(10min);
  EXPECT_EQ(ladder_.size(), 0u);
}

TEST_F(LadderTest, WhyIsWhatItsStepWasTakenOn) {
  bring_to(drop);
  const std::string why = measure().reason();
  EXPECT_TRUE(why.starts_with("ignored 100 challenges")) << why;
  see({takes_more()});  // all that is seen of it once it is shut out
  EXPECT_EQ(measure().reason(), why);
}

TEST_F(LadderTest, AStepGoesOnWhileItsReasonDoes) {
  bring_to(challenge);
  see_for(1min, {takes_more()});
  EXPECT_EQ(step(), challenge);
  EXPECT_GE(measure().until - clock_.now(), 7500ms);
  see_for(15s);
  EXPECT_LT(step(), challenge);
}

TEST_F(LadderTest, WhoIsFoundAgainGoesBackAtOnceAndForTwiceAsLong) {
  // given
  bring_to(drop);
  see_for(3min);
  ASSERT_EQ(step(), serve);
  for (std::uint8_t repeats = 1; repeats <= 7; ++repeats) {
    // when
    see({takes_more()});
    // then
    EXPECT_EQ(step(), drop);
    EXPECT_EQ(measure().repeats, std::min<std::uint8_t>(repeats, most_repeats));
    EXPECT_EQ(measure().until - clock_.now(), std::min<Duration>(60s * (1 << std::min(repeats, most_repeats)), 30min));
    while (step() == drop) see();
    EXPECT_EQ(step(), refuse);
  }
}

TEST_F(LadderTest, AboveTheQueueNothingIsDoneWhileCalm) {
  // given: only breaches of the protocol are found while calm; but the ladder relies on nobody for it
  posture_ = Posture::calm;
  // when
  see_for(10s, {ignores()});
  // then
  EXPECT_EQ(step(), behind);
  EXPECT_EQ(measure().bar, Bar::calm);
}

TEST_F(LadderTest, TheProtocolIsDefendedOnceThereIsNotEnough) {
  posture_ = Posture::calm;
  see_for(2s, {breaks_protocol()});
  EXPECT_EQ(step(), behind);
  posture_ = Posture::strained;
  see({breaks_protocol()});
  EXPECT_EQ(step(), refuse);
  see_for(300ms, {breaks_protocol()});
  EXPECT_EQ(step(), drop);
  see_for(59s);
  EXPECT_EQ(step(), drop);
}

TEST_F(LadderTest, ItIsLeftInSecondsOnceItIsCalm) {
  // given
  bring_to(drop);
  // when
  posture_ = Posture::calm;
  see_for(1100ms);
  EXPECT_EQ(step(), refuse);
  see_for(3s);
  // then
  EXPECT_EQ(step(), serve);
}

TEST_F(LadderTest, StrangersNeedWhatThePostureAsks) {
  posture_ = Posture::calm;
  see();
  EXPECT_EQ(ladder_.plan().strangers_need, StrangersNeed::nothing);
  posture_ = Posture::strained;
  see();
  EXPECT_EQ(ladder_.plan().strangers_need, StrangersNeed::queue);
  posture_ = Posture::besieged;
  see();
  EXPECT_EQ(ladder_.plan().strangers_need, StrangersNeed::challenge);
  const auto audit = ladder_.audit().since(0);
  ASSERT_EQ(audit.size(), 2u);
  EXPECT_EQ(audit[1].subject.level, SubjectLevel::strangers);
  EXPECT_EQ(audit[1].from, behind);
  EXPECT_EQ(audit[1].to, challenge);
  EXPECT_EQ(audit[1].cause, Cause::posture);
}

// Networks, fingerprints, and addresses that customers share.
class TriedTest : public LadderTest {};

TEST_F(TriedTest, UnderSixHundredVisitsANetworkWaitsBehindAtTheMost) {
  // given
  remember(599);
  see_for(10s, {ignores(network)}, {{.subject = network, .hit = 1}});
  EXPECT_EQ(step(network), behind);
  EXPECT_EQ(measure(network).bar, Bar::too_few_visits);
  // when
  remember(1);
  see({ignores(network)});
  // then
  EXPECT_EQ(step(network), challenge);
  EXPECT_EQ(measure(network).bar, Bar::none);
}

TEST_F(TriedTest, ANetworkOfCustomersWaitsBehindAtTheMost) {
  remember(599);
  remember(1, 77);
  see_for(10s, {ignores(network)});
  EXPECT_EQ(step(network), behind);
  EXPECT_EQ(measure(network).bar, Bar::hits_customers);
}

TEST_F(TriedTest, ANetworkWithFewCustomersIsRefusedAndNeverDropped) {
  remember(5000);
  remember(1, 77);
  bring_to(refuse, network);
  see_for(1min, {ignores(network)}, {{.subject = network, .hit = 10}});
  EXPECT_EQ(step(network), refuse);
  EXPECT_EQ(measure(network).bar, Bar::shared);
}

// A few people among many bots come seldom: a trial of seconds does not see them.
TEST_F(TriedTest, ANetworkIsRefusedOnceNobodyInItHasSolvedForAMinute) {
  // given
  remember(600);
  bring_to(challenge, network);
  Finding solved = ignores(network);
  solved.evidence.challenges_solved = 1;
  // when
  see_for(50s, {ignores(network)}, {{.subject = network, .hit = 10}});
  see({solved}, {{.subject = network, .hit = 10}});
  see_for(59s, {ignores(network)}, {{.subject = network, .hit = 10}});
  // then
  EXPECT_EQ(step(network), challenge);
  EXPECT_EQ(measure(network).bar, Bar::people_awaited);
  see_for(2s, {ignores(network)}, {{.subject = network, .hit = 10}});
  EXPECT_EQ(step(network), refuse);
}

TEST_F(TriedTest, AFingerprintIsRefusedAndNeverDropped) {
  const Subject fingerprint{SubjectLevel::fingerprint, SubjectId{5}};
  remember(600);
  bring_to(refuse, fingerprint);
  see_for(1min, {ignores(fingerprint)}, {{.subject = fingerprint, .hit = 10}});
  EXPECT_EQ(step(fingerprint), refuse);
  EXPECT_EQ(measure(fingerprint).bar, Bar::no_address);
}

TEST_F(TriedTest, AnAddressWithAKnownCustomerIsTriedToo) {
  // given
  remember(599);
  ladder_.remember({.visitor = 5, .of = {.client = client.id}}, clock_.now());
  // when
  see_for(10s, {ignores()});
  // then
  EXPECT_EQ(step(), behind);
  EXPECT_EQ(measure().bar, Bar::hits_customers);
}

TEST_F(TriedTest, SoIsOneWithAKnownCustomerAmongItsRequests) {
  Finding shared = ignores();
  shared.evidence.known = 0.9F;
  bring_to(drop);
  see_for(5min);
  shared.evidence.known = 1;
  see_for(10s, {shared});
  EXPECT_EQ(step(), behind);
  EXPECT_EQ(measure().bar, Bar::too_few_visits);
}

TEST_F(TriedTest, WhereSomeSolveNobodyIsRefused) {
  // given
  Finding some = ignores();
  some.evidence.challenges_solved = 3;
  // when
  see_for(10s, {some});
  // then
  EXPECT_EQ(step(), challenge);
  EXPECT_EQ(measure().bar, Bar::solvers);
  some.evidence.challenges_solved = 2;
  see({some});
  EXPECT_EQ(step(), refuse);
}

TEST_F(TriedTest, ACustomerWhoComesLetsItsNetworkDownAtOnce) {
  // given
  remember(600);
  bring_to(drop, network);
  // when
  remember(1, 77);
  // then
  EXPECT_EQ(step(network), behind);
  EXPECT_EQ(ladder_.audit().since(0).back().cause, Cause::customers_came);
  see_for(59s, {ignores(network)});
  EXPECT_EQ(step(network), behind);
}

class CanaryTest : public LadderTest {
 protected:
  void begin_canary() {
    remember(600);
    see({takes_more(network)});
    see_for(300ms, {takes_more(network)});
    ASSERT_EQ(step(network), challenge);
    ASSERT_EQ(measure(network).reach, Measure::Reach::canary);
    ASSERT_EQ(measure(network).elsewhere, behind);
  }
};

TEST_F(CanaryTest, HoldsForAllAfterTwoSecondsWithoutPeople) {
  // given
  begin_canary();
  // when: one in twenty is a person
  see({}, {{.subject = network, .hit = 40, .people = 2}});
  see_for(1800ms);
  EXPECT_EQ(measure(network).reach, Measure::Reach::canary);
  see();
  // then
  EXPECT_EQ(step(network), challenge);
  EXPECT_EQ(measure(network).reach, Measure::Reach::all);
  EXPECT_EQ(measure(network).until - clock_.now(), 15s);
  EXPECT_EQ(ladder_.audit().since(0).back().cause, Cause::tried_well);
}

TEST_F(CanaryTest, IsRevertedAtItsEndIfPeopleAreAmongThem) {
  begin_canary();
  see({}, {{.subject = network, .hit = 39, .people = 2}});
  EXPECT_EQ(step(network), challenge);
  see_for(1900ms);
  EXPECT_EQ(step(network), behind);
  EXPECT_EQ(measure(network).bar, Bar::people_in_trial);
}

TEST_F(CanaryTest, IsRevertedAtOnceIfThereAreThree) {
  begin_canary();
  see({}, {{.subject = network, .hit = 59, .people = 3}});
  EXPECT_EQ(step(network), behind);
  // and: it is not tried again for a minute, then for two
  see_for(59'900ms, {takes_more(network)});
  EXPECT_EQ(step(network), behind);
  see({takes_more(network)});
  EXPECT_EQ(step(network), challenge);
  see({}, {{.subject = network, .hit = 10, .people = 10}});
  see_for(119'900ms, {takes_more(network)});
  EXPECT_EQ(step(network), behind);
  see({takes_more(network)});
  EXPECT_EQ(step(network), challenge);
}

TEST_F(CanaryTest, IsRevertedIfNobodyCame) {
  begin_canary();
  see_for(2s);
  EXPECT_EQ(step(network), behind);
  EXPECT_EQ(measure(network).bar, Bar::nobody_in_trial);
  see_for(9'900ms, {takes_more(network)});
  EXPECT_EQ(step(network), behind);
  see({takes_more(network)});
  EXPECT_EQ(step(network), challenge);
}

TEST_F(CanaryTest, ARefusalIsTriedAsWell) {
  // given
  begin_canary();
  see_for(2s, {}, {{.subject = network, .hit = 10}});
  ASSERT_EQ(measure(network).reach, Measure::Reach::all);
  // when
  for (int i = 0; i < 700 && step(network) < refuse; ++i) see({ignores(network)}, {{.subject = network, .hit = 10}});
  // then
  EXPECT_EQ(step(network), refuse);
  EXPECT_EQ(measure(network).reach, Measure::Reach::canary);
  EXPECT_EQ(measure(network).elsewhere, challenge);
  // and: those who bear a clearance end it
  see({ignores(network)}, {{.subject = network, .hit = 10, .people = 3}});
  EXPECT_EQ(step(network), challenge);
}

TEST_F(CanaryTest, WhatWentWellIsNotTriedAgainAtTheNextPulse) {
  remember(600);
  bring_to(drop, network);
  see_for(3min);
  ASSERT_EQ(step(network), serve);
  see({takes_more(network)});
  EXPECT_EQ(step(network), drop);
}

TEST_F(CanaryTest, SamplesOfOthersAreNobodysBusiness) {
  begin_canary();
  see({}, {{.subject = client, .hit = 10, .people = 10},
           {.subject = {SubjectLevel::network, SubjectId{78}}, .hit = 9, .people = 9}});
  EXPECT_EQ(step(network), challenge);
}

TEST_F(LadderTest, TheOwnerLiftsAMeasureForAnHour) {
  // given
  bring_to(drop);
  // when
  ladder_.lift(client, clock_.now());
  // then
  EXPECT_EQ(step(), serve);
  see_for(1h - 100ms, {ignores()});
  EXPECT_EQ(step(), serve);
  see({ignores()});
  EXPECT_EQ(step(), refuse);
}

TEST_F(LadderTest, MeasuresOutliveARestart) {
  // given
  remember(600);
  bring_to(drop);
  bring_to(challenge, {SubjectLevel::client, SubjectId{2}});
  std::vector<Measure> kept = ladder_.plan().measures;
  kept[1].until = clock_.now() + 9s;
  // when
  clock_.advance(9s);
  Ladder again(Acting::enforce);
  again.restore(kept, clock_.now());
  // then
  ASSERT_EQ(again.plan().measures.size(), 1u);
  EXPECT_EQ(again.plan().measures[0].step, drop);
  EXPECT_EQ(again.plan().measures[0].until, kept[0].until);
  again.climb({}, {}, kept[0].until);
  EXPECT_EQ(again.plan().measures[0].step, refuse);
}

TEST_F(LadderTest, PlansChangeOnlyWithTheirRevision) {
  // given
  bring_to(challenge);
  const Plan before = ladder_.plan();
  // when
  see_for(5s, {takes_more()});
  // then
  EXPECT_EQ(ladder_.revision(), before.revision);
  EXPECT_EQ(ladder_.plan().measures[0].until, before.measures[0].until);
  // and: half of its lifetime before its end it is prolonged
  see_for(4s, {takes_more()});
  EXPECT_GT(ladder_.revision(), before.revision);
  EXPECT_GT(ladder_.plan().measures[0].until, before.measures[0].until);
}

class BoundTest : public testing::Test {
 protected:
  static judging::Verdict besieged() {
    judging::Verdict verdict;
    verdict.posture = Posture::besieged;
    return verdict;
  }
  void find(std::uint64_t id) {
    judging::Verdict verdict = besieged();
    verdict.findings.push_back({.subject = {SubjectLevel::client, SubjectId{id}}});
    clock_.advance(1ms);
    ladder_.climb(verdict, {}, clock_.now());
  }
  bool has(std::uint64_t id) const {
    return std::ranges::count(ladder_.plan().measures, Subject{SubjectLevel::client, SubjectId{id}},
                              &Measure::subject) != 0;
  }

  ManualClock clock_;
  Ladder ladder_{Acting::enforce, {.most_subjects = 3}};
};

TEST_F(BoundTest, ANewcomerIsLeftOutWhereAllAreMeasured) {
  // given
  find(1), find(2), find(3);
  // when
  find(4);
  // then
  EXPECT_EQ(ladder_.size(), 3u);
  EXPECT_EQ(ladder_.left_out(), 1u);
  EXPECT_FALSE(has(4));
}

TEST_F(BoundTest, WhoIsOnlyRememberedGoesFirst) {
  // given
  find(1), find(2), find(3);
  clock_.advance(5s);
  ladder_.climb(besieged(), {}, clock_.now());
  ASSERT_TRUE(ladder_.plan().measures.empty());
  // when
  find(2), find(4);
  // then
  EXPECT_EQ(ladder_.size(), 3u);
  EXPECT_TRUE(has(2));
  EXPECT_TRUE(has(4));
  EXPECT_EQ(ladder_.left_out(), 0u);
  find(5);
  EXPECT_TRUE(has(5));
  EXPECT_TRUE(has(4));
}

TEST(LadderBound, SixtyFiveThousandAreMeasuredAtMost) {
  // given
  ManualClock clock;
  Ladder ladder(Acting::enforce);
  for (std::uint64_t round = 0; round < 80; ++round) {
    judging::Verdict verdict;
    verdict.posture = Posture::besieged;
    for (std::uint64_t i = 1; i <= 1000; ++i) {
      verdict.findings.push_back({.subject = {SubjectLevel::client, SubjectId{round * 1000 + i}}});
    }
    // when
    ladder.climb(verdict, {}, clock.now());
  }
  // then
  EXPECT_EQ(ladder.size(), 65'536u);
  EXPECT_EQ(ladder.plan().measures.size(), 65'536u);
  EXPECT_EQ(ladder.left_out(), 80'000u - 65'536u);
  EXPECT_EQ(ladder.audit().since(0).size(), AuditTrail::most_entries);
}

}  // namespace
}  // namespace tenfold::guard::ladder
