#pragma once

#include <memory>

#include "cache/cache.hpp"
#include "edge/kept_head.hpp"
#include "edge/visit.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// Asks an origin and passes its answer on, feeding the cache on the way (`fill` may be empty; visit.cache says why the
// request goes on). When no origin answers well and the fill has something stale, that is served. A fetch that others
// wait for depends on nothing that this client does: see Intake and Wanted.
net::Task<void> relay(Visit& visit, cache::Fill fill);

// Passes a request to change protocols on; after 101 carries bytes both ways until both sides have ended.
net::Task<void> relay_upgrade(Visit& visit);

// Fetches for the cache only: nobody waits for the answer.
net::Task<void> refresh(Site& site, std::shared_ptr<const Policy> policy, origin::RouteRef route, ClientFacts client,
                        net::IpAddress peer, std::unique_ptr<KeptRequest> request, cache::Fill fill);

}  // namespace tenfold::edge
