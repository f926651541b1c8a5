#include "guard/judge/findings.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

using namespace std::chrono_literals;

namespace tenfold::guard::judging {
namespace {

constexpr SubjectId one{1};

// 20,000 ms of origin time a second are there, and strangers ask for five times as much.
class FindingsTest : public testing::Test {
 protected:
  static constexpr Duration window = 100ms;

  static Signals scarce() {
    return {.exceeds = true,
            .presses = true,
            .capacity_ms_per_s = 20'000,
            .left_ms_per_s = 20'000,
            .unknowns_left_ms_per_s = 20'000,
            .unknowns_ask_ms_per_s = 100'000,
            .strangers_ask_ms_per_s = 100'000,
            .stranger_cost_ms = 20};
  }
  static Signals enough() {
    Signals signals = scarce();
    signals.exceeds = signals.presses = false;
    signals.unknowns_ask_ms_per_s = signals.strangers_ask_ms_per_s = 10'000;
    return signals;
  }
  // A client that takes so many milliseconds in each window.
  static HeavySubject client(double ms, SubjectId id = one) {
    return {.subject = {SubjectLevel::client, id},
            .counts = {.requests = 1, .asked = 1, .answered = 1, .origin_ms = ms, .pages = 1}};
  }
  static HeavySubject ignoring(double challenges, double solved = 0) {
    HeavySubject heavy = client(0);
    heavy.counts.challenges_ignored = challenges;
    heavy.counts.challenges_solved = solved;
    return heavy;
  }
  static HeavySubject half_sent(double requests, SubjectLevel level = SubjectLevel::client) {
    return {.subject = {level, one}, .counts = {.half_sent = requests}};
  }

  std::vector<Finding> see(std::vector<HeavySubject> heavy, const Signals& signals = scarce(),
                           Posture posture = Posture::besieged) {
    Samples samples;
    samples.window = window;
    samples.heavy = std::move(heavy);
    samples.totals.clients = 2000;
    samples.totals.networks = 1000;
    samples.totals.blocks = 500;
    samples.totals.known.requests = 20;
    return findings_.take(samples, signals, posture);
  }
  // The windows until it is found; empty: not within ten seconds.
  std::optional<int> windows_until_found(const HeavySubject& heavy, const Signals& signals = scarce(),
                                         Posture posture = Posture::besieged) {
    for (int i = 1; i <= 100; ++i) {
      if (!see({heavy}, signals, posture).empty()) return i;
    }
    return {};
  }

  Findings findings_{FindingPolicy()};
};

TEST_F(FindingsTest, NobodyIsFoundForWhatAPersonMayTake) {
  EXPECT_FALSE(windows_until_found(client(50)));  // 500 ms a second
}

TEST_F(FindingsTest, WhoeverTakesMoreIsFoundOnceItIsABurst) {
  // 1,500 ms a second, of which 500 are its own: a burst of 1,000 is exceeded after more than a second
  EXPECT_EQ(windows_until_found(client(150)), 11);
}

TEST_F(FindingsTest, TenTabsAtOnceAreNobodysExcess) {
  // given: ten pages of 100 ms
  HeavySubject tabs = client(1000);
  tabs.counts.asked = tabs.counts.answered = tabs.counts.pages = 10;
  // when, then
  EXPECT_TRUE(see({tabs}).empty());
  tabs.counts.origin_ms = 1100;
  EXPECT_EQ(see({tabs}).size(), 1u);
}

TEST_F(FindingsTest, LessEvidenceIsNeededWhileOriginsSuffer) {
  Signals signals = scarce();
  signals.suffering = true;
  EXPECT_EQ(windows_until_found(client(150), signals), 6);
}

TEST_F(FindingsTest, WhoGetsNothingIsFoundForWhatItAsks) {
  // given: it is challenged; a request costs 20 ms
  HeavySubject heavy = client(0);
  heavy.counts.answered = 0;
  heavy.counts.asked = 10;
  // when
  EXPECT_TRUE(windows_until_found(heavy));
  // then
  const std::vector<Finding> found = see({heavy});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].charge, Charge::takes_more);
  EXPECT_NEAR(found[0].evidence.asks_ms_per_s, 2000, 1);
  EXPECT_NEAR(found[0].evidence.fair_ms_per_s, 10, 0.1);
  EXPECT_NEAR(found[0].fair_shares(), 200, 1);
  EXPECT_EQ(words(found[0].charge, found[0].evidence),
            "asks for 2000 ms of origin time a second, 200 times its fair share of 10 ms");
}

TEST_F(FindingsTest, NobodyIsFoundWhileThereIsEnough) {
  EXPECT_FALSE(windows_until_found(client(500), enough()));
  EXPECT_FALSE(windows_until_found(client(500), enough(), Posture::strained));
}

TEST_F(FindingsTest, NobodyIsFoundWhileCalm) {
  EXPECT_FALSE(windows_until_found(client(500), scarce(), Posture::calm));
  EXPECT_FALSE(windows_until_found(ignoring(10), scarce(), Posture::calm));
}

