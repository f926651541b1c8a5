#include "watch/state/check_state.hpp"

#include <gmock/gmock.h>

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Next = CheckState::Next;

const WallTime state_start{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};

class CheckStateTest : public testing::Test {
 protected:
  CheckStateTest() {
    check_.name = "front";
    check_.probe = HttpProbe{.url = "http://shop/"};
    check_.every = 30s;
    check_.timeout = 10s;
    check_.slow_after = 1s;
  }

  CheckState& state() {
    if (!state_) state_.emplace(check_);
    return *state_;
  }
  CheckResult result(CheckResult::Outcome outcome, CheckResult::Path path, Duration total = 100ms) const {
    CheckResult made;
    made.at = now_;
    made.outcome = outcome;
    made.path = path;
    made.phases.total = total;
    if (outcome == CheckResult::Outcome::failed)
      made.what = path == CheckResult::Path::usual ? "status 503" : "refused";
    if (path == CheckResult::Path::other) made.by = "over IPv6 (::1)";
    return made;
  }
  std::optional<Change> good(Duration total = 100ms) {
    now_ += 30s;
    return state().take(result(CheckResult::Outcome::good, CheckResult::Path::usual, total)).change;
  }
  // Both looks.
  std::optional<Change> failed() {
    now_ += 30s;
    const auto first = state().take(result(CheckResult::Outcome::failed, CheckResult::Path::usual));
    EXPECT_EQ(first.next, Next::look_again);
    EXPECT_FALSE(first.change);
    return state().take(result(CheckResult::Outcome::failed, CheckResult::Path::other)).change;
  }
  std::optional<Change> failed_only_by_the_usual_path() {
    now_ += 30s;
    state().take(result(CheckResult::Outcome::failed, CheckResult::Path::usual));
    return state().take(result(CheckResult::Outcome::good, CheckResult::Path::other)).change;
  }
  void bring_to(State wanted) {
    if (wanted == State::unknown) return;
    good();
    if (wanted == State::slow) good(2s), good(2s);
    if (wanted == State::failing) failed();
    if (wanted == State::down) failed(), failed();
    ASSERT_EQ(state().state(), wanted);
  }

  Check check_;
  std::optional<CheckState> state_;
  WallTime now_ = state_start;
};

enum class Event : std::uint8_t { good, good_enough, slow, slow_enough, failed, failed_enough, silent };
struct Transition {
  State from;
  Event event;
  State to;
};
class CheckStateTable : public CheckStateTest, public testing::WithParamInterface<Transition> {};

TEST_P(CheckStateTable, GoesWhereTheTableSays) {
  const auto [from, event, to] = GetParam();
  // given
  bring_to(from);
  // when
  switch (event) {
    case Event::good: good(); break;
    case Event::good_enough: good(), good(); break;
    case Event::slow: good(1s + 1ns); break;
    case Event::slow_enough: good(1s + 1ns), good(1s + 1ns); break;
    case Event::failed: failed(); break;
    case Event::failed_enough: failed(), failed(); break;
    case Event::silent:
      state().tick(now_);
      state().tick(now_ + 3 * check_.every + 2 * check_.timeout + 1ns);
      break;
  }
  // then
  EXPECT_EQ(state().state(), to) << name(state().state());
}

using enum State;
INSTANTIATE_TEST_SUITE_P(
    All, CheckStateTable,
    testing::Values(Transition{unknown, Event::good, up}, Transition{unknown, Event::slow, up},
                    Transition{unknown, Event::slow_enough, slow}, Transition{unknown, Event::failed, failing},
                    Transition{unknown, Event::failed_enough, down}, Transition{unknown, Event::silent, unknown},
                    Transition{up, Event::good, up}, Transition{up, Event::slow, up},
                    Transition{up, Event::slow_enough, slow}, Transition{up, Event::failed, failing},
                    Transition{up, Event::failed_enough, down}, Transition{up, Event::silent, unknown},
                    Transition{slow, Event::good, slow}, Transition{slow, Event::good_enough, up},
                    Transition{slow, Event::slow, slow}, Transition{slow, Event::slow_enough, slow},
                    Transition{slow, Event::failed, failing}, Transition{slow, Event::failed_enough, down},
                    Transition{slow, Event::silent, unknown}, Transition{failing, Event::good, up},
                    Transition{failing, Event::slow, up}, Transition{failing, Event::slow_enough, slow},
                    Transition{failing, Event::failed, down}, Transition{failing, Event::silent, unknown},
                    Transition{down, Event::good, down}, Transition{down, Event::good_enough, up},
                    Transition{down, Event::slow, down}, Transition{down, Event::slow_enough, slow},
                    Transition{down, Event::failed, down}, Transition{down, Event::failed_enough, down},
                    Transition{down, Event::silent, unknown}));

