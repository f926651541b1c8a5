#include "watch/service/core.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <map>

#include "watch/service/test_world.hpp"

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Check http_check(const std::string& name, Duration every = 30s) {
  Check check;
  check.name = name;
  check.probe = HttpProbe{.url = "http://shop.example/" + name};
  check.every = every;
  return check;
}

Check heartbeat_check(const std::string& name) {
  Check check;
  check.name = name;
  check.probe = HeartbeatProbe{.every = 1h, .grace = 10min, .token = "token of " + name};
  return check;
}

class CoreTest : public testing::Test {
 protected:
  void begin(Settings settings) { world_.begin(std::move(settings)); }
  void begin_with(std::vector<Check> checks) {
    Settings settings;
    settings.checks = std::move(checks);
    begin(std::move(settings));
  }
  void begin_with_anchors(std::vector<Check> checks) {
    Settings settings;
    settings.checks = std::move(checks);
    settings.anchors = {{"one.example", 443}, {"two.example", 443}};
    begin(std::move(settings));
  }
  // How long after the failure began the news came.
  std::optional<Duration> news_after(WallTime failure, Duration wait) {
    world_.run_for(wait);
    if (world_.news.empty()) return std::nullopt;
    return world_.news.front().at - failure;
  }

  TestWorld world_;
};

// ---- from failure to news ----

TEST_F(CoreTest, FailureToNewsIsWithinTheIntervalAndFiveSeconds) {
  for (const Duration every : {1s, 5s, 30s, 60s}) {
    // At all moments of the interval, just after a look too.
    for (int tenth = 0; tenth < 10; ++tenth) {
      world_ = TestWorld();
      begin_with({http_check("front", every)});
      world_.run_for(65s + every * tenth / 10);
      ASSERT_THAT(world_.news, IsEmpty());
      world_.fail("front", CheckResult::Cause::status);
      const auto after = news_after(world_.now().wall, every + 10s);
      ASSERT_TRUE(after);
      EXPECT_LE(*after, every + 3s) << every / 1s << " s, " << tenth;
      EXPECT_EQ(world_.words(), "down front");
    }
  }
}

TEST_F(CoreTest, AHangIsToldWithinTheIntervalTheTimeOutAndThreeSeconds) {
  for (int tenth = 0; tenth < 10; ++tenth) {
    world_ = TestWorld();
    begin_with({http_check("front", 30s)});
    world_.run_for(65s + 3s * tenth);
    world_.hang("front");
    const auto after = news_after(world_.now().wall, 60s);
    ASSERT_TRUE(after);
    EXPECT_LE(*after, 30s + 10s + 2s + 500ms);
    EXPECT_GE(*after, 10s);
  }
}

TEST_F(CoreTest, OneThatHangsForLongIsNotAskedMoreThanUsual) {
  begin_with({http_check("front", 30s)});
  world_.run_for(65s);
  world_.hang("front");
  world_.run_for(5min);
  const auto before = world_.looks["front"];
  world_.run_for(10min);
  EXPECT_LE(world_.looks["front"] - before, 2 * 21) << "a usual look and a second one every interval";
}

TEST_F(CoreTest, OneThatAlwaysTakesLongIsNotAskedTwice) {
  world_.takes["slow"] = 4s;
  begin_with({http_check("slow", 30s)});
  world_.run_for(2min);
  const auto before = world_.looks["slow"];
  world_.run_for(10min);
  EXPECT_EQ(world_.looks["slow"] - before, 20);
  EXPECT_THAT(world_.news, IsEmpty());
}

TEST_F(CoreTest, AFailureThatTheSecondLookDoesNotSeeIsNoNews) {
  begin_with({http_check("front", 5s)});
  world_.run_for(20s);
  world_.fail("front", CheckResult::Cause::connect, CheckResult::Path::usual);
  world_.run_for(5s);
  world_.mend("front");
  world_.run_for(60s);
  EXPECT_THAT(world_.news, IsEmpty());
  EXPECT_GE(world_.core().view(world_.now()).second_looks_total, 1u);
}

