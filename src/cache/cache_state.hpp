#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "cache/cache.hpp"
#include "cache/coalesce/flights.hpp"
#include "cache/coalesce/recent.hpp"
#include "cache/options.hpp"
#include "cache/store/hold.hpp"
#include "cache/store/store.hpp"

// What Cache and Fill share; for their sources only.
namespace tenfold::cache {

// On a line of its own, so that threads that count for different keys do not take it from each other.
struct alignas(64) CacheCounters {
  SharedCounter hits, stale_hits, misses, collapsed, bypasses, stored, validated, refused, purged;
};

struct CacheState {
  CacheState(const CacheOptions& given, const Clock& clock);

  CacheCounters& counters(std::uint64_t hash) { return counters_[(hash >> 48) % counters_.size()]; }
  std::size_t forget(const Key& key);  // purges one key, and marks it so that no fetch under way brings it back

  const CacheOptions options;
  const Clock& clock;
  Ledger ledger;
  Store store;
  PurgeMarks purges;
  Holds holds;
  Flights flights;
  // Bytes of what is on its way in, small bodies and others apart. Each at most a quarter of the memory, so that slow
  // origins cannot empty the cache, nor a few large bodies keep small ones out.
  struct Filling {
    std::atomic<std::size_t> small_bytes{0};
    std::atomic<std::size_t> large_bytes{0};
  } filling;
  std::array<CacheCounters, 16> counters_;
};

// The memory that one fill may take: from the store, within the share of all fills of its size. It is small until it
// has grown.
class FillMemory final : public MemorySource {
 public:
  static constexpr std::size_t small_bytes = 72 * 1024;  // a body of 64 KiB with its head

  explicit FillMemory(CacheState& cache) : cache_(cache), share_(&cache.filling.small_bytes) {}
  FillMemory(const FillMemory&) = delete;
  FillMemory& operator=(const FillMemory&) = delete;
  ~FillMemory() { settle(); }

  bool reserve(std::size_t bytes) override;
  // What was taken is on its way in no more: it is the entry's, or freed.
  void settle() { share_->fetch_sub(std::exchange(taken_bytes_, 0), std::memory_order_relaxed); }
  Ledger& ledger() override { return cache_.ledger; }

 private:
  bool take(std::atomic<std::size_t>& share, std::size_t bytes) const;

  CacheState& cache_;
  std::atomic<std::size_t>* share_;
  std::size_t taken_bytes_ = 0;
};

struct FillState {
  enum class Kind : std::uint8_t {
    shared,      // others wait for it
    alone,       // nobody waits
    authorized,  // nobody waits, and what is said to a password, be it wrong, teaches nothing about anybody else
    unkept,      // nobody waits, and nothing of it is stored: the request is not one to keep an answer of
    background,  // refreshes an entry that is served meanwhile; nobody waits
  };
  enum class Phase : std::uint8_t { asked, storing, not_modified, over };

  FillState(CacheState& in, const Key& key, Kind as, const Asker& by, EntryPtr entry,
            std::shared_ptr<Flight> shared_flight)
      : cache(in),
        key_text(key.text),
        key_hash(key.hash),
        kind(as),
        asker(by),
        stored(std::move(entry)),
        leased(as == Kind::background ? stored : EntryPtr()),
        flight(std::move(shared_flight)),
        began{&in.purges, key.hash, in.purges.now()},
        memory(in) {}

  Key key() const { return {key_text, key_hash}; }
  EntryPtr stale_now() const;
  bool is_one_visitors() const { return kind == Kind::authorized || asker.has_cookies(); }
  bool would_displace(const http::RequestHead& request, const Terms& terms) const;
  // status: of the answer that is refused.
  FillVerdict refuse(Refusal why, int status);
  FillVerdict answered_with_error();
  FillVerdict answered_for_nothing();
  FillVerdict answered_not_modified(const http::RequestHead& request, const http::ResponseHead& response,
                                    const FetchTimes& times);
  FillVerdict begin_storing(const http::RequestHead& request, const http::ResponseHead& response,
                            http::BodyLength length, const FetchTimes& times, const Terms& terms);
  EntryPtr finish_storing();
  EntryPtr finish_not_modified();
  void settle_refused_validation();
  void take_away();
  EntryPtr fail(Failure how);
  EntryPtr turn_away(std::uint8_t rank);
  void abandon();
  void share(const EntryPtr& entry);
  void release();

  CacheState& cache;
  const std::string key_text;
  const std::uint64_t key_hash;
  const Kind kind;
  const Asker asker;
  Phase phase = Phase::asked;
  EntryPtr stored;        // what is validated; null too once a 304 proved that it is something else
  const EntryPtr leased;  // Kind::background: whose refresh this is, whatever becomes of it
  std::shared_ptr<Flight> flight;
  FetchBegan began;
  Refusal refusal = Refusal::none;
  FillMemory memory;
  Ref<Entry> pending;  // the head that was stored or renewed
  // Phase::storing; and after it was refused in the middle what had come, for the one who asked.
  std::optional<BodyWriter> body;
};

}  // namespace tenfold::cache