TEST_F(CheckStateTest, SaysWhatBothLooksSaw) {
  // given
  bring_to(State::failing);
  // when
  const auto change = failed();
  // then
  ASSERT_TRUE(change);
  EXPECT_EQ(change->check, "front");
  EXPECT_EQ(change->from, State::failing);
  EXPECT_EQ(change->to, State::down);
  EXPECT_EQ(change->at, now_);
  EXPECT_EQ(change->what, "status 503; over IPv6 (::1): refused");
  EXPECT_EQ(state().since(), now_);
}

TEST_F(CheckStateTest, SaysThatTheSecondLookSawTheSameButForTheAddress) {
  struct Case {
    const char* first_what;
    const char* first_address;
    const char* second_what;
    const char* second_address;
    const char* by;
    const char* words;
  };
  for (const Case& each :
       {Case{"127.0.0.1:9001 refuses the connection", "127.0.0.1", "127.0.0.1:9001 refuses the connection", "127.0.0.1",
             "again on a fresh connection",
             "127.0.0.1:9001 refuses the connection; the same again on a fresh connection"},
        Case{"192.0.2.1:443 refuses the connection", "192.0.2.1", "[2001:db8::1]:443 refuses the connection",
             "2001:db8::1", "over IPv6 (2001:db8::1)",
             "192.0.2.1:443 refuses the connection; the same over IPv6 (2001:db8::1)"},
        Case{"192.0.2.1:443 refuses the connection", "192.0.2.1", "no way leads to [2001:db8::1]:443", "2001:db8::1",
             "over IPv6 (2001:db8::1)",
             "192.0.2.1:443 refuses the connection; over IPv6 (2001:db8::1): no way leads to [2001:db8::1]:443"},
        Case{"no answer within 2 s: connected after 90 µs, then silence", "192.0.2.1",
             "no answer within 2 s: connected after 1 ms, then silence", "192.0.2.1", "from 192.0.2.9",
             "no answer within 2 s: connected after 90 µs, then silence; the same from 192.0.2.9"},
        Case{"status 503", "", "status 502", "", "again on a fresh connection",
             "status 503; again on a fresh connection: status 502"},
        Case{"status 503", "", "status 503", "", "", "status 503; the same on the second look"}}) {
    CheckState state(check_);
    CheckResult result{.at = now_, .cause = CheckResult::Cause::connect, .what = each.first_what};
    result.address = each.first_address;
    state.take(result);
    result.path = CheckResult::Path::other;
    result.what = each.second_what;
    result.address = each.second_address;
    result.by = each.by;
    state.take(result);
    EXPECT_EQ(state.what(), each.words);
  }
}

TEST_F(CheckStateTest, AGoodOneBetweenFailuresBeginsTheCountAnew) {
  check_.failing_after = 3;
  bring_to(State::up);
  failed(), failed(), good(), failed(), failed();
  EXPECT_EQ(state().state(), State::failing);
  failed();
  EXPECT_EQ(state().state(), State::down);
}

TEST_F(CheckStateTest, WhileDownTheWordsStayThoseOfTheFailure) {
  bring_to(State::down);
  const std::string what = state().what();
  good();
  EXPECT_EQ(state().what(), what);
}

TEST_F(CheckStateTest, AFailureThatTheSecondLookDoesNotSeeDoesNotCount) {
  bring_to(State::up);
  for (unsigned i = 1; i < CheckState::unsteady_failures; ++i) EXPECT_FALSE(failed_only_by_the_usual_path());
  EXPECT_EQ(state().state(), State::up);
  EXPECT_THAT(state().what(), HasSubstr("good over IPv6 (::1); before that: status 503"));
}

TEST_F(CheckStateTest, FiveFailedFirstLooksOfTenAreAFailure) {
  // given
  bring_to(State::up);
  for (int i = 0; i < 4; ++i) failed_only_by_the_usual_path(), good();
  EXPECT_EQ(state().state(), State::up);
  // when
  const auto change = failed_only_by_the_usual_path();
  // then
  ASSERT_TRUE(change);
  EXPECT_EQ(change->to, State::down);
  EXPECT_THAT(change->what, HasSubstr("failed in 5 of the last 10 looks"));
}

TEST_F(CheckStateTest, FourFailedFirstLooksOfTenAreNot) {
  bring_to(State::up);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 4; ++i) failed_only_by_the_usual_path();
    for (int i = 0; i < 6; ++i) good();
    EXPECT_EQ(state().state(), State::up);
  }
}

TEST_F(CheckStateTest, ExactlySlowAfterIsNotSlow) {
  bring_to(State::up);
  for (int i = 0; i < 5; ++i) good(1s);
  EXPECT_EQ(state().state(), State::up);
}

TEST_F(CheckStateTest, NeverSlowWithoutALimit) {
  check_.slow_after = 0s;
  bring_to(State::up);
  for (int i = 0; i < 5; ++i) good(9s);
  EXPECT_EQ(state().state(), State::up);
}