TEST_F(CoreTest, OneFailureIsNotDownAndTwoAre) {
  begin_with({http_check("front", 30s)});
  world_.run_for(65s);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_until([&] { return world_.view("front").state == State::failing; }, 31s);
  world_.mend("front");
  world_.run_for(60s);
  EXPECT_THAT(world_.news, IsEmpty());
  EXPECT_EQ(world_.view("front").state, State::up);
}

TEST_F(CoreTest, FailingAfterIsANumberOfRoundsTwoSecondsApart) {
  Check check = http_check("front", 30s);
  check.failing_after = 4;
  begin_with({check});
  world_.run_for(65s);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_until([&] { return world_.view("front").state == State::failing; }, 31s);
  world_.run_for(5500ms);
  EXPECT_THAT(world_.news, IsEmpty());
  world_.run_for(1s);
  EXPECT_EQ(world_.words(), "down front");
}

TEST_F(CoreTest, WhatIsOverIsToldOnce) {
  begin_with({http_check("front", 5s)});
  world_.run_for(20s);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(60s);
  world_.mend("front");
  world_.run_for(60s);
  EXPECT_EQ(world_.words(), "down front, over front");
  EXPECT_THAT(world_.news[0].what, HasSubstr("status"));
}

TEST_F(CoreTest, InfoIsToldToNobody) {
  Check check = http_check("front", 5s);
  check.severity = Severity::info;
  begin_with({check});
  world_.run_for(20s);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(60s);
  EXPECT_EQ(world_.view("front").state, State::down);
  world_.mend("front");
  world_.run_for(60s);
  EXPECT_THAT(world_.news, IsEmpty());
}

// ---- maintenance ----

TEST_F(CoreTest, InMaintenanceFailuresAreRecordedAndTheRestIsToldAtItsEnd) {
  Settings settings;
  settings.checks = {http_check("front", 5s)};
  settings.maintenance = {{{"front"}, world_.now().wall + 1min, world_.now().wall + 10min}};
  begin(settings);
  world_.run_for(70s);
  EXPECT_TRUE(world_.view("front").in_maintenance);
  world_.fail("front", CheckResult::Cause::status);
  const WallTime failed_at = world_.now().wall;
  world_.run_for(10min - 70s - 100ms);
  EXPECT_EQ(world_.view("front").state, State::down);
  EXPECT_THAT(world_.news, IsEmpty());
  EXPECT_EQ(world_.view("front").up_share_24h, 1) << "it does not count against it";
  world_.run_for(1100ms);
  ASSERT_EQ(world_.words(), "down front");
  EXPECT_LT(world_.news[0].since - failed_at, 10s) << "since it is down, not since it is told";
}

TEST_F(CoreTest, WhatIsMendedInMaintenanceIsNoNews) {
  Settings settings;
  settings.checks = {http_check("front", 5s)};
  settings.maintenance = {{{}, world_.now().wall + 1min, world_.now().wall + 10min}};
  begin(settings);
  world_.run_for(70s);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(60s);
  world_.mend("front");
  world_.run_for(20min);
  EXPECT_THAT(world_.news, IsEmpty());
}

TEST_F(CoreTest, DownBeforeMaintenanceAndMendedInItIsToldToBeOver) {
  Settings settings;
  settings.checks = {http_check("front", 5s)};
  settings.maintenance = {{{}, world_.now().wall + 1min, world_.now().wall + 10min}};
  begin(settings);
  world_.run_for(20s);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(60s);
  world_.mend("front");
  world_.run_for(60s);
  EXPECT_EQ(world_.words(), "down front, rests front, over front");
}

TEST_F(CoreTest, DownBeforeMaintenanceRestsInItAndGoesOnAfterIt) {
  Settings settings;
  settings.checks = {http_check("front", 5s)};
  settings.maintenance = {{{}, world_.now().wall + 1min, world_.now().wall + 10min}};
  begin(settings);
  world_.run_for(20s);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(60s);
  EXPECT_EQ(world_.words(), "down front, rests front");
  EXPECT_EQ(world_.news[1].what, world_.news[0].what);
  EXPECT_EQ(world_.news[1].since, world_.news[0].since);
  world_.run_for(8min);
  EXPECT_EQ(world_.news.size(), 2u);
  world_.run_for(1min);
  EXPECT_EQ(world_.words(), "down front, rests front, wakes front");
}

