#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/clock.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"

namespace tenfold::edge {

// Asked each second with how many bytes a second both sides together send, if that is known: whether it may go on.
using MayGoOn = std::function<bool(std::optional<std::uint64_t> bytes_per_s)>;

// Told whom to call when that is to be asked at once; null: nobody any more.
using CallWhenAsked = std::function<void(void (*look)(void* tunnel), void* tunnel)>;

// Carries bytes both ways until both sides have finished, one breaks off, nothing moves either way for `idle`, or it
// may not go on. Returns whether it might.
net::Task<bool> carry_both_ways(net::Stream& a, net::Stream& b, Duration idle, MayGoOn may_go_on,
                                CallWhenAsked call_when_asked);

}  // namespace tenfold::edge
