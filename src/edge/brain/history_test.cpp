#include "edge/brain/history.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "edge/brain/told_steps.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using guard::judging::Posture;
using guard::ladder::AuditEntry;
using guard::ladder::AuditTrail;
using guard::ladder::Cause;

AuditEntry step_of(std::uint32_t address, Step from, Step to, Cause cause = Cause::found) {
  AuditEntry entry;
  entry.subject.id = guard::judging::SubjectId{guard::client_key(net::IpAddress::v4(address))};
  entry.from = from;
  entry.to = to;
  entry.cause = cause;
  return entry;
}

TEST(History, ASiegesStepsPushNoChangeOfPostureOut) {
  // given
  History history;
  guard::ladder::Plan plan;
  plan.posture = Posture::besieged;
  plan.reasons = {"strangers ask for more than there is"};
  history.note(Posture::calm, plan, TimePoint(1h));
  // when
  AuditTrail trail;
  for (std::uint32_t i = 0; i < 2 * History::most_steps; ++i) {
    trail.add(step_of(i, Step::serve, Step::behind));
    history.follow(trail);
  }
  // then
  const History::Found found = history.find({.most = 2 * History::most_steps});
  EXPECT_EQ(found.total, 2 * History::most_steps);
  ASSERT_EQ(found.steps.size(), History::most_steps);
  EXPECT_EQ(found.steps.front().number, 2 * History::most_steps - 1);
  EXPECT_EQ(found.steps.back().number, History::most_steps);
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_EQ(found.changes[0].to, Posture::besieged);
  EXPECT_EQ(found.changes[0].reasons, plan.reasons);
}

TEST(History, ChangesAreBounded) {
  History history;
  guard::ladder::Plan plan;
  for (std::size_t i = 0; i < History::most_changes + 2; ++i) {
    history.note(Posture::calm, plan, TimePoint(std::chrono::seconds(i)));
  }
  const History::Found found = history.find({});
  ASSERT_EQ(found.changes.size(), History::most_changes);
  EXPECT_EQ(found.changes.front().at, TimePoint(std::chrono::seconds(History::most_changes + 1)));
  EXPECT_EQ(found.changes.back().at, TimePoint(2s));
}

TEST(ToldSteps, SayWhoWhatAndWhy) {
  AuditEntry entry = step_of(0xc0000207, Step::challenge, Step::refuse);
  entry.charge = guard::judging::Charge::ignores;
  entry.evidence = {.asked_per_s = 25, .challenges_ignored = 21};
  EXPECT_EQ(ToldSteps::text(entry),
            "192.0.2.7: refuse, before: challenge (found: ignored 21 challenges within seconds, solved 0, and asks 25 "
            "times a second)");
}

TEST(ToldSteps, AreThoseAboveTheQueueThatGoUp) {
  ToldSteps told;
  const std::array entries{step_of(1, Step::serve, Step::behind), step_of(2, Step::challenge, Step::serve),
                           step_of(3, Step::serve, Step::challenge, Cause::posture),
                           step_of(4, Step::serve, Step::refuse, Cause::kept),
                           step_of(5, Step::behind, Step::challenge)};
  told.tell(entries, GuardMode::enforce, TimePoint(1h));
  EXPECT_EQ(told.told(), 1u);
  EXPECT_EQ(told.untold(), 0u);
}

TEST(ToldSteps, AreFewHoweverManyThereAre) {
  ToldSteps told;
  const AuditEntry entry = step_of(5, Step::behind, Step::challenge);
  for (int i = 0; i < 100; ++i) told.tell(std::span(&entry, 1), GuardMode::enforce, TimePoint(1h));
  EXPECT_EQ(told.told(), ToldSteps::most);
  EXPECT_EQ(told.untold(), 100u - ToldSteps::most);
  told.tell({}, GuardMode::enforce, TimePoint(1h) + ToldSteps::interval - 1ms);
  EXPECT_EQ(told.untold(), 100u - ToldSteps::most);
  told.tell({}, GuardMode::enforce, TimePoint(1h) + ToldSteps::interval);
  EXPECT_EQ(told.untold(), 0u) << "how many is told once the time is over";
  told.tell(std::span(&entry, 1), GuardMode::enforce, TimePoint(1h) + ToldSteps::interval);
  EXPECT_EQ(told.told(), ToldSteps::most + 1);
}

}  // namespace
}  // namespace tenfold::edge
