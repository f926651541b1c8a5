#include "cache/coalesce/flights.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <span>

#include "base/result.hpp"
#include "cache/store/charge.hpp"

namespace tenfold::cache {

namespace {

constexpr Duration patience = std::chrono::seconds(1);

// Buckets of the memory of uncacheable keys, in each shard: a 512th of the cache's memory in all, 1 MiB at most.
std::size_t buckets_log2(std::size_t limit_bytes, std::size_t shards) {
  const std::size_t bytes = std::min<std::size_t>(limit_bytes / 512, 1024 * 1024);
  const std::size_t buckets = std::max<std::size_t>(bytes / shards / RecentKeys::bytes(0), 1);
  return static_cast<std::size_t>(std::bit_width(buckets)) - 1;
}

std::uint64_t memory_hash(std::uint64_t key_hash, Asker::Session session) {
  constexpr std::uint64_t for_cookies = 0x9e3779b97f4a7c15;
  return session == Asker::Session::none ? key_hash : key_hash * for_cookies + 1;
}

// Beside the object: its place in the table, and the control block.
std::size_t flight_charge(std::size_t name_bytes) {
  return allocation_charge(sizeof(Flight) + 32) + allocation_charge(name_bytes + 1) + 96;
}

Flights::Outcome outcome_of(Landing landing) {
  switch (landing) {
    case Landing::stored: return Flights::Outcome::stored;
    case Landing::failed: return Flights::Outcome::failed;
    case Landing::turned_away: return Flights::Outcome::turned_away;
    case Landing::none:
    case Landing::released: break;
  }
  return Flights::Outcome::released;
}

// Bytes of the ledger for the time of a scope, unless they are kept.
class Charge {
 public:
  Charge(MemorySource& memory, std::size_t bytes) : memory_(memory), bytes_(memory.reserve(bytes) ? bytes : 0) {}
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { memory_.ledger().give_back(bytes_); }
  bool taken() const { return bytes_ > 0; }
  void keep() { bytes_ = 0; }

