#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "guard/ladder/test_world.hpp"

using namespace std::chrono_literals;

// Whole episodes: a shop of 20 workers (20,000 ms of origin time a second), its visitors and its attackers.
namespace tenfold::guard::ladder {
namespace {

using judging::Likeness;
using judging::Posture;

class Episode : public testing::Test {
 protected:
  // Customers that are known, and newcomers that are people; a fifth of what the shop can do.
  void open_shop(World& world) {
    known = world.add({.who = Crowd::Who::known,
                       .pages_per_s = 100,
                       .clients = 500,
                       .assets_per_page = 4,
                       .in_known_networks = 1,
                       .first_client = 1'000'000});
    newcomers = world.add(people(100, 600, 2'000'000));
    world.run(30s);
  }
  static Crowd people(double pages_per_s, std::uint64_t clients, std::uint64_t first) {
    return {.pages_per_s = pages_per_s,
            .clients = clients,
            .assets_per_page = 4,
            .solve_share = 1,
            .in_known_networks = 0.8,
            .first_client = first};
  }
  static Crowd searches(double per_s, std::uint64_t clients) {
    return {.pages_per_s = per_s, .clients = clients, .cost_ms = 80, .first_client = 10'000};
  }
  static double served_share(const Crowd& crowd) { return crowd.served / crowd.asked; }
  static bool measures_people(const World& world) {
    return std::ranges::any_of(world.plan().measures, [](const Measure& measure) {
      return measure.subject.level == SubjectLevel::client &&
             static_cast<std::uint64_t>(measure.subject.id) >= 1'000'000;
    });
  }

  // Of the measures on forty heavy sources.
  static Step mildest_on_heavy(const World& world) {
    Step mildest = Step::drop;
    for (std::uint64_t id = 10'000; id < 10'040; ++id) mildest = std::min(mildest, world.client_step(id));
    return mildest;
  }

  std::size_t known = 0;
  std::size_t newcomers = 0;
};

TEST_F(Episode, ACalmDayMeasuresNobody) {
  // given
  World world;
  open_shop(world);
  // when
  for (int i = 0; i < 6000; ++i) {
    world.step();
    // then
    ASSERT_EQ(world.plan().posture, Posture::calm);
    ASSERT_TRUE(world.plan().measures.empty());
    ASSERT_EQ(world.plan().strangers_need, StrangersNeed::nothing);
  }
  EXPECT_EQ(world.ladder().audit().next_number(), 0u);
  EXPECT_EQ(served_share(world.crowds[newcomers]), 1);
}

class SeededEpisode : public Episode, public testing::WithParamInterface<std::uint64_t> {};

// Half a second until strangers are challenged, two to solve, eight tenths in which each ignores 20, three more
// refused.
TEST_P(SeededEpisode, HeavySourcesAreDroppedWithinFourSeconds) {
  // given
  World world(Acting::enforce, GetParam());
  open_shop(world);
  // when: 40 sources, 25 searches a second each
  world.add(searches(1000, 40));
  const Duration first = world.until([&] { return world.plan().strangers_need == StrangersNeed::challenge; }, 5s);
  // then
  EXPECT_LE(first, 600ms);
  const auto is_refused = [](const Measure& measure) { return measure.step >= Step::refuse; };
  for (Duration asked{}; asked < time_to_solve; asked += world_window) {
    world.step();
    ASSERT_TRUE(std::ranges::none_of(world.plan().measures, is_refused)) << "they may solve yet";
  }
  world.run(4s - first - time_to_solve);
  EXPECT_EQ(mildest_on_heavy(world), Step::drop);
  EXPECT_FALSE(measures_people(world));
  world.run(20s);
  EXPECT_EQ(served_share(world.crowds[known]), 1);
  EXPECT_EQ(world.verdict.likeness, Likeness::none);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SeededEpisode, testing::Range<std::uint64_t>(1, 6));

// The faster it asks, the less it takes beyond what a browser is given to solve a challenge.
TEST_F(Episode, OneHeavySourceIsDroppedWithinThreeSeconds) {
  for (const double rate : {200.0, 1000.0}) {
    World world;
    world.workers = 4;
    world.run(1s);
    world.add({.pages_per_s = rate, .cost_ms = 100, .first_client = 10'000});
    const Duration dropped = world.until([&] { return world.client_step(10'000) == Step::drop; }, 5s);
    EXPECT_GE(dropped, 500ms + time_to_solve + 300ms);
    EXPECT_LE(dropped, 3s);
  }
}

TEST_F(Episode, AFloodOfOneShotAddressesIsChallengedAsAWhole) {
  // given
  World world;
  open_shop(world);
  // when
  world.add(searches(1000, 0));
  const Duration first = world.until([&] { return world.plan().strangers_need == StrangersNeed::challenge; }, 5s);
  // then
  EXPECT_LE(first, 1s);
  world.run(60s);
  EXPECT_EQ(world.plan().posture, Posture::besieged);
  EXPECT_EQ(world.verdict.likeness, Likeness::attack);
  EXPECT_TRUE(world.plan().measures.empty());
  EXPECT_EQ(served_share(world.crowds[known]), 1);
  EXPECT_GT(served_share(world.crowds[newcomers]), 0.9);
  EXPECT_LE(world.judge().watched(), 4096u);
}

TEST_F(Episode, PulsesAreRememberedAcrossTheirPauses) {
  // given: a first pulse of 10 s
  World world;
  open_shop(world);
  const std::size_t flood = world.add(searches(0, 0));
  const std::size_t heavy = world.add(searches(0, 40));
  const auto pulse = [&](double light, double strong) {
    world.crowds[flood].pages_per_s = light;
    world.crowds[heavy].pages_per_s = strong;
  };
  pulse(800, 1000);
  world.run(10s);
  const std::optional<TimePoint> began = world.plan().trouble_began;
  ASSERT_TRUE(began);
  Duration memory{};
  for (int i = 0; i < 4; ++i) {
    // when: a pause of 20 s, then the next pulse
    pulse(0, 0);
    world.run(20s);
    EXPECT_EQ(world.plan().posture, Posture::strained);
    EXPECT_EQ(world.plan().strangers_need, StrangersNeed::queue);
    pulse(800, 1000);
    const Duration back = world.until([&] { return world.plan().posture == Posture::besieged; }, 5s);
    // then
    EXPECT_LE(back, 200ms);
    world.run(100ms);
    EXPECT_EQ(mildest_on_heavy(world), Step::drop);
    world.run(10s);
  }
  EXPECT_EQ(world.plan().trouble_began, began);
  // and: the more pulses there were, the longer calm has to last
  pulse(0, 0);
  memory = world.until([&] { return world.plan().posture == Posture::calm; }, 40min);
  EXPECT_NEAR(std::chrono::duration<double>(memory).count(), 16 * 60, 10);
  EXPECT_FALSE(world.plan().trouble_began);
}

TEST_F(Episode, ARushIsQueuedAndNobodyIsMeasured) {
  // given
  World world;
  open_shop(world);
  // when: ten times the customers, a third of them known
  world.crowds[known].pages_per_s = 600;
  world.add(people(1400, 8000, 3'000'000));
  Duration challenged{};
  world.run(500ms);
  for (int i = 0; i < 1800; ++i) {
    world.step();
    // then
    ASSERT_TRUE(world.plan().measures.empty()) << world.plan().measures.front().reason();
    ASSERT_NE(world.plan().posture, Posture::calm);
    ASSERT_NE(world.verdict.likeness, Likeness::attack);
    if (world.plan().strangers_need == StrangersNeed::challenge) challenged += 100ms;
  }
  EXPECT_GE(challenged, 3s);
  EXPECT_LE(challenged, 30s);  // to see whether they are people: a few seconds at a time
  EXPECT_EQ(served_share(world.crowds[known]), 1);
}

TEST_F(Episode, AnAttackInsideARushIsFound) {
  // given
  World world;
  open_shop(world);
  world.crowds[known].pages_per_s = 600;
  world.add(people(1400, 8000, 3'000'000));
  world.run(60s);
  // when
  world.add(searches(1000, 40));
  world.run(9s);
  // then
  EXPECT_GE(mildest_on_heavy(world), Step::refuse);
  EXPECT_FALSE(measures_people(world));
}

constexpr int ramp_steps = 6000;

TEST_F(Episode, ASlowRampIsFound) {
  // given
  World world;
  open_shop(world);
  const std::size_t flood = world.add(searches(0, 0));
  // when: ten minutes from nothing to 600 searches a second; what is usual rises in an hour
  for (int i = 0; i < ramp_steps; ++i) {
    world.crowds[flood].pages_per_s = 600.0 * i / ramp_steps;
    world.step();
  }
  // then
  EXPECT_EQ(world.plan().posture, Posture::besieged);
  EXPECT_EQ(served_share(world.crowds[known]), 1);
}

TEST_F(Episode, ASlowRampThatAlsoSlowsTheOriginsIsFound) {
  // given
  World world;
  open_shop(world);
  const std::size_t flood = world.add(searches(0, 0));
  // when
  for (int i = 0; i < ramp_steps; ++i) {
    world.crowds[flood].pages_per_s = 600.0 * i / ramp_steps;
    world.slowness = 1 + 0.8 * i / ramp_steps;
    world.step();
  }
  // then
  EXPECT_EQ(world.plan().posture, Posture::besieged);
}

TEST_F(Episode, AFaultOfOurOwnMeasuresNobody) {
  // given
  World world;
  open_shop(world);
  world.add(people(100, 3, 4'000'000));  // who browse eagerly
  world.run(30s);
  // when: every page takes twelve times as long
  world.slowness = 12;
  for (int i = 0; i < 1200; ++i) {
    world.step();
    // then
    ASSERT_TRUE(world.plan().measures.empty());
    ASSERT_NE(world.plan().strangers_need, StrangersNeed::challenge);
    ASSERT_NE(world.verdict.likeness, Likeness::attack);
  }
  EXPECT_EQ(world.plan().posture, Posture::strained);
  EXPECT_EQ(world.verdict.likeness, Likeness::fault);
  ASSERT_FALSE(world.plan().reasons.empty());
  EXPECT_NE(world.plan().reasons.back().find("a fault of our own"), std::string::npos);
  // and: customers who reload, half as many again, are no attack
  for (Crowd& crowd : world.crowds) crowd.pages_per_s *= 1.5;
  world.run(60s);
  EXPECT_TRUE(world.plan().measures.empty());
  EXPECT_EQ(world.plan().posture, Posture::strained);
}

TEST_F(Episode, ANetworkOfLightSourcesGoesUpOnTrial) {
  // given: each of them asks too seldom to be found by itself
  World world;
  open_shop(world);
  Crowd carpet = searches(1000, 5000);
  carpet.network = 77;
  world.add(carpet);
  // when
  const Duration dropped = world.until([&] { return world.step_of(SubjectLevel::network, 77) == Step::drop; }, 2min);
  // then
  EXPECT_GT(dropped, 62s);  // a minute in which nobody solves, and the refusal's canary of 2 s
  EXPECT_LT(dropped, 100s);
  EXPECT_FALSE(measures_people(world));
}

TEST_F(Episode, ANetworkThatCustomersShareIsNeverDropped) {
  // given: a twentieth of the known visits came from it
  World world;
  open_shop(world);
  for (std::uint64_t i = 0; i < 50; ++i) world.remember(5'000'000 + i, 77);
  Crowd carpet = searches(1000, 250);
  carpet.network = 77;
  world.add(carpet);
  // when
  for (int i = 0; i < 300; ++i) {
    world.step();
    // then
    ASSERT_LE(world.step_of(SubjectLevel::network, 77), Step::behind);
  }
  // What ignores challenges in it is met one by one.
  EXPECT_FALSE(world.plan().measures.empty());
}

TEST_F(Episode, AnAddressWithCustomersBehindItWaitsAtTheMost) {
  // given: fifty known customers behind one address
  World world;
  open_shop(world);
  constexpr std::uint64_t shared = 6'000'000;
  for (std::uint64_t i = 0; i < 50; ++i) world.remember_behind(shared, i + 1);
  const std::size_t customers =
      world.add({.who = Crowd::Who::known, .pages_per_s = 10, .assets_per_page = 4, .first_client = shared});
  world.run(10s);
  // when
  Crowd attacker = searches(400, 1);
  attacker.first_client = shared;
  world.add(attacker);
  for (int i = 0; i < 300; ++i) {
    world.step();
    // then
    ASSERT_LE(world.client_step(shared), Step::behind);
  }
  EXPECT_EQ(world.client_step(shared), Step::behind);
  EXPECT_EQ(served_share(world.crowds[customers]), 1);
}

TEST_F(Episode, ObserveDecidesAsEnforceUntilActsTell) {
  // given: up to its first measure nothing that is decided can have had an effect
  World enforce(Acting::enforce, 7);
  World observe(Acting::observe, 7);
  open_shop(enforce), open_shop(observe);
  enforce.add(searches(1000, 40)), observe.add(searches(1000, 40));
  int windows = 0;
  // when
  while (enforce.plan().measures.empty() && enforce.plan().strangers_need != StrangersNeed::challenge) {
    enforce.step(), observe.step();
    ASSERT_LT(++windows, 20);
    // then
    ASSERT_EQ(enforce.plan().measures, observe.plan().measures);
    ASSERT_EQ(enforce.plan().posture, observe.plan().posture);
    ASSERT_EQ(enforce.plan().reasons, observe.plan().reasons);
  }
  EXPECT_TRUE(enforce.plan().acts());
  EXPECT_FALSE(observe.plan().acts());
  // and: nobody is challenged, so that nobody can be found to ignore it
  observe.run(10s);
  EXPECT_EQ(observe.client_step(10'000), Step::challenge);
  EXPECT_EQ(observe.plan().posture, Posture::besieged);
  EXPECT_EQ(observe.crowds.back().refused + observe.crowds.back().challenged_pages, 0);
}

TEST_F(Episode, TheSameSeedDecidesAlike) {
  // given
  const auto decided = [&] {
    World world(Acting::enforce, 42);
    open_shop(world);
    world.add(searches(700, 40)), world.add(searches(700, 0));
    std::vector<std::string> all;
    for (int i = 0; i < 600; ++i) {
      world.step();
      for (const Measure& measure : world.plan().measures) all.push_back(measure.reason());
      for (const std::string& reason : world.plan().reasons) all.push_back(reason);
    }
    for (const AuditEntry& entry : world.ladder().audit().since(0)) all.push_back(entry.reason());
    return all;
  };
  // when, then
  EXPECT_EQ(decided(), decided());
}

TEST_F(Episode, LeavesTheLadderWhenItIsOver) {
  // given
  World world;
  open_shop(world);
  const std::size_t heavy = world.add(searches(1000, 40));
  world.run(10s);
  ASSERT_FALSE(world.plan().measures.empty());
  // when
  world.crowds[heavy].pages_per_s = 0;
  world.run(5min);
  // then
  EXPECT_EQ(world.plan().posture, Posture::calm);
  EXPECT_TRUE(world.plan().measures.empty());
}

}  // namespace
}  // namespace tenfold::guard::ladder
