#include <gmock/gmock.h>

#include "watch/service/core.hpp"
#include "watch/service/test_world.hpp"

// How long a look is waited for that usually is quick, or slow.
namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

class PatienceTest : public testing::Test {
 protected:
  void begin_with(std::vector<Check> checks) {
    Settings settings;
    settings.checks = std::move(checks);
    world_.begin(std::move(settings));
  }
  // How long after the failure began the news came.
  std::optional<Duration> news_after(WallTime failure, Duration wait) {
    world_.run_for(wait);
    if (world_.news.empty()) return std::nullopt;
    return world_.news.front().at - failure;
  }

  TestWorld world_;
};

// As the configuration has it where it says nothing of a time-out.
Check patient_as_usual(const std::string& name, Duration every) {
  Check check;
  check.name = name;
  check.probe = HttpProbe{.url = "http://shop.example/" + name};
  check.every = every;
  check.hung_after = 2500ms;
  return check;
}

TEST_F(PatienceTest, WhatUsuallyIsQuickIsHungWithinTheIntervalAndFiveSeconds) {
  for (int tenth = 0; tenth < 10; ++tenth) {
    world_ = TestWorld();
    begin_with({patient_as_usual("front", 30s)});
    world_.run_for(65s + 3s * tenth);
    world_.hang("front");
    const auto after = news_after(world_.now().wall, 60s);
    ASSERT_TRUE(after);
    EXPECT_LT(*after, 30s + 4600ms);
    EXPECT_GE(*after, 4s) << "two rounds of two looks, none shorter than 2.5 s";
  }
}

TEST_F(PatienceTest, WhatUsuallyTakesLongIsGivenEightTimesThat) {
  world_.takes["front"] = 1s;
  begin_with({patient_as_usual("front", 30s)});
  world_.run_for(5min);
  world_.takes["front"] = 7900ms;
  world_.run_for(31s);
  EXPECT_THAT(world_.news, IsEmpty()) << "slow, not down";
  world_.hang("front");
  const auto after = news_after(world_.now().wall, 60s);
  ASSERT_TRUE(after);
  EXPECT_LE(*after, 30s + 10s + 2500ms);
}

TEST_F(PatienceTest, WhatTurnsSlowIsToldOnceAndSettlesAsSlow) {
  Check check = patient_as_usual("front", 30s);
  check.slow_after = 3s;
  begin_with({check});
  world_.run_for(5min);
  world_.takes["front"] = 6s;
  world_.run_for(30min);
  EXPECT_EQ(world_.words(), "down front, over front");
  EXPECT_EQ(world_.view("front").state, State::slow);
}

}  // namespace
}  // namespace tenfold::watch
