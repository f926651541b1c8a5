#include "app/serve/until_free.hpp"

#include <gtest/gtest.h>

namespace tenfold::app {
namespace {

using namespace std::chrono_literals;

// Goes on by as much as a test says each time it is asked.
class StepClock final : public Clock {
 public:
  explicit StepClock(Duration step) : step_(step) {}
  TimePoint now() const override { return now_ += step_; }
  WallTime wall_now() const override { return {}; }

 private:
  Duration step_;
  mutable TimePoint now_{};
};

TEST(UntilFree, WhatIsFreedInTimeIsOpened) {
  const StepClock clock(10ms);
  UntilFree until_free(clock);
  int tries = 0;
  const Result<int> opened = until_free([&]() -> Result<int> {
    if (++tries < 3) return fail(Errc::busy, "taken");
    return 7;
  });
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, 7);
  EXPECT_EQ(tries, 3);
}

Result<int> fail_always(int& tries, Errc code) {
  ++tries;
  return fail(code, "taken");
}

TEST(UntilFree, WhatIsNotIsAnErrorWithinASecondForAll) {
  const StepClock clock(100ms);
  UntilFree until_free(clock);
  int tries = 0;
  EXPECT_FALSE(until_free([&] { return fail_always(tries, Errc::busy); }));
  EXPECT_EQ(tries, 10);
  EXPECT_FALSE(until_free([&] { return fail_always(tries, Errc::busy); }));
  EXPECT_EQ(tries, 11) << "the second is over";
}

TEST(UntilFree, OtherErrorsAreNotTriedAgain) {
  const StepClock clock(10ms);
  int tries = 0;
  EXPECT_FALSE(UntilFree(clock)([&] { return fail_always(tries, Errc::refused); }));
  EXPECT_EQ(tries, 1);
}

}  // namespace
}  // namespace tenfold::app
