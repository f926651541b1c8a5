#include "origin/witnesses.hpp"

#include <gtest/gtest.h>

#include "origin/test_world.hpp"

namespace tenfold::origin {
namespace {

using namespace testing_world;
using Blame = Witnesses::Blame;

constexpr TimePoint beginning{std::chrono::hours(1)};

TEST(Witnesses, OneClientAccusesAServerOnceAndSoDoesOneTarget) {
  Witnesses witnesses;
  EXPECT_EQ(witnesses.hear(1, 10, 100, beginning), Blame::server);
  EXPECT_EQ(witnesses.hear(1, 10, 101, beginning), Blame::request);  // the same client
  EXPECT_EQ(witnesses.hear(1, 11, 100, beginning), Blame::request);  // the same target
  EXPECT_EQ(witnesses.hear(1, 11, 102, beginning), Blame::request);  // that client has spoken, in vain
  EXPECT_EQ(witnesses.hear(1, 12, 103, beginning), Blame::server);
  // a minute later all is forgotten
  EXPECT_EQ(witnesses.hear(1, 10, 100, beginning + 61s), Blame::server);
}

TEST(Witnesses, ATargetThatFailsOnAnotherServerTooIsItselfToBlame) {
  Witnesses witnesses;
  EXPECT_EQ(witnesses.hear(1, 10, 100, beginning), Blame::server);
  for (std::uint64_t client = 20; client < 60; ++client) {
    EXPECT_EQ(witnesses.hear(2, client, 100, beginning), Blame::request);
    EXPECT_EQ(witnesses.hear(1, client, 100, beginning), Blame::request);
  }
}

TEST(Witnesses, AnAnswerFromAnotherServerProvesIt) {
  Witnesses witnesses;
  EXPECT_FALSE(witnesses.any());
  EXPECT_EQ(witnesses.hear(1, 10, 100, beginning), Blame::server);
  EXPECT_TRUE(witnesses.in_question(100));
  EXPECT_FALSE(witnesses.in_question(101));
  // its own does not
  witnesses.answered_well(1, 100, beginning);
  EXPECT_EQ(witnesses.hear(1, 10, 100, beginning), Blame::request);
  witnesses.answered_well(2, 100, beginning);
  for (std::uint32_t i = 2; i < Witnesses::most_of_one; ++i)
    EXPECT_EQ(witnesses.hear(1, 10, 100, beginning), Blame::server);
  EXPECT_EQ(witnesses.hear(1, 10, 100, beginning), Blame::request);  // one client alone may go so far
  EXPECT_EQ(witnesses.hear(1, 11, 100, beginning), Blame::server);
}

TEST(Witnesses, KeepABoundedMemory) {
  Witnesses witnesses;
  for (std::uint64_t i = 0; i < 10'000; ++i) witnesses.hear(1, i, i, beginning);
  EXPECT_EQ(witnesses.hear(1, 9'999, 20'000, beginning), Blame::request);
  EXPECT_EQ(witnesses.hear(1, 1, 20'001, beginning), Blame::server);  // long forgotten
}

// ---- in a shop ----

TEST(WhoseFault, AUrlThatFailsEverywhereEjectsNoServer) {
  for (const bool resets : {false, true}) {
    World world;
    for (int i = 1; i <= 4; ++i) {
      world.add_server(i).behaviour = [=](const Asked& asked) {
        if (!asked.target().starts_with("/bad")) return Answer();
        return resets ? Answer{.then = Answer::Then::close, .raw = "HTTP"} : Answer{.status = 500};
      };
    }
    world.start(World::one_pool(4));
    // alone in the shop, for a while, and then among customers
    for (int round = 0; round < 200; ++round) {
      Call bad{.target = "/bad", .claim = {.client = 1}};
      world.run(bad);
      Call other{.target = "/bad?" + std::to_string(round), .claim = {.client = 1}};
      world.run(other);
      if (round > 100) {
        EXPECT_EQ(world.get().status, 200);
      }
      world.network.advance(50ms);
    }
    for (int i = 1; i <= 4; ++i) EXPECT_EQ(world.snapshot_of(i).checks.ejections, 0u) << i;
  }
}

TEST(WhoseFault, AServerThatFailsWhatOthersAnswerIsEjectedThoughOneClientAsks) {
  World world;
  for (int i = 1; i <= 3; ++i) world.add_server(i);
  world.server(2).behaviour = [](const Asked&) { return Answer{.status = 500}; };
  world.start(World::one_pool(3));
  world.load(100, 1s, Call{.claim = {.client = 1}});
  EXPECT_EQ(world.snapshot_of(2).state, ServerState::ejected);
  EXPECT_EQ(world.snapshot_of(1).checks.ejections + world.snapshot_of(3).checks.ejections, 0u);
}

TEST(WhoseFault, AServerThatFailsItsCustomersIsEjectedThoughNoTwoAskForTheSame) {
  World world;
  for (int i = 1; i <= 3; ++i) world.add_server(i);
  world.server(2).behaviour = [](const Asked&) { return Answer{.status = 500}; };
  world.start(World::one_pool(3));
  for (std::uint64_t client = 1; client <= 60; ++client) {
    Call call{.target = "/product/" + std::to_string(client), .claim = {.client = client}};
    world.run(call);
    world.network.advance(20ms);
  }
  EXPECT_EQ(world.snapshot_of(2).state, ServerState::ejected);
}

}  // namespace
}  // namespace tenfold::origin
