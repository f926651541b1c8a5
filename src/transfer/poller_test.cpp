#include "transfer/poller.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

namespace tenfold::transfer {
namespace {

using namespace std::chrono_literals;

class PollerTest : public ::testing::Test {
 protected:
  SystemClock clock_;
  std::unique_ptr<Poller> poller_ = *Poller::make(clock_);
  std::string order_;
};

TEST_F(PollerTest, CallsTimersInTheOrderOfTheirMoments) {
  const TimePoint now = poller_->now();
  poller_->at(now + 2ms, [&] { order_ += 'b', poller_->stop(); });
  poller_->at(now + 1ms, [&] { order_ += 'a'; });
  const auto cancelled = poller_->at(now + 1ms, [&] { order_ += 'x'; });
  poller_->cancel(cancelled);
  poller_->cancel(cancelled);
  poller_->run();
  EXPECT_EQ(order_, "ab");
}

TEST_F(PollerTest, ATimerMayCancelAnotherThatIsDueAtOnce) {
  const TimePoint now = poller_->now();
  Poller::TimerId second = 0;
  poller_->at(now, [&] { poller_->cancel(second); });
  second = poller_->at(now, [&] { order_ += 'x'; });
  poller_->run_until(now + 5ms);
  EXPECT_EQ(order_, "");
}

TEST_F(PollerTest, TakesWhatOtherThreadsPostInOrder) {
  std::thread other([&] {
    for (const char c : std::string("hello")) poller_->post([&, c] { order_ += c; });
    poller_->post([&] { poller_->stop(); });
  });
  poller_->run();
  other.join();
  EXPECT_EQ(order_, "hello");
}

TEST_F(PollerTest, PastTheBoundNothingMoreIsPosted) {
  for (std::size_t i = 0; i < Poller::most_posted; ++i) ASSERT_TRUE(poller_->post([] {}));
  EXPECT_FALSE(poller_->post([] {}));
  poller_->run_until(poller_->now());
  EXPECT_TRUE(poller_->post([] {}));
}

TEST_F(PollerTest, TellsOfReadyDescriptorsUntilTheyAreUnwatched) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_TRUE(poller_->watch(ends[0], Poller::Interest::read, [&](Poller::Interest interest) {
    EXPECT_EQ(interest, Poller::Interest::read);
    char c = 0;
    ASSERT_EQ(::read(ends[0], &c, 1), 1);
    order_ += c;
    if (c == '2') {
      poller_->unwatch(ends[0]);
      poller_->at(poller_->now() + 5ms, [&] { poller_->stop(); });
    }
  }));
  ASSERT_EQ(::write(ends[1], "123", 3), 3);
  poller_->run();
  EXPECT_EQ(order_, "12");
  ::close(ends[0]);
  ::close(ends[1]);
}

// Both ends of two pipes are ready in the same batch; the first that is called closes the other's and opens it anew
// under the same number. What the kernel said of the old one must not be told of the new one.
TEST_F(PollerTest, AnEventOfAClosedDescriptorIsNotToldToItsSuccessor) {
  for (int round = 0; round < 4; ++round) {
    std::array<std::array<int, 2>, 2> pipes{};
    std::array<int, 2> spare{};
    ASSERT_EQ(::pipe(spare.data()), 0);
    int told = 0;
    for (auto& ends : pipes) {
      ASSERT_EQ(::pipe(ends.data()), 0);
      ASSERT_EQ(::write(ends[1], "x", 1), 1);
    }
    for (int i : {0, 1}) {
      ASSERT_TRUE(poller_->watch(pipes[i][0], Poller::Interest::read, [&, i](Poller::Interest) {
        ++told;
        const int other = pipes[1 - i][0];
        poller_->unwatch(pipes[i][0]);
        poller_->unwatch(other);
        ASSERT_EQ(::dup2(spare[0], other), other);  // empty: not ready
        ASSERT_TRUE(poller_->watch(other, Poller::Interest::read, [&](Poller::Interest) { told += 100; }));
      }));
    }
    poller_->run_until(poller_->now());
    EXPECT_EQ(told, 1);
    for (const int descriptor : {pipes[0][0], pipes[0][1], pipes[1][0], pipes[1][1], spare[0], spare[1]}) {
      poller_->unwatch(descriptor);
      ::close(descriptor);
    }
  }
}

TEST_F(PollerTest, ADescriptorThatALibraryClosedUnsaidCanBeWatchedAgain) {
  std::array<int, 2> first{};
  ASSERT_EQ(::pipe(first.data()), 0);
  ASSERT_TRUE(poller_->watch(first[0], Poller::Interest::read, [](Poller::Interest) {}));
  std::array<int, 2> second{};
  ASSERT_EQ(::pipe(second.data()), 0);
  ASSERT_EQ(::dup2(second[0], first[0]), first[0]);  // closes it, and is it
  ASSERT_TRUE(poller_->watch(first[0], Poller::Interest::read, [&](Poller::Interest) {
    order_ += 'r';
    poller_->unwatch(first[0]);
  }));
  ASSERT_EQ(::write(second[1], "x", 1), 1);
  poller_->run_until(poller_->now());
  EXPECT_EQ(order_, "r");
  for (const int descriptor : {first[0], first[1], second[0], second[1]}) ::close(descriptor);
}

TEST_F(PollerTest, AWatchThatCannotBeIsAnError) { EXPECT_FALSE(poller_->watch(-1, Poller::Interest::read, {})); }

}  // namespace
}  // namespace tenfold::transfer