 private:
  MemorySource& memory_;
  std::size_t bytes_;
};

}  // namespace

Flights::Flights(MemorySource& memory, const CacheOptions& options, const PurgeMarks& purges)
    : memory_(memory), options_(options), purges_(purges) {
  TENFOLD_ASSERT(memory_.ledger().try_take(fixed_bytes(memory_.ledger().limit_bytes())));
  for (std::size_t i = 0; i < shard_count; ++i) {
    shards_.push_back(std::make_unique<Shard>(buckets_log2(memory_.ledger().limit_bytes(), shard_count)));
  }
}

Flights::~Flights() { memory_.ledger().give_back(fixed_bytes(memory_.ledger().limit_bytes())); }

std::size_t Flights::fixed_bytes(std::size_t limit_bytes) {
  return shard_count * (sizeof(Shard) + RecentKeys::bytes(buckets_log2(limit_bytes, shard_count)));
}

Flights::Boarding Flights::board(std::string_view key, std::string_view variant, std::uint64_t key_hash,
                                 const Asker& asker, TimePoint now) {
  std::string name;
  name.reserve(key.size() + 1 + variant.size());
  name.append(key).append(1, '\n').append(variant);
  // Taken beforehand, since evicting for it must not happen under the lock.
  Charge charge(memory_, flight_charge(name.size()));
  Shard& shard = shard_of(key_hash);
  std::shared_ptr<Flight> abandoned;
  const std::lock_guard lock(shard.mutex);
  const auto remembers = [&](Asker::Session whose) {
    return shard.uncacheable.remembers(memory_hash(key_hash, whose), now);
  };
  if (remembers(Asker::Session::none) || (asker.has_cookies() && remembers(asker.session)))
    return {Role::alone, nullptr};
  const auto found = shard.flights.find(name);
  if (found != shard.flights.end()) {
    const Flight& flight = *found->second;
    const bool joinable =
        now - flight.began_ < options_.longest_fetch && !purges_.purged_since(key_hash, flight.purge_mark_);
    if (joinable && waiting_.load(std::memory_order_relaxed) >= options_.max_waiters) return {Role::busy, nullptr};
    if (joinable) return {Role::waiter, found->second};
    abandoned = found->second;
    take_off_table(shard, *abandoned);
  }
  if (under_way() >= options_.max_fetches || !charge.taken()) return {Role::alone, nullptr};
  charge.keep();
  under_way_.fetch_add(1, std::memory_order_relaxed);
  std::shared_ptr<Flight> flight(new Flight(std::move(name), key_hash, now, purges_.now(), asker));
  shard.flights.emplace(flight->name_, flight);
  return {Role::fetcher, std::move(flight)};
}

void Flights::land(Flight& flight, Landing landing, EntryPtr entry) {
  Shard& shard = shard_of(flight.hash_);
  const std::lock_guard lock(shard.mutex);
  if (flight.landing_ != Landing::none) return;
  flight.entry_ = std::move(entry);
  end(shard, flight, landing);
}

void Flights::end(Shard& shard, Flight& flight, Landing landing) {
  flight.landing_ = landing;
  take_off_table(shard, flight);
  // Woken under the lock: who has left the list may have left its loop too, and it cannot leave while we hold this.
  for (auto& waiters : flight.waiters_) {
    for (const auto& waiter : waiters) {
      waiter->listed_ = false;
      wake(waiter);
    }
    waiters.clear();
  }
}

// Whether somebody else fetches the same, or has: then the end of one fetch is nothing to those who wait.
bool Flights::others_lead(Flight& flight, const Asker& leaving) {
  if (flight.landing_ != Landing::none) return true;
  if (flight.leaders_.size() == 1) return false;
  const auto its = std::ranges::find(flight.leaders_, leaving);
  if (its != flight.leaders_.end()) flight.leaders_.erase(its);
  return true;
}

bool Flights::try_once_more(Flight& flight) { return flight.failures_forgiven_++ == 0 && promote_one(flight); }

void Flights::fail(Flight& flight, const Asker& fetcher, EntryPtr stale) {
  Shard& shard = shard_of(flight.hash_);
  const std::lock_guard lock(shard.mutex);
  if (others_lead(flight, fetcher) || (!stale && try_once_more(flight))) return;
  flight.entry_ = std::move(stale);
  end(shard, flight, Landing::failed);
}

void Flights::turn_away(Flight& flight, const Asker& fetcher, std::uint8_t rank, EntryPtr stale) {
  Shard& shard = shard_of(flight.hash_);
  const std::lock_guard lock(shard.mutex);
  if (others_lead(flight, fetcher)) return;
  if (best_that_waits(flight) < rank && promote_one(flight)) return;
  if (!stale && try_once_more(flight)) return;
  flight.entry_ = std::move(stale);
  end(shard, flight, Landing::turned_away);
}

void Flights::fail_answered(Flight& flight, const Asker& fetcher) {
  Shard& shard = shard_of(flight.hash_);
  const std::lock_guard lock(shard.mutex);
  if (others_lead(flight, fetcher) || try_once_more(flight)) return;
  end(shard, flight, Landing::released);
}

void Flights::release(Flight& flight, const Asker& fetcher) {
  if (!fetcher.has_cookies()) return land(flight, Landing::released, {});
  Shard& shard = shard_of(flight.hash_);
  const std::lock_guard lock(shard.mutex);
  for (auto& waiters : flight.waiters_) {
    for (std::size_t i = waiters.size(); i-- > 0;) {
      const std::shared_ptr<Waiter> waiter = waiters[i];
      if (!waiter->asker_.has_cookies()) continue;
      strike(flight, *waiter);
      waiter->released_ = true;
      wake(waiter);
    }
  }
  pass_on(shard, flight, fetcher);
}

// What a session may hold up is not waited for where others fetch too.
bool Flights::awaited(const Flight& flight, const Asker& fetcher) {
  const std::lock_guard lock(shard_of(flight.hash_).mutex);
  return somebody_waits(flight) && (flight.leaders_.size() == 1 || !fetcher.has_cookies());
}

void Flights::hand_over(Flight& flight, const Asker& fetcher) {
  Shard& shard = shard_of(flight.hash_);
  const std::lock_guard lock(shard.mutex);
  pass_on(shard, flight, fetcher);
}

void Flights::pass_on(Shard& shard, Flight& flight, const Asker& leaving) {
  if (others_lead(flight, leaving) || promote_one(flight)) return;
  end(shard, flight, Landing::released);
}

void Flights::remember_uncacheable(std::uint64_t key_hash, const Asker& fetcher, TimePoint now) {
  Shard& shard = shard_of(key_hash);
  const std::lock_guard lock(shard.mutex);
  shard.uncacheable.remember(memory_hash(key_hash, fetcher.session), now + options_.hit_for_miss);
}

void Flights::forget_uncacheable(std::uint64_t key_hash, const Asker& fetcher) {
  Shard& shard = shard_of(key_hash);
  const std::lock_guard lock(shard.mutex);
  shard.uncacheable.forget(memory_hash(key_hash, Asker::Session::none));
  if (fetcher.has_cookies()) shard.uncacheable.forget(memory_hash(key_hash, fetcher.session));
}

// ---- what is at stake ----

bool Flights::somebody_waits(const Flight& flight) { return best_that_waits(flight) < Stake::ranks; }

// The rank; Stake::ranks: nobody waits.
std::size_t Flights::best_that_waits(const Flight& flight) {
  const auto first = std::ranges::find_if(flight.waiters_, [](const auto& waiters) { return !waiters.empty(); });
  return static_cast<std::size_t>(first - flight.waiters_.begin());
}

// True: it is better than all before. Posted under the lock, as to those who wait: who listens may not leave its loop
// while we hold it.
bool Flights::tell(Flight& flight, const Stake& stake) {
  const bool better = stake.is_better_than(flight.best_);
  if (better) {
    flight.best_ = stake;
  } else if (stake.rank != flight.best_.rank || stake.rank == Stake::lowest || stake.flow == flight.best_.flow ||
             flight.equals_told_++ >= Backing::most_equals) {
    return false;
  }
  for (const std::shared_ptr<Backing::Ear>& ear : flight.ears_) {
    ear->loop.post([ear, stake] {
      if (ear->owner != nullptr) ear->told(ear->owner, stake);
    });
  }
  return better;
}

Stake Flights::listen(Flight& flight, const std::shared_ptr<Backing::Ear>& ear, const Stake& own) {
  const std::lock_guard lock(shard_of(flight.hash_).mutex);
  flight.ears_.push_back(ear);
  if (own.is_better_than(flight.best_)) flight.best_ = own;
  return flight.best_;
}

void Flights::unlisten(Flight& flight, const std::shared_ptr<Backing::Ear>& ear) {
  const std::lock_guard lock(shard_of(flight.hash_).mutex);
  const auto its = std::ranges::find(flight.ears_, ear);
  if (its != flight.ears_.end()) flight.ears_.erase(its);
}

// ---- for those who wait ----

net::Task<Flights::Ended> Flights::wait(std::shared_ptr<Flight> flight, Asker asker, Stake stake, net::Loop& loop,
                                        TimePoint deadline, net::CancelToken token) {
  const auto waiter = std::make_shared<Waiter>(loop, asker, stake);
  Ended ended;
  if (!enlist(*flight, waiter, ended)) co_return ended;
  for (;;) {
    const TimePoint look = std::min(deadline, next_look(*flight, *waiter));
    Result<void> woken = co_await waiter->landed_.wait(loop, look, token);
    const bool looks = !woken && woken.error().code == Errc::timed_out && loop.now() < deadline;
    if (looks && !joins_leaders(*flight, *waiter)) continue;
    ended = ended_for(*flight, waiter, woken);
    co_return ended;
  }
}

// When this one may fetch beside those who do now, if nothing has landed by then; with the shard's lock held. Those
// with cookies come a second later, and so do all beside one without: its page is slow for all, mostly, or for its
// address.
TimePoint Flights::lead_from(const Flight& flight, const Waiter& waiter) {
  const auto& leaders = flight.leaders_;
  const Asker& asker = waiter.asker_;
  const auto without_cookies = std::ranges::count_if(leaders, std::not_fn(&Asker::has_cookies));
  if (leaders.size() >= most_leaders || without_cookies >= most_without_cookies) return no_deadline;
  const bool leads = std::ranges::any_of(leaders, [&](const Asker& leader) {
    return asker.is_same_session(leader) || (without_cookies > 0 && asker.is_same_client(leader));
  });
  if (leads) return no_deadline;
  return flight.led_at_ + patience * (1 + (asker.has_cookies() ? 1 : 0) + (without_cookies > 0 ? 1 : 0));
}

// Who fetches may change meanwhile: so it is looked at now and then.
TimePoint Flights::next_look(const Flight& flight, const Waiter& waiter) {
  const std::lock_guard lock(shard_of(flight.hash_).mutex);
  const TimePoint now = waiter.loop_.now();
  const TimePoint from = lead_from(flight, waiter);
  return from > now ? std::min(from, now + 2 * patience) : now;
}

// True when there is nothing more to wait for: it has the duty to fetch, or something has landed meanwhile.
bool Flights::joins_leaders(Flight& flight, Waiter& waiter) {
  const std::lock_guard lock(shard_of(flight.hash_).mutex);
  if (!waiter.listed_) return true;
  const TimePoint now = waiter.loop_.now();
  if (now < lead_from(flight, waiter)) return false;
  strike(flight, waiter);
  waiter.promoted_ = true;
  flight.leaders_.push_back(waiter.asker_);
  flight.led_at_ = now;
  return true;
}

// False when there is nothing to wait for: `ended` says why.
bool Flights::enlist(Flight& flight, const std::shared_ptr<Waiter>& waiter, Ended& ended) {
  Shard& shard = shard_of(flight.hash_);
  const std::lock_guard lock(shard.mutex);
  if (flight.landing_ != Landing::none) {
    ended.outcome = outcome_of(flight.landing_);
    ended.entry = flight.entry_;
    return false;
  }
  if (waiting_.fetch_add(1, std::memory_order_relaxed) >= options_.max_waiters) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    ended.outcome = Outcome::busy;
    return false;
  }
  auto& waiters = flight.waiters_[waiter->stake_.rank];
  waiter->listed_ = true;
  waiter->place_ = waiters.size();
  waiters.push_back(waiter);
  waiter->backed_ = tell(flight, waiter->stake_);
  return true;
}

