#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "cache/coalesce/asker.hpp"
#include "cache/coalesce/backing.hpp"
#include "cache/coalesce/recent.hpp"
#include "cache/coalesce/stake.hpp"
#include "cache/options.hpp"
#include "cache/store/body.hpp"
#include "cache/store/entry.hpp"
#include "cache/store/purge_marks.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"

namespace tenfold::cache {

// How a shared fetch ended.
enum class Landing : std::uint8_t {
  none,         // under way
  stored,       // there is an entry for those who waited
  released,     // not for the cache: all who waited fetch for themselves, at once
  failed,       // the origin failed; a stale entry may help
  turned_away,  // there was no place at the origin for any of them; likewise
};

// One who waits for a fetch, on a loop of its own.
class Waiter {
 public:
  Waiter(net::Loop& loop, Asker asker, const Stake& stake) : loop_(loop), asker_(asker), stake_(stake) {}

 private:
  friend class Flights;
  net::Loop& loop_;
  const Asker asker_;
  const Stake stake_;
  net::Event landed_;  // on loop_'s thread
  // Under the lock of the flight's shard:
  bool promoted_ = false;
  bool released_ = false;  // by itself: others wait on
  bool listed_ = false;
  bool backed_ = false;
  std::size_t place_ = 0;  // in the flight's list of its rank, if listed
};

// A fetch that several requests share. Its members are under the lock of its shard, except those that never change.
class Flight {
 private:
  friend class Flights;
  Flight(std::string name, std::uint64_t hash, TimePoint began, std::uint64_t purge_mark, Asker leader)
      : name_(std::move(name)), hash_(hash), began_(began), purge_mark_(purge_mark), led_at_(began) {
    leaders_.push_back(leader);
  }

  const std::string name_;  // key and variant
  const std::uint64_t hash_;
  const TimePoint began_;
  const std::uint64_t purge_mark_;
  std::array<std::vector<std::shared_ptr<Waiter>>, Stake::ranks> waiters_;  // by rank
  Stake best_;                                                              // of those who fetch or have waited
  int equals_told_ = 0;
  absl::InlinedVector<std::shared_ptr<Backing::Ear>, 2> ears_;  // of those who fetch now
  Landing landing_ = Landing::none;
  EntryPtr entry_;  // stored: what to serve; failed, turned_away: what to serve stale, or null
  int failures_forgiven_ = 0;
  absl::InlinedVector<Asker, 2> leaders_;  // who fetch now: the first that lands with something lands it for all
  TimePoint led_at_;                       // when the last of them began
};

// The fetches under way, and the memory of keys that proved uncacheable. Thread-safe.
//
// Rules (docs/decisions/0003-cache-coalescing.md): whoever finds no flight starts one and fetches; whoever finds one
// waits. When it lands, all are woken together, each on its own loop. A fetcher that gives up (its client left) is
// replaced by one who waits. A failed origin is asked once more, by one who waits; then all share the failure. Nobody's
// session or address holds up all others: after a second one who waits fetches beside fetchers that all have cookies,
// after two beside one that has none, preferably one without cookies itself; no session does twice, nor a client beside
// itself. What comes of a fetch with cookies, and is not for the cache, ends nobody's wait but that of others with
// cookies. Whoever fetches is told of the best stake that waits, fetches in that one's name, and is followed by the
// best that waits.
class Flights {
 public:
  Flights(MemorySource& memory, const CacheOptions& options, const PurgeMarks& purges);
  ~Flights();
  static std::size_t fixed_bytes(std::size_t limit_bytes);

  enum class Role : std::uint8_t {
    fetcher,
    waiter,
    alone,  // known to be uncacheable, or too many flights: fetch without sharing
    busy,   // too many wait
  };
  struct Boarding {
    Role role = Role::alone;
    std::shared_ptr<Flight> flight;
  };
  // key_hash: of the key without its variant; what is uncacheable is remembered by it.
  Boarding board(std::string_view key, std::string_view variant, std::uint64_t key_hash, const Asker& asker,
                 TimePoint now);

