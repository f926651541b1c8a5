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
  Flights flights;
  // Bytes of bodies on their way in; at most a quarter of the memory, so that slow origins cannot empty the cache.
  std::atomic<std::size_t> filling_bytes{0};
  std::array<CacheCounters, 16> counters_;
};

// The memory that one fill may take: from the store, within the share of all fills.
class FillMemory final : public MemorySource {
 public:
  explicit FillMemory(CacheState& cache) : cache_(cache) {}
  FillMemory(const FillMemory&) = delete;
  FillMemory& operator=(const FillMemory&) = delete;
  ~FillMemory() { cache_.filling_bytes.fetch_sub(taken_bytes_, std::memory_order_relaxed); }

  bool reserve(std::size_t bytes) override;
  Ledger& ledger() override { return cache_.ledger; }

 private:
  CacheState& cache_;
  std::size_t taken_bytes_ = 0;
};

struct FillState {
  enum class Kind : std::uint8_t {
    shared,      // others wait for it
    alone,       // nobody waits
    background,  // refreshes an entry that is served meanwhile; nobody waits
  };
  enum class Phase : std::uint8_t { asked, storing, not_modified, over };

  FillState(CacheState& in, const Key& key, Kind as, EntryPtr entry, std::shared_ptr<Flight> shared_flight)
      : cache(in),
        key_text(key.text),
        key_hash(key.hash),
        kind(as),
        stored(std::move(entry)),
        flight(std::move(shared_flight)),
        purge_mark(in.purges.now()),
        memory(in) {}

  Key key() const { return {key_text, key_hash}; }
  EntryPtr stale_now() const;
  FillVerdict refuse(Refusal why);
  FillVerdict answered_with_error();
  FillVerdict answered_not_modified(const http::RequestHead& request, const http::ResponseHead& response,
                                    const FetchTimes& times);
  FillVerdict begin_storing(const http::RequestHead& request, const http::ResponseHead& response,
                            http::BodyLength length, const FetchTimes& times, const Terms& terms);
  EntryPtr finish_storing();
  EntryPtr finish_not_modified();
  EntryPtr fail();
  void abandon();
  void share(const EntryPtr& entry);
  void release();

  CacheState& cache;
  const std::string key_text;
  const std::uint64_t key_hash;
  const Kind kind;
  Phase phase = Phase::asked;
  EntryPtr stored;
  std::shared_ptr<Flight> flight;
  const std::uint64_t purge_mark;
  Refusal refusal = Refusal::none;
  FillMemory memory;
  Ref<Entry> pending;              // the head that was stored or renewed
  std::optional<BodyWriter> body;  // Phase::storing
};

}  // namespace tenfold::cache
