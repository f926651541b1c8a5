#pragma once

#include "cache/fill.hpp"
#include "edge/visit.hpp"
#include "net/task.hpp"

namespace tenfold::edge {

// Asks an origin and passes its answer on, feeding the cache on the way (`fill` may be empty; visit.cache says why the
// request goes on). When no origin answers well and the fill has something stale, that is served. A fetch that others
// wait for depends on nothing that this client does: see Intake and Wanted.
net::Task<void> relay(Visit& visit, cache::Fill fill);

}  // namespace tenfold::edge
