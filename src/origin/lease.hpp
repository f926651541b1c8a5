#pragma once

#include <memory>
#include <utility>

#include "base/clock.hpp"
#include "http/client.hpp"
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
  Lease(Upstreams& owner, RouteRef route, const Member& member)
      : owner_(&owner), route_(std::move(route)), member_(&member) {}
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease() { release(); }

  explicit operator bool() const { return member_ != nullptr; }
  Server& server() const { return *member_->server; }
  const Pool& pool() const { return *member_->pool; }
  const Member& member() const { return *member_; }
  http::ClientConnection* connection() const { return connection_.get(); }
  void give(std::unique_ptr<http::ClientConnection> connection) { connection_ = std::move(connection); }
  // The connection is good for nothing more.
  void drop_connection() { connection_.reset(); }
  void release();

 private:
  Upstreams* owner_ = nullptr;
  RouteRef route_;  // keeps the member alive
  const Member* member_ = nullptr;
  std::unique_ptr<http::ClientConnection> connection_;
};

}  // namespace tenfold::origin
