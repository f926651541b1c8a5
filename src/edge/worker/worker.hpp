#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "cache/cache.hpp"
#include "edge/access_log/access_ring.hpp"
#include "edge/admit/gatekeeper.hpp"
#include "edge/guard_policy.hpp"
#include "edge/handler.hpp"
#include "edge/metrics.hpp"
#include "edge/policy.hpp"
#include "edge/site.hpp"
#include "edge/worker/places.hpp"
#include "edge/worker/room_call.hpp"
#include "http/chores.hpp"
#include "http/server.hpp"
#include "net/intrusive_list.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"
#include "origin/directory.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::edge {

// What a worker is given; all references must outlive it.
struct WorkerSetup {
  unsigned number = 0;
  unsigned workers = 1;  // in all
  const Clock& clock;
  origin::Directory& directory;
  Places& places;                 // for Policy::connections of all workers
  RoomCall* room_call = nullptr;  // of all workers; null: there is no other
  cache::Cache* cache = nullptr;
  AccessRing* access_log = nullptr;
  SipKey guard_key = {};  // for hashes of clients
  guard::Meter::Options guard_meter = {};
  GuardRooms* guard_rooms = nullptr;                             // null: the guard stays off
  std::unique_ptr<http::ConnectionObserver> observer = nullptr;  // null: nobody looks
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const GuardPolicy> guard;
  // Listening sockets, in the order of Policy::listeners; the worker closes them.
  std::vector<net::Endpoint> addresses;
  std::vector<int> sockets;
};

// A connection from a client: known to its worker, so that it can be ended when draining takes too long.
struct ClientConnection : net::ListNode {
  net::Stream* stream = nullptr;
};

// A connection on which nothing has come where a PROXY header or a TLS handshake must be first; lies in the task that
// waits for it.
struct SilentConnection : net::ListNode {
  SilentConnection(net::Stream& its_stream, TimePoint now) : stream(its_stream), since(now) {}
  void close();  // ends the task that waits

  net::Stream& stream;
  const TimePoint since;
};

// The shop's pages for what the connection itself refuses, before there is a request whose wishes could be known.
class RefusalPages final : public http::ErrorPages {
 public:
  explicit RefusalPages(const Site& site) : site_(site) {}
  std::string page(int status, std::string_view explanation) const override;

 private:
  const Site& site_;
};

// One worker: its loop, listeners, connections to origins and counters, on the thread that calls run(). Shares nothing
// with other workers but the cache, the directory and the count of connections.
class Worker {
 public:
  Worker(WorkerSetup setup, std::unique_ptr<net::Loop> loop);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  // Serves until drained. On the worker's own thread.
  void run();

  // From any thread. Take effect soon.
  void adopt(std::shared_ptr<const Policy> policy);
  void adopt(std::shared_ptr<const GuardPolicy> guard);
  // What it has counted for the guard by then is with the brain when `done` is called, on the worker's thread.
  void hand_over_window(std::function<void()> done);
  // For the room call: has it an idle connection whose turn it is? Closes the longest idle one, if it is this worker's
  // to close one.
  void look_for_room(http::IdleTurn turn);
  // Stops accepting, lets connections end, and after the grace time resets those that are still open and ends all that
  // waits for an origin; run() then returns.
  void drain(Duration grace);

  const WorkerMetrics& metrics() const { return metrics_; }
  const origin::UpstreamMetrics& upstream_metrics() const { return upstreams_->metrics(); }
  std::string_view backend() const { return loop_->backend(); }
  Gatekeeper& gatekeeper() { return *gatekeeper_; }

 private:
  struct Gate {  // one listener of this worker
    std::unique_ptr<net::Listener> listener;
    std::unique_ptr<RequestHandler> handler;
    std::unique_ptr<http::ServerContext> context;
  };

  net::Task<void> accept(std::size_t gate);
  // For a connection that has just come; empty: none. At the limit the longest idle stranger's connection of this
  // worker is closed for it. Where this worker has none that has been idle for long enough, all are asked: this
  // newcomer is turned away, and the next finds the place.
  Place find_place();
  Place find_place_of(http::IdleTurn turn);
  // The worker's part of the memory for answers whose clients are slow.
  void share_answer_memory();
  // The connection that goes in that turn, the first or the second; none: none has been idle for long enough.
  struct Idle {
    TimePoint since{};
    http::ServerContext* context = nullptr;  // null: it has not said anything yet, and is the first of silent_
    http::IdleTurn list = http::IdleTurn::first;
  };
  std::optional<Idle> longest_idle(http::IdleTurn turn) const;
  void displace(const Idle& idle);
  net::Task<void> serve(std::size_t gate, std::unique_ptr<net::Stream> stream, Place place);
  // What precedes the first request: the balancer's PROXY header, which names the client, and the TLS handshake, which
  // replaces the stream. False: neither came as it must, and the connection is over.
  net::Task<bool> open(std::size_t gate, ClientConnection& connection, std::unique_ptr<net::Stream>& stream,
                       http::ToldClient& client);
  // The TLS handshake of that client, which pays for it while it goes on.
  net::Task<bool> secure(std::size_t gate, std::unique_ptr<net::Stream>& stream, net::IpAddress client);
  // The client of this listener began what it did not finish: a handshake, a request. Never a proxy, which speaks for
  // others.
  void note_half_sent(const net::IpAddress& client);
  // What that client's connection costs beside requests (BurntWatch). Nothing where the guard is off.
  bool turns_away(const net::IpAddress& client);
  http::Burning burn(const net::IpAddress& client, http::Chore chore);
  // By whose measure the client is to be dropped, where no kernel did it before and connections are becoming few; none:
  // it may come in.
  std::optional<guard::judging::Subject> dropped(std::size_t gate, const net::Stream& stream) const;
  // The connection's first bytes, or those behind its PROXY header, which must come within Limits::head_timeout.
  net::Task<Result<net::Buffer>> read_first(net::Stream& stream);
  net::Task<void> drain_all(Duration grace);
  net::Task<void> wait_until_served(TimePoint deadline);  // or until the deadline

  WorkerSetup setup_;
  std::unique_ptr<net::Loop> loop_;
  FastRandom random_;
  WorkerMetrics metrics_;
  http::ServerLimits limits_;  // the current policy's, at a place that connections can refer to
  http::DrainSignal drain_;
  Gatekeeper* gatekeeper_;  // upstreams_'s
  std::unique_ptr<origin::Upstreams> upstreams_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<RefusalPages> refusal_pages_;
  std::vector<Gate> gates_;
  net::Scope accepting_;
  net::Scope serving_;
  net::Scope draining_;
  net::IntrusiveList<ClientConnection> connections_;
  net::IntrusiveList<SilentConnection> silent_;  // the longest silent first
};

}  // namespace tenfold::edge
