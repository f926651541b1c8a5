#include "origin/lease.hpp"

#include <utility>

#include "origin/upstreams.hpp"

namespace tenfold::origin {

Lease::Lease(Lease&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      route_(std::move(other.route_)),
      member_(std::exchange(other.member_, nullptr)),
      connection_(std::move(other.connection_)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    owner_ = std::exchange(other.owner_, nullptr);
    route_ = std::move(other.route_);
    member_ = std::exchange(other.member_, nullptr);
    connection_ = std::move(other.connection_);
  }
  return *this;
}

void Lease::release() {
  if (member_ == nullptr) return;
  owner_->give_back(*std::exchange(member_, nullptr), std::move(connection_));
  route_ = {};
}

}  // namespace tenfold::origin
