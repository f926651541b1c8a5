#pragma once

#include "base/clock.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"

namespace tenfold::edge {

// Carries bytes both ways until both sides have finished, one breaks off, or nothing moves either way for `idle`.
net::Task<void> carry_both_ways(net::Stream& a, net::Stream& b, Duration idle);

}  // namespace tenfold::edge