// ---- uplink ----

TEST_F(CoreTest, WhenOurUplinkIsDownThatIsTheOnlyNews) {
  std::vector<Check> checks;
  for (int i = 0; i < 30; ++i) checks.push_back(http_check("check " + std::to_string(i), 5s));
  begin_with_anchors(checks);
  world_.run_for(60s);
  world_.uplink(TestWorld::Uplink::cut);
  world_.run_for(5min);
  EXPECT_EQ(world_.words(), "uplink down");
  EXPECT_EQ(world_.view("check 7").state, State::down);
  const int before = world_.looks["check 7"];
  world_.run_for(1min);
  EXPECT_LE(world_.looks["check 7"] - before, 2 * 13) << "no more than the interval says, each with its second look";
  EXPECT_GT(world_.view("check 7").up_share_24h, 0.95) << "nobody's fault but ours";
  // when it is back
  world_.uplink(TestWorld::Uplink::whole);
  world_.run_for(60s);
  EXPECT_EQ(world_.words(), "uplink down, uplink up");
  EXPECT_EQ(world_.view("check 7").state, State::up);
}

TEST_F(CoreTest, ACheckThatFailsBeforeTheAnchorsDoWaitsForThem) {
  for (int moment = 0; moment < 20; ++moment) {
    world_ = TestWorld();
    Check hasty = http_check("hasty", 1s);
    hasty.failing_after = 1;
    hasty.timeout = 100ms;
    begin_with_anchors({hasty});
    world_.run_for(60s + moment * 500ms);
    world_.uplink(TestWorld::Uplink::cut);
    world_.run_for(60s);
    EXPECT_EQ(world_.words(), "uplink down") << moment;
  }
}

TEST_F(CoreTest, WhatIsStillDownWhenTheUplinkIsBackIsTold) {
  begin_with_anchors({http_check("front", 30s), http_check("api", 30s)});
  world_.run_for(60s);
  world_.uplink(TestWorld::Uplink::cut);
  world_.run_for(5min);
  world_.fail("api", CheckResult::Cause::connect);
  world_.uplink(TestWorld::Uplink::whole);
  world_.run_for(10s);
  EXPECT_EQ(world_.words(), "uplink down, uplink up, down api") << "at once, not after an interval";
}

TEST_F(CoreTest, WhatNeedsNoUplinkIsToldAllTheSame) {
  begin_with_anchors({http_check("near", 5s), http_check("far", 5s)});
  world_.address["near"] = "127.0.0.1";
  world_.run_for(60s);
  world_.uplink(TestWorld::Uplink::cut);
  world_.fail("near", CheckResult::Cause::connect);
  world_.run_for(60s);
  EXPECT_THAT(world_.words(), testing::AnyOf("uplink down, down near", "down near, uplink down"));
}

TEST_F(CoreTest, AnAnswerThatIsWrongNeedsNoUplink) {
  begin_with_anchors({http_check("front", 5s)});
  world_.run_for(60s);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(9s);
  EXPECT_EQ(world_.words(), "down front");
}

TEST_F(CoreTest, WithAnchorsUpFailureToNewsIsAsQuick) {
  begin_with_anchors({http_check("front", 30s)});
  world_.run_for(65s);
  world_.fail("front", CheckResult::Cause::connect);
  const auto after = news_after(world_.now().wall, 60s);
  ASSERT_TRUE(after);
  EXPECT_LE(*after, 33s);
}

TEST_F(CoreTest, AnchorsThatNobodyAnswersForHoldNewsForSecondsOnly) {
  begin_with_anchors({http_check("front", 30s)});
  world_.run_for(65s);
  world_.uplink(TestWorld::Uplink::silent);
  world_.fail("front", CheckResult::Cause::connect);
  const auto after = news_after(world_.now().wall, 60s);
  ASSERT_TRUE(after);
  EXPECT_LE(*after, 30s + 3s + Core::most_hold + 1s);
}

