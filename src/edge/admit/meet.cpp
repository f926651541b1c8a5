#include "edge/admit/meet.hpp"

#include <algorithm>
#include <utility>

#include "edge/admit/favoured.hpp"
#include "edge/admit/gatekeeper.hpp"
#include "edge/respond/guard_answers.hpp"
#include "edge/respond/respond.hpp"

namespace tenfold::edge {

namespace {

Step decide(const Visit& visit) {
  const GuardFacts& facts = visit.guarded;
  const bool asked = visit.guard->state->strangers == guard::ladder::StrangersNeed::challenge;
  // A lesser measure spares no stranger what all strangers meet; who cannot solve waits in their queue instead.
  const Step step =
      asked && !facts.is_cleared && !facts.cannot_solve ? std::max(facts.step, Step::challenge) : facts.step;
  return step == Step::challenge && visit.guard->rules->without.challenge ? Step::behind : step;
}

// Of those who have a part in their network's share, and not of those for whom nothing was left.
bool shares_by_age(const GuardFacts& facts) { return facts.age_share != 0 && facts.standing == guard::Standing::known; }

// What it costs the shop: not for how long it stands in the servers' own queue, which is there until it is known how
// much they bear, and would make a stranger of a customer who asked twice. At least an eighth: who could make all kinds
// seem late would ask for nothing else.
Duration cost_of(const Visit& visit, Duration took) {
  constexpr int least_part = 8;
  if (took == Duration()) return took;  // it may have no route
  const Duration late(visit.route->pools.front()->load->late_ns.load(std::memory_order_relaxed));
  return std::max(took - late, took / least_part);
}

void reserve(Visit& visit) {
  GuardFacts& facts = visit.guarded;
  if (facts.bearer == 0 || facts.reserved != Duration()) return;
  facts.reserved = cost_of(visit, visit.site.gatekeeper->expected_cost(facts.kind_of_work));
  GuardMemory& memory = *visit.site.guard_memory;
  memory.budget.reserve(facts.bearer, facts.reserved, visit.now());
  if (shares_by_age(facts)) memory.age_budget.reserve(facts.age_share, facts.reserved, visit.now());
}

}  // namespace

Step meet(Visit& visit) {
  const GuardMode mode = visit.guard->mode();
  if (mode == GuardMode::off || visit.site.gatekeeper == nullptr) return Step::serve;
  find_standing(visit, visit.path);
  visit.guarded.rides_along = false;
  ++visit.site.gatekeeper->window().of(visit.guarded.standing).asked;
  const Step step = decide(visit);
  if (step == Step::challenge) visit.guarded.was_challenged = true;
  const Step met = mode == GuardMode::enforce ? step : Step::serve;
  // What would have been shown: what is, is counted as it is sent.
  if (step == Step::challenge && met != step) ++visit.site.gatekeeper->window().challenges_shown;
  if (met > Step::challenge) {
    ++visit.site.gatekeeper->window().asked_refused;
  } else {
    visit.site.gatekeeper->price(visit.guarded.standing, visit.guarded.kind_of_work);
  }
  if (is_proven_customer(visit.guarded) && is_favoured(visit)) visit.exchange.spare();
  if (met <= Step::behind) reserve(visit);
  return met;
}

void settle(Visit& visit) {
  const GuardFacts& facts = visit.guarded;
  if (facts.bearer == 0) return;
  GuardMemory& memory = *visit.site.guard_memory;
  const Duration cost = cost_of(visit, visit.origin_time + facts.ride_cost);
  memory.budget.settle(facts.bearer, facts.reserved, cost, visit.now());
  if (shares_by_age(facts)) memory.age_budget.settle(facts.age_share, facts.reserved, cost, visit.now());
}

net::Task<void> answer_met(Visit& visit, Step step, cache::Fill fill) {
  cache::EntryPtr stale = fill.stale();
  if (visit.site.burnt_watch != nullptr) visit.site.burnt_watch->charge_turned_down(visit);
  fill = {};  // another who waits for it may fetch it: what this one is met with is its own
  if (stale) {
    visit.cache.forward = cache::Forward::stale;
    co_await answer_stale(visit, std::move(stale), cache::Stale::Reason::origin_failed);
    co_return;
  }
  if (step == Step::challenge) {
    co_await answer_with_challenge(visit);
  } else {
    visit.guard_answer = step == Step::drop ? GuardAnswer::dropped : GuardAnswer::refused;
    co_await answer_refused(visit, visit.guarded.step_until);
  }
}

}  // namespace tenfold::edge