TEST_F(FindingsTest, NobodyIsFoundInAFaultOfOurOwn) {
  Signals signals = scarce();
  signals.fault = signals.overloaded = signals.suffering = true;
  EXPECT_FALSE(windows_until_found(client(500), signals));
  EXPECT_FALSE(windows_until_found(ignoring(10), signals));
}

TEST_F(FindingsTest, WhatAnOverloadBeginsWithIsHeldAgainstThem) {
  // given: an overload that has not lasted long enough to be a strain
  Signals signals = scarce();
  signals.overloaded = true;
  signals.unknowns_got_ms_per_s = 20'000;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(see({client(500)}, signals, Posture::calm).empty());
  // when, then
  EXPECT_EQ(see({client(500)}, signals, Posture::strained).size(), 1u);
}

TEST_F(FindingsTest, WhoStopsIsNoLongerFound) {
  // given: at the most ten bursts are remembered
  for (int i = 0; i < 100; ++i) see({client(5000)});
  // when: 9,000 ms leak at 500 a second
  for (int i = 0; i < 179; ++i) ASSERT_FALSE(see({}).empty());
  see({});
  // then
  EXPECT_TRUE(see({}).empty());
}

TEST_F(FindingsTest, IgnoringIsFoundAtTwentyUnderSiege) {
  EXPECT_TRUE(see({ignoring(19.9)}).empty());
  FindingsTest_IgnoringIsFoundAtTwentyUnderSiege_Test other;
  const std::vector<Finding> found = other.see({ignoring(20)});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].charge, Charge::ignores);
}

struct Ignoring {
  double challenges;
  double solved;
  Posture posture;
  bool suffering;
  bool found;
};
class IgnoringTable : public FindingsTest, public testing::WithParamInterface<Ignoring> {};

TEST_P(IgnoringTable, IsFoundFromItsThresholdOn) {
  const Ignoring& row = GetParam();
  Signals signals = scarce();
  signals.suffering = row.suffering;
  EXPECT_EQ(!see({ignoring(row.challenges, row.solved)}, signals, row.posture).empty(), row.found);
}

INSTANTIATE_TEST_SUITE_P(
    All, IgnoringTable,
    testing::Values(Ignoring{31.9, 0, Posture::strained, false, false}, Ignoring{32, 0, Posture::strained, false, true},
                    Ignoring{15.9, 0, Posture::strained, true, false}, Ignoring{16, 0, Posture::strained, true, true},
                    Ignoring{19.9, 0, Posture::besieged, false, false}, Ignoring{20, 0, Posture::besieged, false, true},
                    Ignoring{9.9, 0, Posture::besieged, true, false}, Ignoring{10, 0, Posture::besieged, true, true},
                    Ignoring{100, 20, Posture::besieged, false, true},
                    Ignoring{100, 20.1, Posture::besieged, false, false},
                    Ignoring{1000, 0, Posture::calm, false, false}));

TEST_F(FindingsTest, APageLeftOpenThatAsksEachSecondIsNotFound) {
  // given: once a second, challenged each time
  for (int second = 0; second < 60; ++second) {
    ASSERT_TRUE(see({ignoring(1)}).empty());
    for (int i = 0; i < 9; ++i) ASSERT_TRUE(see({}).empty());
  }
}

struct HalfSent {
  SubjectLevel level;
  double requests;
  Posture posture;
  bool found;
};
class HalfSentTable : public FindingsTest, public testing::WithParamInterface<HalfSent> {};

TEST_P(HalfSentTable, IsFoundFromItsThresholdOn) {
  const HalfSent& row = GetParam();
  const std::vector<Finding> found = see({half_sent(row.requests, row.level)}, enough(), row.posture);
  ASSERT_EQ(!found.empty(), row.found);
  for (const Finding& one : found) EXPECT_EQ(one.charge, Charge::breaks_protocol);
}

INSTANTIATE_TEST_SUITE_P(All, HalfSentTable,
                         testing::Values(HalfSent{SubjectLevel::client, 49.9, Posture::calm, false},
                                         HalfSent{SubjectLevel::client, 50, Posture::calm, true},
                                         HalfSent{SubjectLevel::client, 24.9, Posture::strained, false},
                                         HalfSent{SubjectLevel::client, 25, Posture::strained, true},
                                         HalfSent{SubjectLevel::network, 499.9, Posture::calm, false},
                                         HalfSent{SubjectLevel::network, 500, Posture::calm, true},
                                         HalfSent{SubjectLevel::block, 1999.9, Posture::calm, false},
                                         HalfSent{SubjectLevel::block, 2000, Posture::calm, true}));

TEST_F(FindingsTest, WhoFinishesMoreThanItBreaksOffIsNotFound) {
  HeavySubject heavy = half_sent(60);
  heavy.counts.requests = 61;
  EXPECT_TRUE(see({heavy}, enough(), Posture::calm).empty());
}

