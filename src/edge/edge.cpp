#include "edge/edge.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "net/socket.hpp"

namespace tenfold::edge {

namespace {

// Each worker has its own, so that workers do not share a reference count, which every request touches.
template <class Snapshot>
std::shared_ptr<const Snapshot> own_copy(const Snapshot& snapshot) {
  return std::make_shared<const Snapshot>(snapshot);
}

}  // namespace

Edge::Edge(EdgeSetup setup, std::shared_ptr<const Policy> policy)
    : setup_(std::move(setup)), policy_(std::move(policy)) {
  if (setup_.access_log_bytes == 0) return;
  for (std::uint32_t i = 0; i < setup_.workers; ++i) {
    rings_.push_back(std::make_unique<AccessRing>(setup_.access_log_bytes));
  }
}

Edge::~Edge() {
  TENFOLD_ASSERT(threads_.empty());
  for (const auto& sockets : sockets_) {
    for (const int socket : sockets) ::close(socket);
  }
}

Result<std::unique_ptr<Edge>> Edge::make(EdgeSetup setup, std::shared_ptr<const Policy> policy) {
  TENFOLD_ASSERT(setup.workers >= 1 && setup.addresses.size() == policy->listeners.size());
  std::unique_ptr<Edge> edge(new Edge(std::move(setup), std::move(policy)));
  auto opened = edge->open_sockets();
  if (!opened) return std::unexpected(opened.error());
  return edge;
}

Result<void> Edge::open_sockets() {
  // Without SO_REUSEPORT first: with it, a second program could take a share of this address's connections, and a
  // port in use would go unnoticed.
  for (net::Endpoint& address : setup_.addresses) {
    if (address.port == 0) continue;
    auto probe = net::open_listening_socket(address, {});
    if (!probe) return std::unexpected(probe.error());
    ::close(*probe);
  }
  net::ListenOptions options;
  options.share_port = setup_.workers > 1;
  sockets_.resize(setup_.workers);
  for (auto& sockets : sockets_) {
    for (net::Endpoint& address : setup_.addresses) {
      auto socket = net::open_listening_socket(address, options);
      if (!socket) return std::unexpected(socket.error());
      sockets.push_back(*socket);
      address = net::local_endpoint(*socket);
    }
  }
  return {};
}

Result<void> Edge::start() {
  std::vector<std::unique_ptr<net::Loop>> loops;
  for (std::uint32_t i = 0; i < setup_.workers; ++i) {
    auto loop = net::make_loop(setup_.clock, setup_.backend);
    if (!loop) return std::unexpected(loop.error());
    loops.push_back(std::move(*loop));
  }
  if (setup_.workers > 1) {
    room_call_ = std::make_unique<RoomCall>(setup_.workers, [this](http::IdleTurn turn) {
      for (const auto& worker : workers_) worker->look_for_room(turn);
    });
  }
  for (std::uint32_t i = 0; i < setup_.workers; ++i) {
    WorkerSetup setup{.number = i,
                      .workers = setup_.workers,
                      .clock = setup_.clock,
                      .directory = setup_.directory,
                      .places = places_};
    setup.room_call = room_call_.get();
    setup.cache = setup_.cache;
    setup.access_log = rings_.empty() ? nullptr : rings_[i].get();
    setup.policy = own_copy(*policy_);
    setup.guard = own_copy(*setup_.guard);
    setup.guard_key = setup_.guard_key;
    setup.guard_meter = setup_.guard_meter;
    setup.guard_rooms = setup_.guard_rooms;
    if (setup_.make_observer) setup.observer = setup_.make_observer(i);
    setup.addresses = setup_.addresses;
    setup.sockets = std::move(sockets_[i]);
    workers_.push_back(std::make_unique<Worker>(std::move(setup), std::move(loops[i])));
  }
  sockets_.clear();
  for (const auto& worker : workers_) threads_.emplace_back([&worker = *worker] { worker.run(); });
  return {};
}

void Edge::adopt(std::shared_ptr<const Policy> policy) {
  TENFOLD_ASSERT(policy->listeners.size() == setup_.addresses.size());
  policy_ = policy;
  for (const auto& worker : workers_) worker->adopt(own_copy(*policy));
}

void Edge::adopt(std::shared_ptr<const GuardPolicy> guard) {
  setup_.guard = guard;
  for (const auto& worker : workers_) worker->adopt(own_copy(*guard));
}

void Edge::drain(Duration grace) {
  for (const auto& worker : workers_) worker->drain(grace);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::string_view Edge::backend() const { return workers_.empty() ? "" : workers_.front()->backend(); }

std::vector<AccessRing*> Edge::access_rings() {
  std::vector<AccessRing*> rings;
  for (const auto& ring : rings_) rings.push_back(ring.get());
  return rings;
}

std::vector<WindowExchange*> Edge::guard_windows() {
  std::vector<WindowExchange*> windows;
  for (const auto& worker : workers_) windows.push_back(&worker->gatekeeper().exchange());
  return windows;
}

void Edge::call_windows_in(Duration at_most) {
  struct Call {
    std::mutex mutex;
    std::condition_variable all_came;
    std::size_t missing;  // by mutex
  };
  const auto call = std::make_shared<Call>();
  call->missing = workers_.size();
  for (const auto& worker : workers_) {
    worker->hand_over_window([call] {
      const std::lock_guard lock(call->mutex);
      if (--call->missing == 0) call->all_came.notify_one();
    });
  }
  std::unique_lock lock(call->mutex);
  call->all_came.wait_for(lock, at_most, [&] { return call->missing == 0; });
}

EdgeSnapshot Edge::snapshot() const {
  EdgeSnapshot sum;
  for (const auto& worker : workers_) {
    const WorkerMetrics& metrics = worker->metrics();
    for (const Counter& counter : metrics.answers) sum.requests += counter.value();
    // What the parser refused never became a request of the walk, but is one to whoever looks at the sum.
    const std::uint64_t refused = metrics.server.bad_requests.value();
    sum.requests += refused;
    sum.client_errors += metrics.client_errors.value() + refused;
    sum.server_errors += metrics.server_errors.value();
    for (const Counter& counter : metrics.guard_answers) sum.guard_answers += counter.value();
    sum.rehearsals += metrics.rehearsals.value();
    sum.from_cache += metrics.from_cache.value();
    sum.body_bytes += metrics.body_bytes.value();
    sum.open_connections += metrics.server.open_connections.value();
    metrics.latency.add_to(sum.latency);
    sum.latency_sum_us += metrics.latency.sum_us();
  }
  return sum;
}

}  // namespace tenfold::edge
