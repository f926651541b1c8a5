#include "edge/admit/gatekeeper.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/result.hpp"
#include "edge/guard_policy.hpp"
#include "guard/admit/cost_kind.hpp"
#include "http/exchange.hpp"
#include "origin/choice.hpp"

namespace tenfold::edge {

using guard::Rank;
using guard::Standing;
using origin::Claim;
using origin::OriginUse;
using origin::Ticket;

namespace {

double in_ms(Duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

const std::shared_ptr<origin::PoolLoad>& first_load(const Ticket& ticket) { return ticket.route.pools.front()->load; }

Ticket& ticket_of(guard::FairQueue::Waiter& waiter) { return *static_cast<Ticket*>(waiter.owner); }

// For how long the pool needs to serve all who wait for it, at that cost each.
double backlog_ms(const origin::PoolLoad& load, double cost_ms) {
  const std::uint32_t limit = load.limit.load(std::memory_order_relaxed);
  return limit == 0 ? 0 : load.waiting.load(std::memory_order_relaxed) * cost_ms / limit;
}

// More than are served in two goes: it is no few who wait for a server that has stalled.
bool waits_in_crowds(const origin::PoolLoad& load) {
  const std::uint32_t limit = load.limit.load(std::memory_order_relaxed);
  return limit != 0 && load.waiting.load(std::memory_order_relaxed) > 2 * limit;
}

bool is_outsider(const Claim& claim) { return claim.standing >= static_cast<std::uint8_t>(Standing::stranger); }

// The server did the work; what it says of it is another matter.
bool is_refusal(int status) { return status == 502 || status == 503 || status == 504; }

enum class Met : std::uint8_t { answer, failure };

// Refreshes are nobody's.
void count_party(PoolWindow& pool, const Claim& claim, Met met) {
  const std::uint64_t party = claim.flow != 0 ? claim.flow : claim.client;
  if (party == 0) return;
  Parties& parties = claim.standing <= static_cast<std::uint8_t>(Standing::known) ? pool.known : pool.others;
  parties.answered.add(party);
  if (met == Met::failure) parties.failed.add(party);
}

}  // namespace

double ExpectedCosts::of(std::uint64_t kind) const { return known_of(kind).value_or(average_ms_); }

std::optional<double> ExpectedCosts::known_of(std::uint64_t kind) const {
  const auto found = ms_.find(kind);
  return found == ms_.end() ? std::nullopt : std::optional(found->second);
}

void ExpectedCosts::learn(std::uint64_t kind, double ms) {
  constexpr double new_share = 0.1;
  average_ms_ += (ms - average_ms_) * new_share;
  const auto found = ms_.find(kind);
  if (found != ms_.end()) {
    found->second += (ms - found->second) * new_share;
  } else if (ms_.size() < most_kinds) {
    ms_.emplace(kind, ms);
  }
}

Order order_of(const GuardPolicy& guard) {
  if (guard.mode() != GuardMode::enforce) return Order::as_they_come;
  return guard.rules->without.fairness ? Order::by_arrival : Order::by_rank;
}

Gatekeeper::Gatekeeper(net::Loop& loop, const guard::Meter::Options& meter) : loop_(loop), exchange_(meter) {}

Gatekeeper::~Gatekeeper() = default;

Duration Gatekeeper::expected_cost(std::uint64_t kind) const {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(costs_.of(kind)));
}

// What is rare shares a kind with much that costs something else.
void Gatekeeper::price(Standing standing, std::uint64_t kind) {
  if (kind < guard::CostKinds::least_learned) return;
  const auto ms = costs_.known_of(kind);
  if (!ms) return;
  StandingWindow& use = window().of(standing);
  ++use.priced;
  use.priced_us += static_cast<std::uint64_t>(*ms * 1000);
}

// ---- the order ----

Rank Gatekeeper::rank_of(const Claim& claim) const {
  if (!has_ranks()) return Rank::known;
  return static_cast<Rank>(std::min<std::size_t>(claim.rank, guard::fair_ranks - 1));
}

origin::Admission::Turn Gatekeeper::turn_of(const Ticket& newcomer) {
  const auto rank = static_cast<std::size_t>(rank_of(newcomer.claim));
  if (queue_.size() != 0 && queue_.best_rank(&newcomer.route) <= rank) return Turn::later;
  return has_ranks() && first_load(newcomer)->better_waits(rank) ? Turn::later : Turn::now;
}

origin::Admission::Joined Gatekeeper::join(Ticket& ticket) {
  if (order_ == Order::as_they_come && queue_.size() >= ticket.most_waiting) return Joined::full;
  Waiter& waiter = new_waiter(ticket);
  look_at_backlog();
  const auto joined = queue_.join(waiter, loop_.now());
  PoolWindow* const pool = window().pool(first_load(ticket));
  if (!joined.waits) {
    if (pool != nullptr) ++pool->shed;
    free_waiter(ticket);
    return Joined::full;
  }
  count_waiting(ticket.route, 1);
  if (joined.displaced != nullptr) send_away(*joined.displaced);
  send_away_overdue();
  return Joined::waits;
}

void Gatekeeper::leave(Ticket& ticket, Left how) {
  Waiter& waiter = *static_cast<Waiter*>(ticket.mine);
  if (waiter.waits()) count_waiting(ticket.route, -1);
  const Duration waited = loop_.now() - waiter.since;
  if (how == Left::admitted) {
    queue_.serve(waiter, loop_.now());
  } else {
    queue_.leave(waiter, loop_.now());
  }
  if (is_outsider(ticket.claim)) {
    if (PoolWindow* const pool = window().pool(first_load(ticket))) pool->stranger_waits.add(waited);
  }
  free_waiter(ticket);
}

bool Gatekeeper::inherit(Ticket& ticket, const Claim& claim) {
  Waiter& waiter = *static_cast<Waiter*>(ticket.mine);
  if (!has_ranks() || !waiter.waits()) return false;
  if (!queue_.would_bring_forward(waiter, rank_of(claim), claim.flow)) return false;
  queue_.leave(waiter, loop_.now());
  ticket.claim.inherit(claim);
  set_claim(waiter, ticket.claim);
  const auto joined = queue_.join(waiter, loop_.now());
  TENFOLD_ASSERT(joined.waits && joined.displaced == nullptr);  // it has just made the room that it takes
  return true;
}

// While there is no order there are no ranks, and whoever waits is short of a place.
std::uint8_t Gatekeeper::holds_as(const Claim& claim) const {
  return has_ranks() ? static_cast<std::uint8_t>(rank_of(claim)) : origin::ranks - 1;
}

// Only where places are what is short: where origin time is, a place that is held costs nobody any.
void Gatekeeper::held(const Claim& claim, const origin::Pool& pool, Duration time) {
  if (!has_ranks() || time <= Duration()) return;
  if (!pool.load->may_work() || !pool.load->is_short(loop_.now())) return;
  queue_.charge_held(rank_of(claim), claim.flow, std::max<double>(claim.weight, 1), in_ms(time));
}

Gatekeeper::Waiter* Gatekeeper::next_for(const origin::Server& server) const {
  return queue_.next(
      [&](const void* lane) { return origin::leads_to(*static_cast<const origin::Route*>(lane), server); });
}

bool Gatekeeper::yields(const Waiter& waiter) const {
  if (!has_ranks() || queue_.is_owed(waiter)) return false;
  const auto& load = first_load(*static_cast<const Ticket*>(waiter.owner));
  return load->better_waits(static_cast<std::size_t>(waiter.rank));
}

bool Gatekeeper::waits_for(const origin::Server& server) {
  const Waiter* const next = next_for(server);
  return next != nullptr && !yields(*next);
}

void Gatekeeper::call_for(const origin::Server& server) {
  send_away_overdue();
  Waiter* const next = next_for(server);
  if (next != nullptr && !yields(*next)) ticket_of(*next).call();
}

bool Gatekeeper::may_look(const Ticket& ticket) {
  send_away_overdue();
  if (ticket.is_refused()) return false;
  const auto* const waiter = static_cast<const Waiter*>(ticket.mine);
  const Waiter* const next = queue_.next([&](const void* lane) { return lane == &ticket.route; });
  return next == waiter && !yields(*waiter);
}

Duration Gatekeeper::departure_grace(const Claim& claim, const origin::Route& route) const {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  constexpr Duration usual = http::ServerExchange::departure_grace;
  constexpr Duration least = std::chrono::milliseconds(200);
  constexpr double times_its_cost = 4;
  const origin::PoolLoad& load = *route.pools.front()->load;
  const std::uint32_t limit = load.limit.load(std::memory_order_relaxed);
  if (order_ == Order::as_they_come || load.working.load(std::memory_order_relaxed) * 2 < limit || limit == 0) {
    return usual;
  }
  const Milliseconds may_take(times_its_cost * costs_.of(claim.kind_of_work));
  return may_take < usual ? std::max(least, std::chrono::duration_cast<Duration>(may_take)) : usual;
}

// ---- those who go ----

// It has left the queue.
void Gatekeeper::send_away(Waiter& waiter) {
  Ticket& ticket = ticket_of(waiter);
  last_sent_away_ = loop_.now();
  count_waiting(ticket.route, -1);
  if (PoolWindow* const pool = window().pool(first_load(ticket))) ++pool->shed;
  ticket.refuse();
}

// With more behind than a person waits for without noticing, as reckoned or as seen, the queue is pressed; until nobody
// had to be sent away for a while.
void Gatekeeper::look_at_backlog() {
  const TimePoint now = loop_.now();
  if (queue_.is_pressed()) {
    queue_.set_pressed(now - last_sent_away_ < pressed_for);
    return;
  }
  const bool seen = queue_.longest_outsiders_wait(now) > pressed_from_wait;
  const bool pressed = std::ranges::any_of(waited_, [&](const Waited& each) {
    return backlog_ms(*each.load, costs_.average()) > pressed_from_backlog_ms || (seen && waits_in_crowds(*each.load));
  });
  if (!pressed) return;
  queue_.set_pressed(true);
  last_sent_away_ = now;
}

// Only while origin time is what is short: where answers that are being taken hold the connections, waiting a while
// helps.
void Gatekeeper::send_away_overdue() {
  if (!has_ranks()) return;
  if (std::ranges::all_of(waited_, [](const Waited& each) { return each.load->may_work(); })) return;
  look_at_backlog();
  for (Waiter* const waiter : queue_.overdue(loop_.now(), costs_.average())) send_away(*waiter);
}

Gatekeeper::Waiter& Gatekeeper::new_waiter(const Ticket& ticket) {
  std::unique_ptr<Waiter> waiter;
  if (free_.empty()) {
    waiter = std::make_unique<Waiter>();
  } else {
    waiter = std::move(free_.back());
    free_.pop_back();
  }
  set_claim(*waiter, ticket.claim);
  // What is answered in no time takes a place all the same, and is not owed one before everybody each time.
  constexpr double least_ms = 5;
  waiter->expected_ms = std::max(costs_.of(ticket.claim.kind_of_work), least_ms);
  waiter->lane = &ticket.route;
  waiter->owner = const_cast<Ticket*>(&ticket);
  const_cast<Ticket&>(ticket).mine = waiter.get();
  return *waiter.release();
}

void Gatekeeper::set_claim(Waiter& waiter, const Claim& claim) const {
  waiter.rank = rank_of(claim);
  waiter.weight = std::max<double>(claim.weight, 1);
  waiter.flow = has_ranks() ? claim.flow : 0;
  waiter.goes_on = has_ranks() && claim.goes_on;
  waiter.floor_of = claim.standing == static_cast<std::uint8_t>(Standing::cleared) ? Rank::cleared : Rank::basket;
}

void Gatekeeper::free_waiter(Ticket& ticket) {
  free_.emplace_back(static_cast<Waiter*>(std::exchange(ticket.mine, nullptr)));
}

// ---- what is counted ----

GuardWindow& Gatekeeper::window() {
  if (!window_timer_.armed()) loop_.timers().arm(window_timer_, loop_.now() + window_length);
  return exchange_.filling();
}

void Gatekeeper::hand_over_window() {
  if (!window_timer_.armed()) return;
  window_timer_.cancel();
  on_window(this);
}

void Gatekeeper::on_window(void* self) {
  auto& gatekeeper = *static_cast<Gatekeeper*>(self);
  gatekeeper.count_time_waited();
  const bool handed_over = gatekeeper.exchange_.hand_over(gatekeeper.loop_.now());
  // Again where the brain was late; and those who wait count, whether or not others come.
  if (!handed_over || gatekeeper.queue_.size() != 0) gatekeeper.window();
}

void Gatekeeper::count_waiting(const origin::Route& route, int change) {
  const TimePoint now = loop_.now();
  for (const origin::Pool* pool : route.pools) {
    PoolWindow* const counts = window().pool(pool->load);
    if (counts == nullptr) continue;
    counts->most_waiting = std::max(counts->most_waiting, pool->load->waiting.load(std::memory_order_relaxed) + 1);
    auto found = std::ranges::find(waited_, pool->load.get(), &Waited::load);
    if (found == waited_.end()) found = waited_.insert(waited_.end(), {pool->load.get(), 0, now});
    if (found->count == 0) found->since = now;
    found->count += static_cast<std::size_t>(change);
    if (found->count != 0) continue;
    counts->waited += now - found->since;
    waited_.erase(found);
  }
}

void Gatekeeper::count_time_waited() {
  const TimePoint now = loop_.now();
  for (PoolWindow& pool : exchange_.filling().pools) {
    const auto found = std::ranges::find(waited_, pool.load.get(), &Waited::load);
    if (found != waited_.end()) pool.waited += now - std::exchange(found->since, now);
  }
}

void Gatekeeper::answered(const Claim& claim, const OriginUse& use) {
  const double ms = in_ms(use.time);
  const double expected_ms = costs_.of(claim.kind_of_work);
  if (!is_refusal(use.status)) costs_.learn(claim.kind_of_work, ms);
  queue_.correct(rank_of(claim), has_ranks() ? claim.flow : 0, std::max<double>(claim.weight, 1), expected_ms, ms);
  PoolWindow* const pool = window().pool(use.pool->load);
  if (pool == nullptr) return;
  count_party(*pool, claim, use.status >= 500 ? Met::failure : Met::answer);
  if (use.status >= 500) {
    ++pool->errors;
  } else {
    ++pool->answered;
  }
  if (use.attempts != 1) return;  // the time is of all attempts together
  auto& route = pool->route(claim.kind_of_work);
  auto& times =
      is_outsider(claim) || claim.standing == static_cast<std::uint8_t>(Standing::cleared) ? route.others : route.known;
  if (is_refusal(use.status)) {
    times.add_overdue();
  } else if (use.status < 500) {
    times.add_answer(use.time);
  }
}

void Gatekeeper::returned(const Claim& claim, const OriginUse& use) {
  if (use.end == OriginUse::End::answered) held(claim, *use.pool, use.held - use.time - use.held_told);
  if (use.end == OriginUse::End::answered || use.pool == nullptr) return;
  queue_.correct(rank_of(claim), has_ranks() ? claim.flow : 0, std::max<double>(claim.weight, 1),
                 costs_.of(claim.kind_of_work), in_ms(use.time));
  if (use.end != OriginUse::End::failed) return;
  PoolWindow* const pool = window().pool(use.pool->load);
  if (pool == nullptr) return;
  count_party(*pool, claim, Met::failure);
  if (use.timed_out) {
    ++pool->timeouts;
    pool->route(claim.kind_of_work).others.add_overdue();
  } else {
    ++pool->errors;
  }
}

}  // namespace tenfold::edge