  // ---- For the fetcher; nothing happens once another fetcher of the flight has landed it ----
  void land(Flight& flight, Landing landing, EntryPtr entry);
  // Landing::failed, unless there is nothing stale and one who waits gets another try.
  void fail(Flight& flight, const Asker& fetcher, EntryPtr stale);
  // There was no place at the origin for a fetcher of that rank: those of a better one take over, the best of them
  // first; one more of the others tries, and then they share it.
  void turn_away(Flight& flight, const Asker& fetcher, std::uint8_t rank, EntryPtr stale);
  // The origin answered, with an error, or broke off: one who waits gets another try, else all are released.
  void fail_answered(Flight& flight, const Asker& fetcher);
  // The answer is not for the cache: whoever it may concern fetches for itself, at once.
  void release(Flight& flight, const Asker& fetcher);
  // True while somebody waits for what this fetcher brings.
  bool awaited(const Flight& flight, const Asker& fetcher);
  // The fetcher gives up: one who waits takes over, or the flight ends.
  void hand_over(Flight& flight, const Asker& fetcher);
  // What was found with cookies is remembered for requests with cookies only.
  void remember_uncacheable(std::uint64_t key_hash, const Asker& fetcher, TimePoint now);
  void forget_uncacheable(std::uint64_t key_hash, const Asker& fetcher);

  // For Backing. Returns the best stake of those who fetch or wait.
  Stake listen(Flight& flight, const std::shared_ptr<Backing::Ear>& ear, const Stake& own);
  void unlisten(Flight& flight, const std::shared_ptr<Backing::Ear>& ear);

  // ---- For those who wait ----
  enum class Outcome : std::uint8_t { stored, released, failed, turned_away, promoted, timed_out, cancelled, busy };
  struct Ended {
    Outcome outcome = Outcome::released;
    EntryPtr entry;
    bool backed = false;  // its stake was the best
  };
  net::Task<Ended> wait(std::shared_ptr<Flight> flight, Asker asker, Stake stake, net::Loop& loop, TimePoint deadline,
                        net::CancelToken token);

  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::size_t under_way() const { return under_way_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t shard_count = 16;
  struct alignas(64) Shard {
    explicit Shard(std::size_t buckets_log2) : uncacheable(buckets_log2) {}
    std::mutex mutex;
    absl::flat_hash_map<std::string_view, std::shared_ptr<Flight>> flights;  // keyed by Flight::name_
    RecentKeys uncacheable;
  };
  Shard& shard_of(std::uint64_t key_hash) { return *shards_[(key_hash >> 52) % shard_count]; }

  static constexpr std::size_t most_leaders = 8;
  static constexpr int most_without_cookies = 2;  // of them: past it all wait, as an origin that is slow for all bears

  TimePoint next_look(const Flight& flight, const Waiter& waiter);
  bool joins_leaders(Flight& flight, Waiter& waiter);
  // With the shard's lock held.
  static bool others_lead(Flight& flight, const Asker& leaving);
  static bool try_once_more(Flight& flight);
  static bool somebody_waits(const Flight& flight);
  static std::size_t best_that_waits(const Flight& flight);
  static bool tell(Flight& flight, const Stake& stake);
  void pass_on(Shard& shard, Flight& flight, const Asker& leaving);
  static TimePoint lead_from(const Flight& flight, const Waiter& waiter);
  void end(Shard& shard, Flight& flight, Landing landing);
  void take_off_table(Shard& shard, const Flight& flight);
  static bool promote_one(Flight& flight);
  static void wake(const std::shared_ptr<Waiter>& waiter);
  static void strike(Flight& flight, Waiter& waiter);
  bool enlist(Flight& flight, const std::shared_ptr<Waiter>& waiter, Ended& ended);
  Ended ended_for(Flight& flight, const std::shared_ptr<Waiter>& waiter, const Result<void>& woken);

  MemorySource& memory_;
  const CacheOptions& options_;
  const PurgeMarks& purges_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> under_way_{0};
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace tenfold::cache