// ---- heartbeats ----

TEST_F(CoreTest, SilenceOfAHeartbeatIsDown) {
  begin_with({heartbeat_check("backup")});
  world_.run_for(10s);
  world_.core().beat("backup", {}, world_.now());
  EXPECT_EQ(world_.view("backup").state, State::up);
  world_.run_for(1h + 10min);
  EXPECT_THAT(world_.news, IsEmpty());
  world_.run_for(2s);
  EXPECT_EQ(world_.words(), "down backup");
  world_.core().beat("backup", {}, world_.now());
  EXPECT_EQ(world_.words(), "down backup, over backup");
}

TEST_F(CoreTest, AJobThatReportsAFailureIsDownAtOnceUntilItReportsSuccess) {
  begin_with({heartbeat_check("backup")});
  world_.run_for(10s);
  world_.core().beat("backup", {Beat::Outcome::failed, "the job ended with status 1: no space left"}, world_.now());
  EXPECT_EQ(world_.words(), "down backup");
  EXPECT_EQ(world_.view("backup").what, "the job ended with status 1: no space left");
  world_.core().beat("backup", {Beat::Outcome::failed, "the job ended with status 2"}, world_.now());
  EXPECT_EQ(world_.words(), "down backup") << "known already";
  world_.core().beat("backup", {}, world_.now());
  EXPECT_EQ(world_.words(), "down backup, over backup");
}

TEST_F(CoreTest, AHeartbeatThatNeverCameCountsFromTheFirstStartOverRestarts) {
  begin_with({heartbeat_check("backup")});
  world_.run_for(40min);
  world_.restart();
  world_.run_for(29min);
  EXPECT_THAT(world_.news, IsEmpty());
  world_.run_for(2min);
  EXPECT_EQ(world_.words(), "down backup");
}

TEST_F(CoreTest, WhileNobodyWatchedNoHeartbeatWasMissed) {
  begin_with({heartbeat_check("backup")});
  world_.core().beat("backup", {}, world_.now());
  world_.run_for(50min);
  world_.restart(3h);
  world_.run_for(10min);
  EXPECT_THAT(world_.news, IsEmpty());
  world_.run_for(11min);
  EXPECT_EQ(world_.words(), "down backup");
}

// ---- the clock ----

TEST_F(CoreTest, ALeapOfTheClockIsNoNews) {
  begin_with({heartbeat_check("backup"), http_check("front", 30s)});
  world_.core().beat("backup", {}, world_.now());
  for (const Duration leap : {Duration(48h), Duration(-72h), Duration(3h)}) {
    world_.run_for(1min);
    world_.leap(leap);
    world_.run_for(3min);
    EXPECT_THAT(world_.news, IsEmpty()) << leap / 1h;
    EXPECT_EQ(world_.view("front").state, State::up);
    EXPECT_EQ(world_.view("backup").state, State::up);
  }
  world_.run_for(70min);
  EXPECT_EQ(world_.words(), "down backup") << "and the silence counts on";
}

