#include "base/thread.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <stop_token>

#include "base/test_threads.hpp"

namespace tenfold {
namespace {

TEST(StartThread, RunsTheTask) {
  int done = 0;
  auto plain = start_thread("a thread", [&] { ++done; });
  ASSERT_TRUE(plain);
  plain->join();
  auto stoppable = start_thread<std::jthread>("a thread", [&](const std::stop_token&) { ++done; });
  ASSERT_TRUE(stoppable);
  stoppable->join();
  EXPECT_EQ(done, 2);
}

TEST(StartThread, AMachineAtItsLimitIsAnErrorAndNoException) {
  constexpr int no_right = 77;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!forbid_threads()) ::_exit(no_right);
    const auto refused = start_thread("the thread that rings", [] {});
    if (refused || refused.error().code != Errc::exhausted) ::_exit(1);
    if (refused.error().detail.find("starting the thread that rings: ") != 0) ::_exit(2);
    if (!allow_threads()) ::_exit(3);
    auto started = start_thread("the thread that rings", [] {});
    if (!started) ::_exit(4);
    started->join();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == no_right) GTEST_SKIP() << "may not change to another user here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace tenfold
