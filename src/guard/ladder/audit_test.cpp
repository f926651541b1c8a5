#include "guard/ladder/audit.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace tenfold::guard::ladder {
namespace {

AuditEntry entry(std::uint64_t number) {
  AuditEntry made;
  made.at = TimePoint(std::chrono::seconds(number));
  return made;
}

TEST(AuditTrail, KeepsTheNewest) {
  // given
  AuditTrail trail;
  EXPECT_TRUE(trail.since(0).empty());
  // when
  for (std::uint64_t i = 0; i < AuditTrail::most_entries + 3; ++i) trail.add(entry(i));
  // then
  EXPECT_EQ(trail.next_number(), AuditTrail::most_entries + 3);
  const auto all = trail.since(0);
  ASSERT_EQ(all.size(), AuditTrail::most_entries);
  EXPECT_EQ(all.front().at, entry(3).at);
  EXPECT_EQ(all.back().at, entry(AuditTrail::most_entries + 2).at);
  EXPECT_EQ(trail.since(AuditTrail::most_entries + 2).size(), 1u);
  EXPECT_TRUE(trail.since(AuditTrail::most_entries + 3).empty());
}

TEST(AuditTrail, KeepsAsManyAsItIsToldTo) {
  AuditTrail trail(3);
  for (std::uint64_t i = 0; i < 5; ++i) trail.add(entry(i));
  ASSERT_EQ(trail.since(0).size(), 3u);
  EXPECT_EQ(trail.since(0).front().at, entry(2).at);
}

TEST(AuditEntry, SaysWhy) {
  AuditEntry made = entry(1);
  made.cause = Cause::found;
  made.charge = judging::Charge::ignores;
  made.evidence = {.asked_per_s = 25, .challenges_ignored = 21};
  EXPECT_EQ(made.reason(), "found: ignored 21 challenges within seconds, solved 0, and asks 25 times a second");
  made.cause = Cause::tried_badly;
  made.bar = Bar::people_in_trial;
  EXPECT_EQ(made.reason(), "tried on a tenth of its clients; people were among those on whom it was tried");
  made.cause = Cause::time_over;
  made.bar = Bar::none;
  EXPECT_EQ(made.reason(), "its time is over");
}

}  // namespace
}  // namespace tenfold::guard::ladder