// Groups: a /24 that takes 6,000 ms a second, of which 2,000 are nobody's excess.
class GroupTest : public FindingsTest {
 protected:
  static HeavySubject network(double ms = 600) {
    return {.subject = {SubjectLevel::network, SubjectId{77}},
            .counts = {.requests = 30, .asked = 30, .answered = 30, .origin_ms = ms, .pages = 30},
            .spread = 20};
  }
};

TEST_F(GroupTest, ANetworkIsFoundForWhatItTakes) {
  EXPECT_EQ(windows_until_found(network()), 11);
  EXPECT_EQ(see({network()})[0].subject, (Subject{SubjectLevel::network, SubjectId{77}}));
}

TEST_F(GroupTest, AFewClientsAreNoNetwork) {
  HeavySubject few = network();
  few.spread = 3;
  EXPECT_FALSE(windows_until_found(few));
  few.spread = 4;
  EXPECT_TRUE(windows_until_found(few));
}

TEST_F(GroupTest, ACrowdThatLoadsAssetsIsNotFound) {
  HeavySubject crowd = network();
  crowd.counts.assets = 15;
  EXPECT_FALSE(windows_until_found(crowd));
  crowd.counts.assets = 14.9;
  EXPECT_TRUE(windows_until_found(crowd));
}

TEST_F(GroupTest, UnlessItIgnoresChallengesOrMakesErrors) {
  HeavySubject crowd = network();
  crowd.counts.assets = 100;
  crowd.counts.challenges_ignored = 10;
  EXPECT_TRUE(windows_until_found(crowd));
  EXPECT_EQ(see({crowd})[0].charge, Charge::ignores);
  crowd.subject.id = SubjectId{78};
  crowd.counts.challenges_ignored = 0;
  crowd.counts.errors = 15;
  EXPECT_TRUE(windows_until_found(crowd));
}

TEST_F(GroupTest, ANetworkDoesNotAnswerForAClientThatIsFound) {
  // given
  HeavySubject heavy = client(600);
  heavy.network = SubjectId{77};
  heavy.block = SubjectId{7};
  HeavySubject block = network();
  block.subject = {SubjectLevel::block, SubjectId{7}};
  // when
  std::vector<Finding> found;
  for (int i = 0; i < 100; ++i) found = see({block, network(), heavy});
  // then
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].subject, (Subject{SubjectLevel::client, one}));
}

TEST_F(GroupTest, AFingerprintIsFoundWhereStrangersHaveItMoreOftenThanCustomers) {
  // given: a tenth of strangers' demand, and of known customers' requests one in 30 has it
  HeavySubject fingerprint = network(1000);
  fingerprint.subject = {SubjectLevel::fingerprint, SubjectId{9}};
  fingerprint.counts.known = 0.66;
  // when, then
  EXPECT_TRUE(windows_until_found(fingerprint));
  GroupTest_AFingerprintIsFoundWhereStrangersHaveItMoreOftenThanCustomers_Test other;
  fingerprint.counts.known = 0.68;
  EXPECT_FALSE(other.windows_until_found(fingerprint));
}

TEST_F(FindingsTest, AnAddressThatCustomersShareIsNotFoundForItsSize) {
  // given: of ten requests one is a known customer's, and the others load assets
  HeavySubject shared = client(500);
  shared.counts = {.requests = 8.9, .asked = 9, .answered = 9, .origin_ms = 500, .pages = 2, .assets = 2, .known = 1};
  EXPECT_FALSE(windows_until_found(shared));
  // when: an attacker joins them
  shared.counts.pages = 3;
  // then
  EXPECT_TRUE(windows_until_found(shared));
}

TEST_F(FindingsTest, TheHeaviestAreWatchedAtTheBound) {
  // given: 5,000 clients, of which the last takes the most
  std::vector<HeavySubject> many;
  for (std::uint64_t i = 1; i <= 5000; ++i) many.push_back(client(static_cast<double>(i), SubjectId{i}));
  // when
  see(many);
  // then
  EXPECT_EQ(findings_.watched(), 4096u);
  const std::vector<Finding> found = see(many);
  ASSERT_EQ(found.size(), 1024u);
  EXPECT_EQ(found.front().subject.id, SubjectId{5000});
  EXPECT_EQ(found.back().subject.id, SubjectId{5000 - 1023});
}

TEST_F(FindingsTest, TheSilentAreForgotten) {
  see({client(10)});
  for (int i = 0; i < 300; ++i) see({});
  EXPECT_EQ(findings_.watched(), 0u);
}

TEST_F(FindingsTest, TheOrderOfTheSamplesDecidesNothing) {
  // given
  FindingsTest_TheOrderOfTheSamplesDecidesNothing_Test other;
  std::vector<HeavySubject> there, back;
  for (std::uint64_t i = 1; i <= 100; ++i) there.push_back(client(static_cast<double>(500 + i), SubjectId{i}));
  back.assign(there.rbegin(), there.rend());
  // when, then
  for (int i = 0; i < 10; ++i) EXPECT_EQ(see(there), other.see(back));
}

}  // namespace
}  // namespace tenfold::guard::judging
