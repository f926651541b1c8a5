// How much of the pool's work is sent to it at once (PoolLoad::limit).
#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "origin/test_world.hpp"

namespace tenfold::origin {
namespace {

using namespace std::chrono_literals;
using namespace testing_world;

PoolLoad& load_of(World& world) { return *world.directory->topology()->pools[0]->load; }

TEST(PoolLimit, NoMoreIsWorkedOnAtOnce) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 100ms}; };
  world.start(World::one_pool(1));
  load_of(world).limit = 3;
  const Calls calls = world.load(1000, 9ms);
  world.network.advance(50ms);
  EXPECT_EQ(load_of(world).working, 3u);
  EXPECT_EQ(load_of(world).peak, 3u);
  EXPECT_EQ(load_of(world).waiting, 6u);
  world.finish();
  EXPECT_EQ(failures(calls), 0);
  EXPECT_NEAR(static_cast<double>(slowest(calls).count()), 300e6, 20e6);
  EXPECT_EQ(load_of(world).working, 0u);
}

TEST(PoolLimit, AnAnswerThatIsStillBeingTakenIsNoWork) {
  World world;
  world.add_server(1).behaviour = [](const Asked& asked) {
    return asked.target() == "/large" ? Answer{.body = std::string(1 << 20, 'x')} : Answer{};
  };
  world.start(World::one_pool(1));
  load_of(world).limit = 1;
  Call large{.target = "/large", .gather_bytes = 0};
  world.run(large);
  EXPECT_EQ(large.status, 200);
  EXPECT_EQ(load_of(world).working, 0u);
}

TEST(PoolLimit, OneThatIsRaisedIsUsedAtOnce) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 1s}; };
  world.start(World::one_pool(1));
  load_of(world).limit = 1;
  const Calls calls = world.load(1000, 20ms);
  load_of(world).limit = 20;
  world.network.advance(150ms);  // they look at least every 100 ms, and each that gets in calls the next
  EXPECT_EQ(load_of(world).working, 20u);
  world.finish();
  EXPECT_EQ(failures(calls), 0);
}

TEST(PoolLimit, IsCarriedOverAReload) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  load_of(world).limit = 5;
  Settings changed = World::one_pool(1);
  changed.retry.attempts = 2;
  ASSERT_TRUE(world.directory->replace(changed));
  EXPECT_EQ(load_of(world).limit, 5u);
  world.get();
  EXPECT_EQ(load_of(world).working, 0u);
}

TEST(PoolLimit, WhatFailsGivesItsWorkBack) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) {
    return Answer{.then = Answer::Then::close, .raw = "nonsense\r\n\r\n"};
  };
  world.start(World::one_pool(1), World::Checked::no);
  for (int i = 0; i < 5; ++i) EXPECT_NE(world.get().status, 200);
  EXPECT_EQ(load_of(world).working, 0u);
}

}  // namespace
}  // namespace tenfold::origin
