#pragma once

#include <cstdint>

#include "cache/cache.hpp"
#include "edge/visit.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// What a client gets when no origin has answered well: something stale where the fill has it, else a page that says so.

// No answer came. A fetch that the client itself made fail goes to one who waits for it. rank: by which it was made.
net::Task<void> answer_failure(Visit& visit, const origin::FetchFailure& failure, cache::Fill& fill, std::uint8_t rank);
// One came that is of no use.
net::Task<void> answer_bad_origin(Visit& visit, origin::Fetched& bad, cache::Fill& fill);

}  // namespace tenfold::edge
