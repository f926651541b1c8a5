#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/clock.hpp"
#include "http/chores.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"

namespace tenfold::edge {

// Asked each second with how many bytes a second both sides together send, if that is known: whether it may go on.
using MayGoOn = std::function<bool(std::optional<std::uint64_t> bytes_per_s)>;

// Told whom to call when that is to be asked at once; null: nobody any more.
using CallWhenAsked = std::function<void(void (*look)(void* tunnel), void* tunnel)>;

// Told of each read of what the client sends: whether it may send more.
using ClientReads = std::function<http::Burning()>;

enum class TunnelEnd : std::uint8_t {
  of_itself,  // both sides have finished, one broke off, or nothing moved
  not_kept,   // it might not go on
  burnt,      // its client might not send more
};

// Carries bytes both ways until both sides have finished, one breaks off, nothing moves either way for `idle`, it may
// not go on, or its client may not send more.
net::Task<TunnelEnd> carry_both_ways(net::Stream& client, net::Stream& origin, Duration idle, MayGoOn may_go_on,
                                     CallWhenAsked call_when_asked, ClientReads client_reads);

}  // namespace tenfold::edge
