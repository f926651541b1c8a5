#pragma once

#include <memory>

#include "cache/cache.hpp"
#include "edge/visit.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// Asks an origin and passes its answer on, feeding the cache on the way (`fill` may be empty). When no origin answers
// well and the fill has something stale, that is served.
net::Task<void> relay(Visit& visit, cache::Fill fill, cache::CacheStatus status);

// Passes a request to change protocols on; after 101 carries bytes both ways until both sides have ended.
net::Task<void> relay_upgrade(Visit& visit);

// A request's head that owns its texts: it outlives the exchange that it came with.
struct KeptRequest {
  explicit KeptRequest(const http::RequestHead& original);
  Arena arena;
  http::RequestHead head;
};

// Fetches for the cache only: nobody waits for the answer.
net::Task<void> refresh(Site& site, std::shared_ptr<const Policy> policy, origin::RouteRef route, ClientFacts client,
                        net::IpAddress peer, std::unique_ptr<KeptRequest> request, cache::Fill fill);

}  // namespace tenfold::edge
