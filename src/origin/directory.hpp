#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "net/loop.hpp"
#include "origin/held.hpp"
#include "origin/server.hpp"
#include "origin/settings.hpp"
#include "origin/snapshot.hpp"
#include "origin/topology.hpp"

namespace tenfold::origin {

// Told, on the thread of the loop with which it subscribed, what other threads found out.
class DirectoryObserver {
 public:
  virtual void on_topology() {}        // Directory::topology() is a new one
  virtual void on_down(Server&) {}     // dead: whoever waits for its answer need not
  virtual void on_room(Server&) {}     // a place at a server became free while requests of some worker waited
  virtual void on_suspect(Server&) {}  // a check is wanted now
  virtual void on_review() {}          // ejection should be judged now

 protected:
  ~DirectoryObserver() = default;
};

// All that a process knows of its origins, shared by its threads: the topology, replaced as a whole on reload, and
// each server's state. One for each process. Thread-safe.
class Directory {
 public:
  // Errors: invalid (no pool, a pool without servers, a name twice, a route to a pool that is not there).
  static Result<std::unique_ptr<Directory>> make(Settings settings, const Clock& clock);
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory();  // no subscription is left

  // Takes new settings; servers whose address stays keep their state. Errors as in make(); the old ones then stay.
  Result<void> replace(Settings settings);

  // What a name among the servers' hosts resolves to, at most most_addresses of them, in any order: each is a server
  // from now on. One that is new beside others starts as after an outage, with less than its share. No address: nothing
  // changes.
  void set_addresses(const std::string& host, std::vector<net::IpAddress> addresses);

  std::shared_ptr<const Topology> topology() const;
  // Changes with each topology: lets a worker see without a lock that there is a new one.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  const Clock& clock() const { return clock_; }
  // Of all workers together.
  HeldPlaces& held() { return held_; }
  Witnesses& witnesses() { return witnesses_; }

  struct Link;
  // Ends with its death, which must be on the loop's thread (or after it). The loop must live until then.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(Subscription&&) noexcept = default;
    Subscription& operator=(Subscription&& other) noexcept;
    ~Subscription() { end(); }
    void end();
    // Calls it for the observer, soon, unless the subscription ends before.
    void post(std::function<void()> call);

   private:
    friend class Directory;
    Directory* directory_ = nullptr;
    std::shared_ptr<Link> link_;
  };
  // `worker`: counts as one of the workers that share the retry budget.
  enum class Kind : std::uint8_t { worker, other };
  Subscription subscribe(net::Loop& loop, DirectoryObserver& observer, Kind kind);
  std::uint32_t workers() const { return workers_.load(std::memory_order_relaxed); }  // at least 1

  // Tell the observers, each on its own thread, soon: workers of what is down or has room, the others of the rest.
  void suspect(Server& server);  // marks it; does nothing if it is marked already
  void announce_down(Server& server);
  void announce_room(Server& server);
  void ask_review();

  // As the console and the metrics show it. Takes microseconds per server and a short lock.
  std::vector<PoolSnapshot> snapshot() const;
  void describe(MetricsText& text) const;

  // What the checks found, for the snapshot.
  void report(const Server& server, CheckReport report);

 private:
  struct Shared;
  explicit Directory(const Clock& clock);
  void count_workers();
  enum class Change : std::uint8_t { settings, addresses };
  Result<void> install(Shared& shared, Settings settings, Change change);
  static void forget_idle(Shared& shared);
  void tell_topology();
  // Calls it for each observer of that kind, on that one's thread.
  void tell(Kind kind, const std::function<void(DirectoryObserver&)>& call);

  const Clock& clock_;
  std::unique_ptr<Guarded<Shared>> shared_;
  HeldPlaces held_;
  Witnesses witnesses_;
  std::atomic<std::uint64_t> version_{0};
  std::atomic<std::uint32_t> workers_{1};
};

}  // namespace tenfold::origin
