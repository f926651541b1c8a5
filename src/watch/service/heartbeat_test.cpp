#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "watch/service/core.hpp"
#include "watch/service/heartbeats.hpp"
#include "watch/service/test_world.hpp"

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;
using Outcome = Beat::Outcome;

class HeartbeatTest : public testing::Test {
 protected:
  HeartbeatTest() {
    Check check;
    check.name = "backup";
    check.probe = HeartbeatProbe{.every = 1h, .grace = 10min, .token = "token of backup"};
    Settings settings;
    settings.checks = {check};
    world_.begin(settings);
  }
  void beat(Outcome outcome, const char* run) {
    world_.core().beat("backup", {outcome, outcome == Outcome::failed ? "no space" : "", run}, world_.now());
  }
  State state() const { return world_.view("backup").state; }
  CheckResult last() const { return world_.view("backup").last.value_or(CheckResult()); }

  TestWorld world_;
};

TEST_F(HeartbeatTest, RunsOfAJobThatOverlapAreMeasuredEach) {
  beat(Outcome::begun, "one");
  EXPECT_EQ(state(), State::unknown) << "that it began is no success";
  world_.run_for(10min);
  beat(Outcome::begun, "two");
  world_.run_for(5min);
  beat(Outcome::good, "one");
  EXPECT_EQ(state(), State::up);
  EXPECT_EQ(last().phases.total, Duration(15min));
  beat(Outcome::failed, "two");
  EXPECT_EQ(state(), State::down);
  EXPECT_EQ(last().phases.total, Duration(5min));
  beat(Outcome::good, "three");
  EXPECT_EQ(state(), State::up);
  EXPECT_EQ(last().phases.total, Duration::zero()) << "nobody knows when it began";
}

TEST_F(HeartbeatTest, ARunThatDoesNotEndIsDownWhateverOthersReport) {
  beat(Outcome::begun, "hangs");
  for (int i = 0; i < 2; ++i) {
    world_.run_for(34min);
    beat(Outcome::good, "other");
    EXPECT_EQ(state(), State::up);
  }
  world_.run_for(3min);
  EXPECT_EQ(world_.words(), "down backup");
  EXPECT_EQ(last().what, "the job began 70 min ago and has not ended");
  beat(Outcome::good, "other");
  EXPECT_EQ(world_.words(), "down backup, over backup");
  world_.run_for(20min);
  EXPECT_EQ(world_.words(), "down backup, over backup") << "it was given up, and told once";
}

TEST(Heartbeats, OfEachRunTheLastWordWaits) {
  Check check;
  check.name = "backup";
  check.probe = HeartbeatProbe{.every = 1h, .grace = 10min, .token = "secret"};
  Heartbeats heartbeats;
  heartbeats.replace({check});
  EXPECT_EQ(heartbeats.take("secret", {Outcome::begun, "", "one"}), Heartbeats::Taken::first);
  EXPECT_EQ(heartbeats.take("secret", {Outcome::begun, "", "two"}), Heartbeats::Taken::waiting);
  heartbeats.take("secret", {Outcome::failed, "a", "one"});
  heartbeats.take("secret", {Outcome::good, "", "one"});
  const auto waiting = heartbeats.fetch()["backup"];
  ASSERT_EQ(waiting.size(), 3u);
  EXPECT_EQ(waiting[0].run, "one");
  EXPECT_EQ(waiting[1].run, "two");
  EXPECT_EQ(waiting[2].outcome, Outcome::good);
  for (int i = 0; i < 1'000; ++i) heartbeats.take("secret", {Outcome::begun, "", std::to_string(i)});
  EXPECT_EQ(heartbeats.fetch()["backup"].size(), Heartbeats::most_waiting);
}

}  // namespace
}  // namespace tenfold::watch
