#include "edge/relay/inherited.hpp"

#include <algorithm>

#include "edge/admit/gatekeeper.hpp"
#include "edge/identify/standing.hpp"

namespace tenfold::edge {

static_assert(guard::fair_ranks <= cache::Stake::lowest);

namespace {

bool orders(const Visit& visit) {
  return visit.guard->mode() == GuardMode::enforce && visit.site.gatekeeper != nullptr;
}

cache::Stake as_stake(const GuardFacts& facts) {
  return {.rank = static_cast<std::uint8_t>(facts.rank),
          .standing = static_cast<std::uint8_t>(facts.standing),
          .weight = facts.weight,
          .flow = facts.flow};
}

}  // namespace

Inherited::Inherited(Visit& visit, const cache::Fill& fill)
    : visit_(visit),
      backing_(fill, visit.site.loop, orders(visit) ? as_stake(visit.guarded) : cache::Stake(), &on_told, this) {}

std::uint8_t Inherited::rank() const {
  const auto own = static_cast<std::uint8_t>(visit_.guarded.rank);
  return inheritance_.left() ? std::min(own, inheritance_.left()->rank) : own;
}

void Inherited::on_told(void* self, const cache::Stake& stake) {
  static_cast<Inherited*>(self)->inheritance_.leave(
      {.rank = stake.rank, .standing = stake.standing, .weight = stake.weight, .flow = stake.flow});
}

cache::Stake stake_of(Visit& visit) {
  if (!orders(visit)) return {};
  find_standing(visit, visit.path);
  visit.guarded.rides_along = true;
  return as_stake(visit.guarded);
}

void pay_for_ride(Visit& visit) {
  if (visit.site.gatekeeper == nullptr) return;
  visit.guarded.ride_cost = visit.site.gatekeeper->expected_cost(visit.guarded.kind_of_work);
}

}  // namespace tenfold::edge
