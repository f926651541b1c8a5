#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "origin/router.hpp"
#include "origin/server.hpp"
#include "origin/settings.hpp"

namespace tenfold::origin {

struct Pool;

// How many ranks of requests those who wait are told apart by; the least comes first.
inline constexpr std::size_t ranks = 8;

// A server in its place: the same Server may be in several pools.
struct Member {
  Server* server = nullptr;
  const Pool* pool = nullptr;
  std::uint32_t weight = 1;
  std::uint32_t max_connections = 0;
  std::string sticky;  // the cookie value that leads here
};

// What workers share of a pool besides its servers; carried over a reload by the pool's name.
class PoolLoad {
 public:
  std::atomic<std::uint32_t> active{0};   // only counted where the pool has a total limit
  std::atomic<std::uint32_t> waiting{0};  // requests of all workers in the queue for a connection

  // What the pool's servers work on: requests whose answer's head is not here yet, of all workers. Not those whose body
  // is still being streamed, whose time is the client's.
  std::atomic<std::uint32_t> working{0};
  // As much of it as is sent to the pool at once; 0: no limit but the servers'. Set by whoever learns what they bear.
  std::atomic<std::uint32_t> limit{0};
  // How much longer than usual whatever is asked takes at the servers now, in ns: servers that queue, or have become
  // slower. 0: not known. Set by whoever learns what they bear.
  std::atomic<std::int64_t> late_ns{0};
  // The most that `working` has been since somebody set it back.
  std::atomic<std::uint32_t> peak{0};
  bool may_work() const {
    const std::uint32_t most = limit.load(std::memory_order_relaxed);
    return most == 0 || working.load(std::memory_order_relaxed) < most;
  }
  // Takes a place, unless all are taken.
  bool begin_work();
  void end_work() { working.fetch_sub(1, std::memory_order_relaxed); }

  // Of those that wait, by Claim::rank: how many on all workers.
  std::array<std::atomic<std::uint32_t>, ranks> waiting_of{};
  // Whether a request of a better rank waits at any worker.
  bool better_waits(std::size_t rank) const {
    for (std::size_t each = 0; each < rank; ++each) {
      if (waiting_of[each].load(std::memory_order_relaxed) != 0) return true;
    }
    return false;
  }

  // Places are short from when a request finds none until none has for this long; for a rank, where requests of that
  // one or a better find none.
  static constexpr Duration short_for = std::chrono::seconds(10);
  void note_shortage(TimePoint now, std::size_t rank = 0) {
    last_short_ns_[rank].store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }
  bool is_short(TimePoint now, std::size_t rank = ranks - 1) const {
    if (better_waits(rank + 1)) return true;
    for (std::size_t each = 0; each <= rank; ++each) {
      const std::int64_t last = last_short_ns_[each].load(std::memory_order_relaxed);
      if (last != never && now.time_since_epoch().count() - last < Duration(short_for).count()) return true;
    }
    return false;
  }

 private:
  static constexpr std::int64_t never = INT64_MIN;
  std::array<std::atomic<std::int64_t>, ranks> last_short_ns_{never, never, never, never, never, never, never, never};
};

struct Pool {
  PoolSettings settings;
  std::vector<Member> members;
  std::shared_ptr<PoolLoad> load;
  std::uint32_t index = 0;  // in Topology::pools
};

// Pools of one region that follow each other: one set of servers to choose from.
struct Tier {
  PoolSettings::Role role = PoolSettings::Role::active;
  std::vector<const Member*> members;
  enum class Weights : std::uint8_t { equal, different } weights = Weights::equal;
};

// Where a kind of request may go: active tiers in order, then standby tiers in order.
struct Route {
  std::string name;  // of its first pool, for logs and limits
  std::vector<const Pool*> pools;
  std::vector<Tier> tiers;
  std::string_view sticky_cookie;  // of the first pool that has one; empty: none
  std::uint32_t label = 0;         // RouteSettings::label; 0 for the default
  std::uint32_t places = 0;        // connections that its pools may have, in all
};

// All pools, servers and routes as configured. Immutable; a reload makes a new one that shares the Server objects.
struct Topology {
  Settings settings;
  std::vector<std::shared_ptr<Server>> servers;  // each once, however many pools it is in
  std::vector<std::unique_ptr<Pool>> pools;
  std::vector<Route> routes;  // as in settings; the last is for requests that no other matches
  Router router;
  std::uint64_t version = 0;
  // The version with which these settings came; names may have got other addresses since.
  std::uint64_t settings_version = 0;
};

// A name has no more servers than this; further addresses are left out.
inline constexpr std::size_t most_addresses = 16;

// What outlives a reload: servers by address and TLS, loads by the pool's name, and what names resolve to. Not
// thread-safe.
struct ServerBook {
  std::map<std::string, std::shared_ptr<Server>> servers;
  std::map<std::string, std::vector<net::IpAddress>> addresses;  // by host name; sorted
  // Servers that left lately, the last of them at the end; at most 64. A name whose addresses come and go, as name
  // servers that give out some of many do, so makes no new servers each time.
  std::deque<std::pair<std::string, std::shared_ptr<Server>>> gone;
  std::map<std::string, std::shared_ptr<PoolLoad>> loads;
  std::uint32_t next_id = 0;
};

// Builds the topology; takes known servers from the book and leaves in it those that the topology uses.
// Errors: invalid (the book is then unchanged): no pool, none that is active, a pool without servers or with more than
// 1024, a server without host or with a path that is no Unix socket's, a name twice, a weight outside 1..1000, a route
// to a pool that is not there.
Result<std::shared_ptr<Topology>> build_topology(Settings settings, ServerBook& book);

}  // namespace tenfold::origin
