#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/result.hpp"

namespace tenfold {

// A thread that runs the task, or why there is none: a machine at its limit of processes refuses one with an exception,
// which nobody waits for at three in the morning. `what` names the thread in the error: "the thread that rings".
// Errors: exhausted.
template <class Thread = std::thread, class Task>
Result<Thread> start_thread(std::string_view what, Task task) {
  try {
    return Thread(std::move(task));
  } catch (const std::system_error& refused) {
    return fail(Errc::exhausted, "starting " + std::string(what) + ": " + refused.code().message());
  }
}

}  // namespace tenfold
