#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "base/clock.hpp"
#include "http/client.hpp"
#include "origin/connection.hpp"
#include "origin/route.hpp"
#include "origin/server.hpp"
#include "origin/topology.hpp"

namespace tenfold::origin {

class Upstreams;

// A place at a server, and the connection that goes with it once there is one. Its end gives the place back, and the
// connection too if another request may use it. Move-only. One thread only; must die before its Upstreams.
class Lease {
 public:
  Lease() = default;
  Lease(Upstreams& owner, RouteRef route, const Member& member);
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease() { release(); }

  explicit operator bool() const { return member_ != nullptr; }
  Server& server() const { return *member_->server; }
  const Pool& pool() const { return *member_->pool; }
  const Member& member() const { return *member_; }
  const RouteRef& route() const { return route_; }
  Upstreams& owner() const { return *owner_; }
  TimePoint since() const { return since_; }  // when the place was taken
  http::ClientConnection* connection() const { return connection_ ? &connection_->http() : nullptr; }
  void give(std::unique_ptr<Connection> connection) { connection_ = std::move(connection); }
  // The connection is good for nothing more.
  void drop_connection() { connection_.reset(); }
  // The server has done its work for it, or what goes on is the client's time: the place stays taken, and no longer
  // counts as work of the pool (PoolLoad::working).
  void end_work();
  void release();

 private:
  Upstreams* owner_ = nullptr;
  RouteRef route_;  // keeps the member alive
  const Member* member_ = nullptr;
  TimePoint since_{};
  enum class Work : std::uint8_t { done, counted } work_ = Work::done;
  std::unique_ptr<Connection> connection_;
};

}  // namespace tenfold::origin
