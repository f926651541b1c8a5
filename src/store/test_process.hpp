#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <utility>

#include "base/result.hpp"

namespace tenfold::store {

// A child process that runs a function, for tests of what processes do to each other through a file. The child leaves
// with the function's value as its exit code, and without destructors. Open databases must not be taken across.
class TestProcess {
 public:
  explicit TestProcess(const std::function<int()>& work) {
    pid_ = ::fork();
    TENFOLD_ASSERT(pid_ >= 0);
    if (pid_ == 0) ::_exit(work());
  }
  TestProcess(TestProcess&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  TestProcess(const TestProcess&) = delete;
  TestProcess& operator=(const TestProcess&) = delete;
  ~TestProcess() {
    if (pid_ > 0) kill();
  }

  // The exit code; minus the signal's number where one ended it.
  int wait() {
    int status = 0;
    TENFOLD_ASSERT(::waitpid(std::exchange(pid_, 0), &status, 0) > 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  int kill() {
    ::kill(pid_, SIGKILL);
    return wait();
  }

 private:
  pid_t pid_ = 0;
};

// Lets a child tell its parent that it is where the test wants it.
class TestSignal {
 public:
  TestSignal() { TENFOLD_ASSERT(::pipe(ends_) == 0); }
  ~TestSignal() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  TestSignal(const TestSignal&) = delete;
  TestSignal& operator=(const TestSignal&) = delete;
  void give() { TENFOLD_ASSERT(::write(ends_[1], "x", 1) == 1); }
  void await() {
    char byte = 0;
    TENFOLD_ASSERT(::read(ends_[0], &byte, 1) == 1);
  }

 private:
  int ends_[2] = {-1, -1};
};

}  // namespace tenfold::store
