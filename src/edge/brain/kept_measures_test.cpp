#include "edge/brain/kept_measures.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "guard/judge/subject_id.hpp"
#include "guard/ladder/step.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using guard::judging::SubjectId;
using guard::judging::SubjectLevel;
using guard::ladder::Measure;
using guard::ladder::Step;

constexpr TimePoint now{100h};
constexpr WallTime wall_now{std::chrono::sys_days(std::chrono::year(2026) / 11 / 30)};
const SipKey kept_key = measures_key("0123456789abcdef");

Measure measure_of(std::uint64_t id, Step step, Duration left) {
  Measure measure;
  measure.subject = {SubjectLevel::client, SubjectId{id}};
  measure.step = step;
  measure.since = now - 3s;
  measure.until = now + left;
  measure.repeats = 2;
  measure.charge = guard::judging::Charge::ignores;
  measure.evidence.challenges_ignored = 40;
  return measure;
}

std::string saved(const std::vector<Measure>& measures, std::optional<WallTime> trouble = {}) {
  return save_measures(kept_key, measures, trouble, now, wall_now);
}

TEST(KeptMeasures, ComeBackWithTheTimeThatIsLeftWhateverTheNewProcesssClockSays) {
  const Measure refused = measure_of(7, Step::refuse, 20s);
  const auto kept = load_measures(kept_key, saved({refused}, wall_now - 1min), TimePoint(5s), wall_now + 8s);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->trouble_began, wall_now - 1min);
  ASSERT_EQ(kept->measures.size(), 1u);
  Measure expected = refused;
  expected.since = TimePoint(5s) - 11s;
  expected.until = TimePoint(5s) + 12s;
  EXPECT_EQ(kept->measures[0], expected);
}

TEST(KeptMeasures, ThoseWhoseTimeIsOverAreGone) {
  const std::string text = saved({measure_of(7, Step::refuse, 20s)});
  EXPECT_EQ(load_measures(kept_key, text, now, wall_now + 20s - 1ms)->measures.size(), 1u);
  EXPECT_EQ(load_measures(kept_key, text, now, wall_now + 20s)->measures.size(), 0u);
}

TEST(KeptMeasures, NothingLastsLongerBecauseAClockWasSetBack) {
  const auto kept =
      load_measures(kept_key, saved({measure_of(7, Step::drop, 60s)}, wall_now), now, wall_now - std::chrono::days(9));
  ASSERT_EQ(kept->measures.size(), 1u);
  EXPECT_EQ(kept->measures[0].until, now + guard::ladder::longest_lifetime);
  EXPECT_FALSE(kept->trouble_began) << "it is to come";
}

TEST(KeptMeasures, TheQueueAndWhatIsOnlyTriedAreNotKept) {
  Measure tried = measure_of(8, Step::refuse, 20s);
  tried.reach = Measure::Reach::canary;
  tried.elsewhere = Step::challenge;
  Measure pattern = measure_of(9, Step::refuse, 20s);
  pattern.subject.level = SubjectLevel::pattern;
  const auto kept = load_measures(kept_key, saved({measure_of(7, Step::behind, 5s), tried, pattern}), now, wall_now);
  ASSERT_EQ(kept->measures.size(), 1u);
  EXPECT_EQ(kept->measures[0].subject.id, SubjectId{8});
  EXPECT_EQ(kept->measures[0].step, Step::challenge) << "what those had on whom it was not tried";
}

TEST(KeptMeasures, PastTheBoundThoseThatEndLastAreKept) {
  std::vector<Measure> many;
  for (std::uint64_t i = 0; i < most_kept + 100; ++i) many.push_back(measure_of(i, Step::refuse, (i + 1) * 100ms));
  const auto kept = load_measures(kept_key, saved(many), now, wall_now);
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->measures.size(), most_kept);
  for (const Measure& measure : kept->measures) EXPECT_GE(static_cast<std::uint64_t>(measure.subject.id), 100u);
}

TEST(KeptMeasures, WhatIsDamagedOrOfAnotherInstallationIsRefused) {
  const std::string good = saved({measure_of(7, Step::refuse, 20s)});
  EXPECT_FALSE(load_measures(measures_key("another secret"), good, now, wall_now));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string damaged = good;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(load_measures(kept_key, damaged, now, wall_now)) << i;
    EXPECT_FALSE(load_measures(kept_key, good.substr(0, i), now, wall_now)) << i;
  }
}

}  // namespace
}  // namespace tenfold::edge