TEST_F(CheckStateTest, SilenceOfJustThePatienceIsNotSilence) {
  bring_to(State::up);
  EXPECT_FALSE(state().tick(now_ + 110s).change);
  const auto step = state().tick(now_ + 110s + 1ns);
  ASSERT_TRUE(step.change);
  EXPECT_EQ(step.change->to, State::unknown);
}

TEST_F(CheckStateTest, TheTimeAJourneyMayTakeIsNotSilence) {
  check_.probe = JourneyProbe{.steps = {JourneyStep{}, JourneyStep{}, JourneyStep{}}};
  bring_to(State::up);
  EXPECT_FALSE(state().tick(now_ + 90s + 60s).change);
  EXPECT_TRUE(state().tick(now_ + 90s + 60s + 1ns).change);
}

TEST_F(CheckStateTest, ALeapOfTheClockIsNotSilence) {
  bring_to(State::up);
  state().clock_moved(5h);
  EXPECT_FALSE(state().tick(now_ + 5h + 110s).change);
  EXPECT_TRUE(state().tick(now_ + 5h + 110s + 1ns).change);
}

TEST_F(CheckStateTest, FlapsAreDamped) {
  // given: six changes between up and down
  bring_to(State::up);
  for (int i = 0; i < 3; ++i) failed(), failed(), good(), good();
  EXPECT_FALSE(state().flapping(now_));
  EXPECT_EQ(state().state(), State::up);
  // when: the seventh
  failed(), failed();
  // then: it takes three times as many good ones
  EXPECT_TRUE(state().flapping(now_));
  for (int i = 0; i < 5; ++i) good();
  EXPECT_EQ(state().state(), State::down);
  good();
  EXPECT_EQ(state().state(), State::up);
}

TEST_F(CheckStateTest, AnHourLaterItDoesNotFlapAnyMore) {
  bring_to(State::up);
  failed(), failed();
  const WallTime first_turn = now_;
  good(), good();
  for (int i = 0; i < 2; ++i) failed(), failed(), good(), good();
  failed(), failed();
  EXPECT_TRUE(state().flapping(first_turn + 1h - 1ns));
  EXPECT_FALSE(state().flapping(first_turn + 1h));
}

TEST_F(CheckStateTest, NewSettingsKeepTheState) {
  bring_to(State::down);
  const WallTime since = state().since();
  check_.good_after = 1;
  state().replace(check_);
  EXPECT_EQ(state().state(), State::down);
  EXPECT_EQ(state().since(), since);
  good();
  EXPECT_EQ(state().state(), State::up);
}

TEST_F(CheckStateTest, ARestartGoesOnWhereItWas) {
  bring_to(State::down);
  CheckState after(check_);
  after.restore(state().save());
  EXPECT_EQ(after.state(), State::down);
  EXPECT_EQ(after.since(), state().since());
  EXPECT_EQ(after.what(), state().what());
}

class HeartbeatStateTest : public CheckStateTest {
 protected:
  HeartbeatStateTest() { check_.probe = HeartbeatProbe{.every = 24h, .grace = 10min, .token = "t"}; }
  CheckState::Step beat(CheckResult::Outcome outcome = CheckResult::Outcome::good) {
    return state().take(result(outcome, CheckResult::Path::usual));
  }
};

TEST_F(HeartbeatStateTest, OneHeartbeatIsUp) { EXPECT_EQ(beat().change.value().to, State::up); }

TEST_F(HeartbeatStateTest, SilenceIsDownAtOnceAndNotBefore) {
  beat();
  EXPECT_FALSE(state().tick(now_ + 24h + 10min).change);
  const auto step = state().tick(now_ + 24h + 10min + 1s);
  ASSERT_TRUE(step.change);
  EXPECT_EQ(step.change->to, State::down);
  EXPECT_EQ(step.change->what, "no heartbeat for 24 h, expected every 24 h");
  EXPECT_FALSE(state().tick(now_ + 30h).change);
  now_ += 31h;
  EXPECT_EQ(beat().change.value().to, State::up);
}

TEST_F(HeartbeatStateTest, OneThatNeverCameIsMissedFromTheFirstTickOn) {
  EXPECT_FALSE(state().tick(state_start).change);
  EXPECT_FALSE(state().tick(state_start + 24h + 10min).change);
  EXPECT_EQ(state().tick(state_start + 24h + 10min + 1ns).change.value().to, State::down);
}

TEST_F(HeartbeatStateTest, AReportedFailureIsDownWithoutASecondLook) {
  beat();
  const auto step = beat(CheckResult::Outcome::failed);
  EXPECT_EQ(step.next, Next::wait);
  EXPECT_EQ(step.change.value().to, State::down);
}

}  // namespace
}  // namespace tenfold::watch
