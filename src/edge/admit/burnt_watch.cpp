#include "edge/admit/burnt_watch.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

#include "edge/admit/gatekeeper.hpp"
#include "edge/site.hpp"
#include "edge/visit.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {

namespace {

using guard::judging::Posture;

// The owner lets some of its requests be, whatever it does; it may not be told which before they are read.
bool is_let_be(const GuardPolicy& guard, const net::IpAddress& client) {
  if (guard.rules->allow.may_fit(client)) return true;
  return guard.state->lists != nullptr && guard.state->lists->allow.contains(client);
}

}  // namespace

BurntWatch::BurntWatch(const SipKey& key, std::function<Duration()> core_time, const guard::BurntLimits& limits)
    : key_(key), core_time_(std::move(core_time)), shares_(limits, key) {}

guard::BurntShares::Client BurntWatch::hashes_of(const net::IpAddress& client) const {
  return {subject_hash(key_, client, guard::Level::client), subject_hash(key_, client, guard::Level::network)};
}

bool BurntWatch::time_is_short(const Site& site) {
  const bool of_a_core = core_time_.is_short(site.loop.now());
  if (of_a_core) site.gatekeeper->window().core_was_short = true;
  return of_a_core || site.guard->state->posture != Posture::calm;
}

bool BurntWatch::burns_too_much(const Site& site, const net::IpAddress& client, Duration burnt) {
  if (site.guard->mode() == GuardMode::off || site.gatekeeper == nullptr) return false;
  if (site.policy->trusted_proxies.contains(client)) return false;  // speaks for others
  const TimePoint now = site.loop.now();
  const auto burnt_us = std::chrono::duration_cast<std::chrono::microseconds>(burnt).count();
  GuardWindow& window = site.gatekeeper->window();
  window.burnt_us += static_cast<std::uint64_t>(burnt_us);
  window.meter.add(client, {.burnt_us = static_cast<std::uint32_t>(burnt_us)});
  const guard::BurntShares::Client hashes = hashes_of(client);
  shares_.spend(hashes, burnt, now);
  const bool is_short = time_is_short(site);
  if (shares_.share(hashes, now) == guard::BurntShares::Share::within) {
    note_here(guard::client_key(client), now);
    return false;
  }
  return is_short && is_another_here(guard::client_key(client), now) && !is_let_be(*site.guard, client);
}

void BurntWatch::note_here(std::uint64_t client, TimePoint now) {
  if (here_.client != client) here_before_ = here_;
  here_ = {client, now};
}

bool BurntWatch::is_another_here(std::uint64_t than, TimePoint now) const {
  const Here& other = here_.client != than ? here_ : here_before_;
  return other.client != 0 && now - other.last < here_for;
}

bool BurntWatch::turns_away(const Site& site, const net::IpAddress& client) {
  if (!burns_too_much(site, client, http::cost(http::Chore::connection))) return false;
  ++site.gatekeeper->window().burnt_turned_away;
  return site.guard->mode() == GuardMode::enforce;
}

http::Burning BurntWatch::charge(const Site& site, const net::IpAddress& client, Duration burnt) {
  if (!burns_too_much(site, client, burnt)) return http::Burning::may_go_on;
  ++site.gatekeeper->window().burnt_closed;
  return site.guard->mode() == GuardMode::enforce ? http::Burning::ends : http::Burning::may_go_on;
}

void BurntWatch::charge_turned_down(Visit& visit) {
  const http::Burning then = charge(visit.site, visit.client.address, http::cost(http::Chore::turned_down));
  // The connection of a proxy is others', too.
  if (then == http::Burning::ends && visit.client.source == ClientSource::connection) visit.exchange.close_after();
}

void BurntWatch::note_guest(const Visit& visit) {
  const TimePoint now = visit.site.loop.now();
  note_here(guard::client_key(visit.client.address), now);
  if (!visit.rehearsal_run.empty()) shares_.note_rehearsal(hashes_of(visit.client.address), now);
  if (is_proven_customer(visit.guarded)) shares_.note_customer(hashes_of(visit.client.address), now);
}

}  // namespace tenfold::edge
