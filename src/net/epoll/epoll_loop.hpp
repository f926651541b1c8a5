#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/loop.hpp"

namespace tenfold::net {

// For machines where io_uring is off. Edge-triggered; a socket is read only when somebody waits for its bytes.
Result<std::unique_ptr<Loop>> make_epoll_loop(const Clock& clock);

}  // namespace tenfold::net
