#include "net/timers.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/random.hpp"

namespace tenfold::net {
namespace {

using namespace std::chrono_literals;

struct Alarm {
  explicit Alarm(std::function<void()> action = {}) : on_fire(std::move(action)) {}
  static void fire(void* self) {
    auto& alarm = *static_cast<Alarm*>(self);
    ++alarm.fired;
    if (alarm.on_fire) alarm.on_fire();
  }
  std::function<void()> on_fire;
  int fired = 0;
  Timer timer{&fire, this};
};

const TimePoint start{1h};

TEST(Timers, FireAtTheirDeadlineNotBefore) {
  Timers timers(start);
  Alarm alarm;
  timers.arm(alarm.timer, start + 10ms);
  timers.advance(start + 9ms);
  EXPECT_EQ(alarm.fired, 0);
  timers.advance(start + 10ms);
  EXPECT_EQ(alarm.fired, 1);
  timers.advance(start + 1h);
  EXPECT_EQ(alarm.fired, 1);
}

TEST(Timers, RoundADeadlineWithinATickUp) {
  Timers timers(start);
  Alarm alarm;
  timers.arm(alarm.timer, start + 1500us);
  timers.advance(start + 1900us);
  EXPECT_EQ(alarm.fired, 0);
  timers.advance(start + 2ms);
  EXPECT_EQ(alarm.fired, 1);
}

TEST(Timers, APastDeadlineFiresAtTheNextTick) {
  Timers timers(start);
  timers.advance(start + 1s);
  Alarm alarm;
  timers.arm(alarm.timer, start);
  EXPECT_EQ(alarm.fired, 0);
  timers.advance(start + 1s + 1ms);
  EXPECT_EQ(alarm.fired, 1);
}

TEST(Timers, ACancelledOrDestroyedTimerDoesNotFire) {
  Timers timers(start);
  Alarm cancelled;
  auto destroyed = std::make_unique<Alarm>();
  timers.arm(cancelled.timer, start + 5ms);
  timers.arm(destroyed->timer, start + 5ms);
  cancelled.timer.cancel();
  destroyed.reset();
  EXPECT_EQ(timers.advance(start + 1s), 0);
  EXPECT_FALSE(timers.next_wakeup().has_value());
}

TEST(Timers, ACallbackMayCancelAnotherThatIsDueAndArmItself) {
  Timers timers(start);
  Alarm second;
  Alarm first([&] { second.timer.cancel(); });
  int rounds = 0;
  Alarm again;
  again.on_fire = [&] {
    if (++rounds < 3) timers.arm(again.timer, start + (rounds + 1) * 10ms);
  };
  timers.arm(first.timer, start + 5ms);
  timers.arm(second.timer, start + 5ms);
  timers.arm(again.timer, start + 10ms);
  timers.advance(start + 1s);
  EXPECT_EQ(first.fired, 1);
  EXPECT_EQ(second.fired, 0);
  EXPECT_EQ(again.fired, 3);
}

TEST(Timers, NoDeadlineIsNeverArmed) {
  Timers timers(start);
  Alarm alarm;
  timers.arm(alarm.timer, no_deadline);
  EXPECT_FALSE(alarm.timer.armed());
}

// The wheel against the obvious model: a list that is searched in full.
TEST(Timers, AgreeWithASimpleModelOverRandomDeadlines) {
  constexpr std::uint64_t seed = 7;
  FastRandom random(seed);
  Timers timers(start);
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::vector<TimePoint> deadlines;
  for (int i = 0; i < 2000; ++i) {
    const auto magnitude = random.below(8);
    const auto delay = std::chrono::microseconds(random.below(std::uint64_t{1} << (10 + 3 * magnitude)));
    alarms.push_back(std::make_unique<Alarm>());
    deadlines.push_back(start + delay);
    timers.arm(alarms.back()->timer, deadlines.back());
  }
  TimePoint now = start;
  while (timers.next_wakeup().has_value()) {
    now += std::chrono::microseconds(1 + random.below(3'000'000));
    timers.advance(now);
    for (std::size_t i = 0; i < alarms.size(); ++i) {
      if (deadlines[i] + 1ms <= now) {
        ASSERT_EQ(alarms[i]->fired, 1) << "seed " << seed << " timer " << i;
      }
      if (deadlines[i] > now) {
        ASSERT_EQ(alarms[i]->fired, 0) << "seed " << seed << " timer " << i;
      }
    }
  }
}

TEST(Timers, NextWakeupIsNeverAfterTheFirstDeadline) {
  Timers timers(start);
  Alarm near;
  Alarm far;
  timers.arm(far.timer, start + 2h);
  ASSERT_TRUE(timers.next_wakeup().has_value());
  EXPECT_LE(*timers.next_wakeup(), start + 2h);
  timers.arm(near.timer, start + 100ms);
  EXPECT_LE(*timers.next_wakeup(), start + 100ms);
}

}  // namespace
}  // namespace tenfold::net