Flights::Ended Flights::ended_for(Flight& flight, const std::shared_ptr<Waiter>& waiter, const Result<void>& woken) {
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  Shard& shard = shard_of(flight.hash_);
  const std::lock_guard lock(shard.mutex);
  strike(flight, *waiter);
  // A promotion is a duty: it is taken even by who leaves, who then hands it on.
  if (waiter->promoted_) return {Outcome::promoted, nullptr};
  if (waiter->released_) return {Outcome::released, nullptr};
  if (flight.landing_ != Landing::none) return {outcome_of(flight.landing_), flight.entry_, waiter->backed_};
  const bool cancelled = !woken && woken.error().code == Errc::cancelled;
  return {cancelled ? Outcome::cancelled : Outcome::timed_out, nullptr};
}

void Flights::take_off_table(Shard& shard, const Flight& flight) {
  const auto found = shard.flights.find(flight.name_);
  if (found == shard.flights.end() || found->second.get() != &flight) return;
  memory_.ledger().give_back(flight_charge(flight.name_.size()));
  under_way_.fetch_sub(1, std::memory_order_relaxed);
  shard.flights.erase(found);
}

// In place of the last who fetched: of the best rank that waits, and preferably one without cookies, if there is one
// among the first.
bool Flights::promote_one(Flight& flight) {
  const std::size_t rank = best_that_waits(flight);
  if (rank == Stake::ranks) return false;
  const auto& waiters = flight.waiters_[rank];
  const std::span first(waiters.data(), std::min<std::size_t>(waiters.size(), 32));
  const auto without = std::ranges::find_if(first, [](const auto& waiter) { return !waiter->asker_.has_cookies(); });
  const std::shared_ptr<Waiter> chosen = without != first.end() ? *without : first.front();
  strike(flight, *chosen);
  chosen->promoted_ = true;
  flight.leaders_.assign(1, chosen->asker_);
  flight.led_at_ = chosen->loop_.now();
  // Nobody who has left counts: it fetches for itself and for those who wait on.
  flight.best_ = chosen->stake_;
  wake(chosen);
  return true;
}

// In constant time: thousands may give up at one moment.
void Flights::strike(Flight& flight, Waiter& waiter) {
  if (!waiter.listed_) return;
  waiter.listed_ = false;
  auto& waiters = flight.waiters_[waiter.stake_.rank];
  waiters.back()->place_ = waiter.place_;
  std::swap(waiters[waiter.place_], waiters.back());
  waiters.pop_back();
}

void Flights::wake(const std::shared_ptr<Waiter>& waiter) {
  waiter->loop_.post([waiter] { waiter->landed_.notify_all(); });
}

}  // namespace tenfold::cache
