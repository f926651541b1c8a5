#include "origin/held.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "origin/choice.hpp"
#include "origin/topology.hpp"

namespace tenfold::origin {

namespace {

// So many are looked at to find the slowest, a bound on the time under the lock. Who was looked at comes last the next
// time.
constexpr std::size_t most_looks = 256;
constexpr std::uint64_t unknown_pace = UINT64_MAX;

}  // namespace

HeldPlaces::Hold HeldPlaces::take(std::uint64_t client, Kind kind, std::uint32_t most, std::uint32_t most_in_all,
                                  std::uint8_t rank) {
  const std::lock_guard lock(mutex_);
  auto& of_client = clients_[client];
  if (!of_client) of_client = std::make_unique<Client>();
  std::uint32_t& count = of_client->counts[static_cast<std::size_t>(kind)];
  if (count >= most || of_client->total >= most_in_all) {
    if (of_client->total == 0) clients_.erase(client);
    return nullptr;
  }
  ++count;
  ++of_client->total;
  return std::make_unique<Held>(*this, client, kind, *of_client, rank);
}

HeldPlaces::Held::~Held() {
  owner_.give_back(*this);
  if (caller_) caller_->owner = nullptr;
}

void HeldPlaces::Held::call_when_lost(net::Loop& loop, Told told, void* owner) {
  if (caller_) caller_->owner = nullptr;
  auto caller = told != nullptr ? std::make_shared<Caller>(loop, told, owner) : nullptr;
  const std::lock_guard lock(owner_.mutex_);
  caller_ = std::move(caller);
}

bool HeldPlaces::Held::keep(const Member& member, std::optional<std::uint64_t> bytes_per_s, TimePoint now) {
  pace_.store(bytes_per_s.value_or(unknown_pace), std::memory_order_relaxed);
  if (lost_.load(std::memory_order_relaxed)) return false;
  if (kept_at_ == member.server) return true;
  const Settled settled = owner_.settle(*this, member, now);
  kept_at_ = settled == Settled::yes ? member.server : nullptr;
  return settled != Settled::lost;
}

// While nobody is short of a place nobody has to go, and what finds no room here asks again.
HeldPlaces::Settled HeldPlaces::settle(Held& held, const Member& member, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (held.lost_.load(std::memory_order_relaxed)) return Settled::lost;
  unsettle(held);
  if (!held.since_) held.since_ = now;
  const std::uint32_t total = member.pool->settings.max_total_connections;
  const void* const pool = total != 0 ? member.pool->load.get() : nullptr;
  const bool pool_full = pool != nullptr && is_full(pool, total);
  if (pool_full || is_full(member.server, member.max_connections)) {
    if (!member.pool->load->is_short(now, held.rank_)) return Settled::not_yet;
    if (!make_room(held, member.server, member.max_connections)) return Settled::lost;
    if (pool != nullptr && !make_room(held, pool, total)) return Settled::lost;
  }
  held.server_ = member.server;
  held.pool_ = pool;
  ++held_at_[held.server_];
  if (pool != nullptr) ++held_at_[pool];
  settled_.push_back(held);
  ++settled_count_;
  return Settled::yes;
}

bool HeldPlaces::Held::may_begin(const Member& member, TimePoint now) {
  began_ = charged_until_ = now;
  return owner_.may_begin(*this, member, now);
}

bool HeldPlaces::may_begin(const Held& held, const Member& member, TimePoint now) {
  if (!member.pool->load->is_short(now)) return true;
  const std::lock_guard lock(mutex_);
  if (held.of_client_.total <= most_beside_full) return true;
  const std::uint32_t total = member.pool->settings.max_total_connections;
  return !is_full(member.server, member.max_connections) && !(total != 0 && is_full(member.pool->load.get(), total));
}

bool HeldPlaces::is_full(const void* spot, std::uint32_t places) const {
  const auto found = held_at_.find(spot);
  return found != held_at_.end() && found->second >= most_of(places);
}

bool HeldPlaces::make_room(Held& held, const void* spot, std::uint32_t places) {
  if (!is_full(spot, places)) return true;
  Held* const loser = first_to_go_for(held, spot);
  if (loser == nullptr) return false;
  lose(*loser);
  return true;
}

// Whether `other` is to go for `held`. A worse rank does, however fast; among equals whoever has more than the
// newcomer's client does, at whatever pace; who has as many does where it is slower, and who has one less only where it
// stands nearly still: else clients with many would push out those with one.
bool HeldPlaces::goes_for(const Held& other, const Held& held) {
  if (other.rank_ != held.rank_) return other.rank_ > held.rank_;
  const std::uint32_t own = held.of_client_.total;
  const std::uint32_t total = other.of_client_.total;
  const std::uint64_t pace = other.pace_.load(std::memory_order_relaxed);
  if (total > own) return true;
  if (total == own) return pace < std::min(held.pace_.load(std::memory_order_relaxed), slow_bytes_per_s);
  return total + 1 == own && pace < still_bytes_per_s;
}

// Of two that may both go: the worst rank, then the client with the most, then the slowest.
bool HeldPlaces::goes_before(const Held& one, const Held& other) {
  if (one.rank_ != other.rank_) return one.rank_ > other.rank_;
  if (one.of_client_.total != other.of_client_.total) return one.of_client_.total > other.of_client_.total;
  return one.pace_.load(std::memory_order_relaxed) < other.pace_.load(std::memory_order_relaxed);
}

template <class Each>
void HeldPlaces::look_at_some(Each each) {
  for (std::size_t i = std::min(settled_count_, most_looks); i > 0; --i) {
    Held& held = settled_.front();
    settled_.push_back(held);
    each(held);
  }
}

HeldPlaces::Held* HeldPlaces::first_to_go_for(const Held& held, const void* spot) {
  Held* found = nullptr;
  look_at_some([&](Held& other) {
    if ((other.server_ != spot && other.pool_ != spot) || !goes_for(other, held)) return;
    if (found == nullptr || goes_before(other, *found)) found = &other;
  });
  return found;
}

bool HeldPlaces::make_way(const Route& route, std::uint8_t rank, TimePoint now) {
  const std::lock_guard lock(mutex_);
  Held* found = nullptr;
  look_at_some([&](Held& held) {
    if (held.rank_ <= rank || !leads_to(route, *held.server_)) return;
    const std::uint64_t pace = held.pace_.load(std::memory_order_relaxed);
    const bool is_fast = pace != unknown_pace && pace >= slow_bytes_per_s;
    if (is_fast && now - *held.since_ < counts_at_last) return;
    const bool goes =
        found == nullptr || held.rank_ > found->rank_ || (held.rank_ == found->rank_ && *held.since_ < *found->since_);
    if (goes) found = &held;
  });
  if (found != nullptr) lose(*found);
  return found != nullptr;
}

void HeldPlaces::unsettle(Held& held) {
  if (held.server_ == nullptr) return;
  for (const void* const spot : {static_cast<const void*>(held.server_), held.pool_}) {
    if (spot == nullptr) continue;
    const auto found = held_at_.find(spot);
    if (--found->second == 0) held_at_.erase(found);
  }
  held.server_ = nullptr;
  held.pool_ = nullptr;
  held.unlink();
  --settled_count_;
}

// Its own thread hears of it when it next asks, and is called. Posted under the lock: until it has given the place back
// its loop lives.
void HeldPlaces::lose(Held& held) {
  unsettle(held);
  held.lost_.store(true, std::memory_order_relaxed);
  if (!held.caller_) return;
  held.caller_->loop.post([caller = held.caller_] {
    if (caller->owner != nullptr) caller->told(caller->owner);
  });
}

void HeldPlaces::give_back(Held& held) {
  const std::lock_guard lock(mutex_);
  unsettle(held);
  --held.of_client_.counts[static_cast<std::size_t>(held.kind_)];
  if (--held.of_client_.total == 0) clients_.erase(held.client_);
}

}  // namespace tenfold::origin
