#include "origin/lease.hpp"

#include <utility>

#include "origin/upstreams.hpp"

namespace tenfold::origin {

Lease::Lease(Upstreams& owner, RouteRef route, const Member& member)
    : owner_(&owner), route_(std::move(route)), member_(&member), since_(owner.loop().now()), work_(Work::counted) {}

Lease::Lease(Lease&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      route_(std::move(other.route_)),
      member_(std::exchange(other.member_, nullptr)),
      since_(other.since_),
      work_(std::exchange(other.work_, Work::done)),
      connection_(std::move(other.connection_)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    owner_ = std::exchange(other.owner_, nullptr);
    route_ = std::move(other.route_);
    member_ = std::exchange(other.member_, nullptr);
    since_ = other.since_;
    work_ = std::exchange(other.work_, Work::done);
    connection_ = std::move(other.connection_);
  }
  return *this;
}

void Lease::end_work() {
  if (std::exchange(work_, Work::done) == Work::counted) owner_->end_work(*member_);
}

void Lease::release() {
  if (member_ == nullptr) return;
  if (std::exchange(work_, Work::done) == Work::counted) member_->pool->load->end_work();
  owner_->give_back(*std::exchange(member_, nullptr), std::move(connection_));
  route_ = {};
}

}  // namespace tenfold::origin
