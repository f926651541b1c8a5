#pragma once

#include <coroutine>
#include <exception>

#include "net/frame_pool.hpp"

namespace tenfold::net {

// A coroutine that starts when called and frees itself at its end; nobody awaits it. For work that has to outlive the
// object that started it until the kernel is done: it owns (by shared_ptr, as a parameter) all that it touches after
// its first wait, and that object's destructor cancels what it waits for. Anything else belongs into a Scope.
struct Detached {
  struct promise_type : FrameAllocated {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };
};

}  // namespace tenfold::net