TEST_F(CoreTest, AStallIsNoSilenceAndNoBurst) {
  std::vector<Check> checks;
  for (int i = 0; i < 500; ++i) checks.push_back(http_check("check " + std::to_string(i), 10s));
  begin_with(checks);
  world_.run_for(30s);
  world_.stall(10min);
  world_.most_looks_at_once = 0;
  world_.run_for(60s);
  EXPECT_THAT(world_.news, IsEmpty());
  EXPECT_LE(world_.most_looks_at_once, 30u);
  const View view = world_.core().view(world_.now());
  EXPECT_GE(view.late_total, 450u);
  EXPECT_GE(view.skipped_total, 29'000u);
  for (const CheckView& check : view.checks) EXPECT_EQ(check.state, State::up);
}

// ---- restarts ----

TEST_F(CoreTest, ADownIsToldOnceOverARestart) {
  begin_with({http_check("front", 5s)});
  world_.run_for(20s);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(30s);
  const WallTime since = world_.view("front").since;
  world_.restart(5min);
  EXPECT_EQ(world_.view("front").state, State::down);
  EXPECT_EQ(world_.view("front").since, since);
  world_.run_for(60s);
  EXPECT_EQ(world_.words(), "down front, wakes front") << "whether it is in maintenance is told anew";
  world_.mend("front");
  world_.run_for(30s);
  EXPECT_EQ(world_.words(), "down front, wakes front, over front");
}

TEST_F(CoreTest, WhatCameDownInMaintenanceIsToldAfterARestart) {
  Settings settings;
  settings.checks = {http_check("front", 5s)};
  settings.maintenance = {{{}, world_.now().wall, world_.now().wall + 10min}};
  begin(settings);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(60s);
  world_.restart(10min);
  EXPECT_THAT(world_.news, IsEmpty());
  world_.run_for(10s);
  EXPECT_EQ(world_.words(), "down front");
}

TEST_F(CoreTest, OfAnUnreadableStoreItIsUnsureAndSaysOverToBeSafe) {
  world_.before = Core::Before::unreadable;
  begin_with({http_check("front", 5s)});
  world_.run_for(60s);
  EXPECT_EQ(world_.words(), "uplink up, over front");
}

TEST_F(CoreTest, AnUplinkThatWasDownIsToldToBeBackAfterARestart) {
  begin_with_anchors({http_check("front", 5s)});
  world_.run_for(60s);
  world_.uplink(TestWorld::Uplink::cut);
  world_.run_for(60s);
  world_.restart();
  world_.run_for(60s);
  EXPECT_EQ(world_.words(), "uplink down") << "not again, and nothing of what is beyond it";
  world_.uplink(TestWorld::Uplink::whole);
  world_.restart();
  world_.run_for(60s);
  EXPECT_EQ(world_.words(), "uplink down, uplink up");
  world_.restart();
  world_.run_for(60s);
  EXPECT_EQ(world_.news.size(), 2u);
}

TEST_F(CoreTest, AfterARestartWithTheUplinkBackWhatWasCutOffIsLookedAtAtOnce) {
  std::vector<Check> checks;
  for (int i = 0; i < 30; ++i) checks.push_back(http_check("check " + std::to_string(i), 5min));
  begin_with_anchors(checks);
  world_.run_for(60s);
  world_.uplink(TestWorld::Uplink::cut);
  world_.run_for(15min);
  ASSERT_EQ(world_.view("check 29").state, State::down);
  world_.uplink(TestWorld::Uplink::whole);
  world_.restart();
  world_.looks.clear();
  world_.run_until([&] { return world_.words() == "uplink down, uplink up"; }, 10s);
  world_.run_for(100ms);
  for (const Check& check : checks) EXPECT_GE(world_.looks[check.name], 1) << check.name;
}

TEST_F(CoreTest, WhenItsAnchorsGoAnUplinkIsNotDownForEver) {
  begin_with_anchors({http_check("front", 5s)});
  world_.uplink(TestWorld::Uplink::cut);
  world_.run_for(60s);
  world_.settings.anchors.clear();
  world_.restart();
  world_.run_for(5s);
  EXPECT_EQ(world_.words().substr(0, 23), "uplink down, uplink up");
}

TEST_F(CoreTest, ACheckThatIsGoneAfterARestartIsOver) {
  begin_with({http_check("front", 5s), http_check("api", 5s)});
  world_.run_for(20s);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(30s);
  world_.settings.checks.erase(world_.settings.checks.begin());
  world_.restart();
  world_.run_for(30s);
  EXPECT_EQ(world_.words(), "down front, over front");
  world_.restart();
  world_.run_for(30s);
  EXPECT_EQ(world_.words(), "down front, over front");
}

TEST_F(CoreTest, FiguresOfTheDayAreThereAfterARestart) {
  begin_with({http_check("front", 30s)});
  world_.run_for(150min);
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(50min);
  const CheckView before = world_.view("front");
  world_.restart();
  EXPECT_NEAR(world_.view("front").up_share_24h, before.up_share_24h, 0.001);
  EXPECT_EQ(world_.view("front").p95_ms_24h, before.p95_ms_24h);
  EXPECT_NEAR(before.up_share_24h, 0.75, 0.02);
}

TEST_F(CoreTest, FiguresAreOfTheLastDayOnly) {
  begin_with({http_check("front", 10min)});
  world_.fail("front", CheckResult::Cause::status);
  world_.run_for(2h);
  world_.mend("front");
  world_.run_for(23h);
  EXPECT_LT(world_.view("front").up_share_24h, 1);
  world_.run_for(3h);
  EXPECT_EQ(world_.view("front").up_share_24h, 1);
}

// ---- new settings ----

TEST_F(CoreTest, NewSettingsLeaveTheOthersAlone) {
  begin_with({http_check("front", 5s), http_check("api", 5s), heartbeat_check("backup")});
  world_.run_for(20s);
  world_.fail("front", CheckResult::Cause::status);
  world_.fail("api", CheckResult::Cause::status);
  world_.run_for(20s);
  ASSERT_EQ(world_.news.size(), 2u);
  Settings settings = world_.settings;
  settings.checks = {settings.checks[0], heartbeat_check("backup"), http_check("new", 5s)};
  settings.checks[0].severity = Severity::warning;
  world_.replace(settings);
  EXPECT_EQ(world_.news.back().word(), "over api");
  EXPECT_THAT(world_.news.back().what, HasSubstr("not checked any more"));
  EXPECT_EQ(world_.view("front").state, State::down);
  world_.run_for(30s);
  EXPECT_EQ(world_.view("new").state, State::up);
  EXPECT_EQ(world_.news.size(), 3u);
}

TEST_F(CoreTest, AnswersToOldSettingsSayNothingOfTheNew) {
  begin_with({http_check("front", 5s)});
  world_.run_for(20s);
  world_.hang("front");
  world_.run_for(10s);
  Settings settings = world_.settings;
  settings.checks[0].probe = TcpProbe{.host = "shop.example", .port = 80};
  world_.mend("front");
  world_.replace(settings);
  world_.run_for(30s);
  EXPECT_EQ(world_.view("front").state, State::up);
  EXPECT_EQ(world_.view("front").kind, "tcp");
  EXPECT_THAT(world_.news, IsEmpty());
}

TEST_F(CoreTest, AHeartbeatThatBecomesACheckBeginsAnew) {
  begin_with({heartbeat_check("job")});
  world_.run_for(75min);
  ASSERT_EQ(world_.words(), "down job");
  Settings settings;
  settings.checks = {http_check("job", 5s)};
  world_.replace(settings);
  world_.run_for(20s);
  EXPECT_EQ(world_.words(), "down job, over job");
  EXPECT_EQ(world_.view("job").state, State::up);
}

// ---- a world of faults ----

// With faults at random, whatever comes: no news but for faults that lasted; each down is over before the next.
TEST_F(CoreTest, NewsAlternateWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    world_ = TestWorld(seed);
    std::vector<Check> checks;
    for (int i = 0; i < 10; ++i) checks.push_back(http_check("check " + std::to_string(i), 5s + i * 1s));
    begin_with_anchors(checks);
    for (int event = 0; event < 60; ++event) {
      world_.something_happens();
      world_.run_for(20s);
    }
    world_.uplink(TestWorld::Uplink::whole);
    for (int i = 0; i < 10; ++i) world_.mend("check " + std::to_string(i));
    world_.run_for(15min);
    std::map<std::string, bool> down;
    for (const TestWorld::News& news : world_.news) {
      if (news.about == "uplink" || news.kind == "rests" || news.kind == "wakes") continue;
      EXPECT_NE(down[news.about], news.kind == "down") << news.word();
      down[news.about] = news.kind == "down";
    }
    for (const auto& [check, is_down] : down) EXPECT_FALSE(is_down) << check;
    for (const CheckView& check : world_.core().view(world_.now()).checks) EXPECT_EQ(check.state, State::up);
  }
}

}  // namespace
}  // namespace tenfold::watch
