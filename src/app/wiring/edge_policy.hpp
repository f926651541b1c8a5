#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cache/options.hpp"
#include "config/config.hpp"
#include "edge/guard_policy.hpp"
#include "edge/policy.hpp"
#include "net/address.hpp"

namespace tenfold::app {

// What the edge does with requests, by shop.yaml. Reads the certificates: not for a worker's thread. `previous` hands
// its TLS ticket keys on. Errors: invalid, naming the certificate's file.
// `open_files`: how many the process may have, which bounds the visitors that are let in; 0: no bound.
Result<std::shared_ptr<const edge::Policy>> edge_policy(const config::Replaceable& live, const edge::Policy* previous,
                                                        std::uint64_t open_files);

// What holds for single clients.
std::shared_ptr<const edge::GuardPolicy> guard_policy(const config::Replaceable& live);

// Puts the next configuration's listeners into the order of those that run, since policy and sockets go by it. False if
// their addresses differ.
bool order_listeners(const std::vector<config::Listener>& running, std::vector<config::Listener>& next);

// Where the edge listens, in the order of the policy's listeners.
std::vector<net::Endpoint> listen_addresses(const config::Replaceable& live);

cache::CacheOptions cache_options(const config::Cache& from);

}  // namespace tenfold::app
