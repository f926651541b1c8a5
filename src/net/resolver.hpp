#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/cancel.hpp"
#include "net/task.hpp"

namespace tenfold::net {

class Loop;

struct Resolution {
  std::vector<IpAddress> addresses;  // as the name server ordered them; IPv6 and IPv4
  Duration time_to_live{};           // the least of the answers' TTLs; how long they may be used
};

// Turns names into addresses, and addresses into what their owner calls them. One thread only.
class Resolver {
 public:
  virtual ~Resolver() = default;
  // Address literals come back at once. Errors: unreachable (no such name, or no name server answered), timed_out,
  // cancelled (by the token, or the resolver is gone), exhausted, invalid (not a name).
  virtual Task<Result<Resolution>> resolve(std::string name, TimePoint deadline, CancelToken token) = 0;
  Task<Result<Resolution>> resolve(std::string name, TimePoint deadline) {
    return resolve(std::move(name), deadline, CancelToken());
  }

  // The names that the owner of the address block gives it (PTR), in lower case and without a dot at their end; at
  // least one, at most 16. Whoever owns a block may give it any name: only what resolve() leads back to the address is
  // proven. Errors: not_found (the address has no name), invalid (what it is called is no name), unreachable (no name
  // server answered), timed_out, cancelled, exhausted.
  virtual Task<Result<std::vector<std::string>>> reverse(IpAddress address, TimePoint deadline, CancelToken token) = 0;
};

struct ResolverOptions {
  std::vector<Endpoint> servers;                          // name servers to ask; empty: those of /etc/resolv.conf
  Duration attempt_timeout = std::chrono::seconds(1);     // for a server's answer; doubled with every further attempt
  int attempts = 3;                                       // per server
  Duration least_time_to_live = std::chrono::seconds(1);  // answers that claim less are taken to be good this long
  Duration most_time_to_live = std::chrono::hours(24);    // and at most this long
};

// c-ares over the loop, with the system's /etc/resolv.conf (as it is now) and /etc/hosts (as it is when asked). Equal
// names that are asked for at the same time share one query; at most 256 different ones are under way, and as many
// addresses; past that both fail with exhausted. May be destroyed at any time: lookups that wait then fail with
// cancelled. Needs a loop with descriptors, that is, not a simulated one. Errors: failed (c-ares could not start).
Result<std::unique_ptr<Resolver>> make_resolver(Loop& loop, const ResolverOptions& options = {});

}  // namespace tenfold::net
