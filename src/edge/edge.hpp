#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/latency_histogram.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "cache/cache.hpp"
#include "edge/access_log/access_ring.hpp"
#include "edge/admit/guard_window.hpp"
#include "edge/guard_policy.hpp"
#include "edge/guard_rooms.hpp"
#include "edge/policy.hpp"
#include "edge/worker/worker.hpp"
#include "net/loop.hpp"
#include "origin/directory.hpp"

namespace tenfold::edge {

// Fixed at start. The references must outlive the edge.
struct EdgeSetup {
  const Clock& clock;
  origin::Directory& directory;
  cache::Cache* cache = nullptr;         // null: nothing is cached
  std::vector<net::Endpoint> addresses;  // to listen on, in the order of Policy::listeners; port 0: the system chooses
  std::uint32_t workers = 1;             // threads
  net::Backend backend = net::Backend::automatic;
  std::size_t access_log_bytes = 0;  // of each worker's ring; 0: no request is logged
  std::shared_ptr<const GuardPolicy> guard = std::make_shared<const GuardPolicy>();
  // For the guard's hashes of clients, and how it counts them; the same secret in both.
  SipKey guard_key = {};
  guard::Meter::Options guard_meter = {};
  GuardRooms* guard_rooms = nullptr;  // null: the guard stays off
  // Makes each worker's own, by its number. Empty: nobody looks at connections.
  std::function<std::unique_ptr<http::ConnectionObserver>(std::uint32_t)> make_observer = {};
};

// Sums over all workers since the start, and what is open now.
struct EdgeSnapshot {
  std::uint64_t requests = 0;       // answered, whatever the status
  std::uint64_t client_errors = 0;  // with 4xx, but for the guard's own
  std::uint64_t server_errors = 0;  // with 5xx, likewise
  std::uint64_t guard_answers = 0;  // the guard's own: challenges, places to wait at, refusals, ways in
  std::uint64_t rehearsals = 0;     // of the requests: those of our own rehearsals
  std::uint64_t from_cache = 0;
  std::uint64_t body_bytes = 0;
  std::int64_t open_connections = 0;
  LatencyHistogram::Counts latency{};
  std::uint64_t latency_sum_us = 0;
};

// The data path as a whole: listening sockets and workers. Made, started, drained and destroyed by one thread; the
// snapshots from any.
class Edge {
 public:
  // Opens the listening sockets (as root still, where ports are low). Errors: those of Loop::listen, naming the
  // address.
  static Result<std::unique_ptr<Edge>> make(EdgeSetup setup, std::shared_ptr<const Policy> policy);
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;
  ~Edge();  // drained, or never started

  // Starts the workers' threads. Errors: exhausted, unsupported (no loop can be made).
  Result<void> start();
  // Requests that begin from now on follow the new policy. It must have as many listeners as before.
  void adopt(std::shared_ptr<const Policy> policy);
  void adopt(std::shared_ptr<const GuardPolicy> guard);
  // Stops accepting, lets requests and connections end, resets what is open after the grace time. Returns when all
  // workers have ended.
  void drain(Duration grace);

  const std::vector<net::Endpoint>& addresses() const { return setup_.addresses; }  // with the ports chosen
  std::string_view backend() const;
  std::uint32_t workers() const { return setup_.workers; }
  std::vector<AccessRing*> access_rings();
  // What the workers count for the guard, once started; for one thread.
  std::vector<WindowExchange*> guard_windows();
  // Has all workers hand over what they have counted by now, and waits for it, at most so long: who is busy for longer
  // is heard the next time.
  void call_windows_in(Duration at_most);
  EdgeSnapshot snapshot() const;
  void describe(MetricsText& out) const;

 private:
  Edge(EdgeSetup setup, std::shared_ptr<const Policy> policy);
  Result<void> open_sockets();

  EdgeSetup setup_;
  std::shared_ptr<const Policy> policy_;
  std::vector<std::vector<int>> sockets_;  // by worker, then by listener; the workers' once started
  std::vector<std::unique_ptr<AccessRing>> rings_;
  Places places_;
  std::unique_ptr<RoomCall> room_call_;  // null: there is one worker
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
};

}  // namespace tenfold::edge
