#pragma once

#include <cstddef>
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
// `open_files`: how many the process may have, which bounds the visitors that are let in; 0: no bound. `unnamed`:
// places of listeners that go on by the previous policy.
Result<std::shared_ptr<const edge::Policy>> edge_policy(const config::Replaceable& live, const edge::Policy* previous,
                                                        std::uint64_t open_files,
                                                        const std::vector<std::size_t>& unnamed = {});

// What holds for single clients.
std::shared_ptr<const edge::GuardPolicy> guard_policy(const config::Replaceable& live);

// Makes the next configuration's listeners those that run, in their order, since policy and sockets go by it. Which
// addresses are listened on changes at a restart: one that the file no longer names stays as it was, and its place is
// returned; one that runs nowhere is left out.
std::vector<std::size_t> keep_listeners(const std::vector<config::Listener>& running,
                                        std::vector<config::Listener>& next);

// Where the edge listens, in the order of the policy's listeners.
std::vector<net::Endpoint> listen_addresses(const config::Replaceable& live);

cache::CacheOptions cache_options(const config::Cache& from);

}  // namespace tenfold::app
