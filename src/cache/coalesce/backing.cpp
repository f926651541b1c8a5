#include "cache/coalesce/backing.hpp"

#include "cache/cache_state.hpp"

namespace tenfold::cache {

Backing::Backing(const Fill& fill, net::Loop& loop, const Stake& own, Told told, void* owner) {
  if (!fill || fill.state_->flight == nullptr) return;
  flights_ = &fill.state_->cache.flights;
  flight_ = fill.state_->flight;
  ear_ = std::make_shared<Ear>(loop, told, owner);
  const Stake best = flights_->listen(*flight_, ear_, own);
  if (best.is_better_than(own)) told(owner, best);
}

Backing::~Backing() {
  if (!ear_) return;
  ear_->owner = nullptr;
  flights_->unlisten(*flight_, ear_);
}

}  // namespace tenfold::cache
