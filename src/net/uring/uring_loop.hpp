#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/loop.hpp"

namespace tenfold::net {

// io_uring with deferred task running, multishot accept and receive, and provided buffers: a receive that waits holds
// no memory. Needs Linux 6.1. Errors: unsupported, with the reason.
Result<std::unique_ptr<Loop>> make_uring_loop(const Clock& clock);

}  // namespace tenfold::net
