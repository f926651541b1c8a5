#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "net/cancel.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"
#include "net/task.hpp"
#include "net/timers.hpp"
#include "origin/admission.hpp"
#include "origin/choice.hpp"
#include "origin/connection.hpp"
#include "origin/directory.hpp"
#include "origin/fetch.hpp"
#include "origin/lane.hpp"
#include "origin/lease.hpp"
#include "origin/retry_budget.hpp"
#include "origin/route.hpp"

namespace tenfold::origin {

// Counted by one worker, read by any thread.
struct UpstreamMetrics {
  Counter fetches;
  Counter failed;    // fetches that gave an error
  Counter attempts;  // requests sent or tried to be, retries included
  Counter retries;
  Counter retries_denied;  // a retry was due, but the budget was spent
  Counter connections;     // made
  Counter reused;          // attempts on a connection that had been idle
  Counter queued;          // fetches that waited for a place at a server
  Counter queue_full;      // of those turned away at once
  Counter gathered;        // responses gathered whole
  Counter suspicions;      // raised by this worker
  Counter holds_denied;  // fetches failed, or cut short, because their client, or all together, held too many places by
                         // uploads, long answers or tunnels
};

// A worker's connections to the origins: chooses a server, keeps connections, retries. One for each loop; the loop,
// directory and random source must outlive it. No fetch may be under way and no Fetched alive when it is destroyed.
class Upstreams final : private DirectoryObserver {
 public:
  // admission: null: first come, first served.
  Upstreams(Directory& directory, net::Loop& loop, Random& random, std::unique_ptr<Admission> admission = nullptr);
  Upstreams(const Upstreams&) = delete;
  Upstreams& operator=(const Upstreams&) = delete;
  ~Upstreams();

  // Where a request goes; under 100 ns with few routes. path: without the query.
  RouteRef route(std::string_view method, std::string_view authority, std::string_view path);

  // Sends the request to a server of the route and waits for its final head. Tries again on another server as
  // RetryPolicy says: idempotent requests whose body, if any, has been kept, and any request of which nothing was sent.
  net::Task<FetchResult> fetch(FetchRequest request);

  // Closes idle connections, e.g. when draining.
  void close_idle();
  // Ends everything: fetches under way, wherever they wait, and the bodies and tunnels of every Fetched fail with
  // cancelled, now and from now on. For a drain that has taken too long.
  void end();
  Admission& admission() { return *admission_; }
  const UpstreamMetrics& metrics() const { return metrics_; }
  net::Loop& loop() const { return loop_; }

 private:
  friend class Lease;
  friend class Fetched;
  friend class Flight;

  void on_topology() override;
  void on_down(Server& server) override;
  void on_room(Server& server) override;

  void adopt();  // takes the directory's topology if it is a new one
  Lane& lane(Server& server);
  Result<std::shared_ptr<net::TlsClientContext>> tls_context(Server& server);
  bool enter(const Member& member);
  void give_back(const Member& member, std::unique_ptr<Connection> connection);
  void offer_place(Server& server);
  void offer_more(const Member& member);
  void end_work(const Member& member);
  void sweep_idle();
  static void on_sweep(void* self);

  Directory& directory_;
  net::Loop& loop_;
  Random& random_;
  UpstreamMetrics metrics_;
  RetryBudget budget_;
  GenerationRef generation_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // by Server::id(); null: not used yet, or no longer
  std::unique_ptr<Admission> admission_;
  std::size_t waiting_ = 0;  // fetches that wait for a place
  net::CancelSource ending_;
  net::Scope uploads_;
  net::Timer sweep_timer_;
  Directory::Subscription subscription_;
};

}  // namespace tenfold::origin
