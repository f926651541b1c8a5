#pragma once

#include <memory>

#include "cache/fill.hpp"
#include "edge/identify/client_address.hpp"
#include "edge/kept_head.hpp"
#include "edge/policy.hpp"
#include "edge/site.hpp"
#include "net/task.hpp"
#include "origin/route.hpp"

namespace tenfold::edge {

// Fetches for the cache only: nobody waits for the answer.
net::Task<void> refresh(Site& site, std::shared_ptr<const Policy> policy, origin::RouteRef route, ClientFacts client,
                        net::IpAddress peer, std::unique_ptr<KeptRequest> request, cache::Fill fill);

}  // namespace tenfold::edge
