#pragma once

#include <absl/container/flat_hash_set.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "cache/key/key.hpp"
#include "cache/key/vary.hpp"
#include "cache/store/entry.hpp"
#include "cache/store/ledger.hpp"
#include "cache/store/purge_marks.hpp"
#include "cache/store/resource.hpp"
#include "cache/store/s3_fifo.hpp"
#include "http/message.hpp"

namespace tenfold::cache {

// The entries by key and variant, in bounded memory. Thread-safe.
//
// Locks: `writing_` guards the eviction queues and is held through every change; each shard's `mutex` guards its table.
// Order: writing_, then one shard. Lookups take a shard's lock alone, for one probe. Entries are let go of with no lock
// held, since that may free megabytes.
class Store final : public MemorySource {
 public:
  Store(Ledger& ledger, const Clock& clock, std::size_t max_variants);
  ~Store();

  // The fixed part of its memory; taken from the ledger by the constructor.
  static std::size_t fixed_bytes(std::size_t limit_bytes);

  struct Selected {
    Ref<const Entry> entry;    // null: nothing fits
    Ref<const VarySpec> vary;  // by which the key is known to vary
    enum class Why : std::uint8_t { found, no_key, no_variant, too_long } why = Why::no_key;
  };
  // Counts a use of the entry. Leaves the request's secondary key in `variant`.
  Selected select(const Key& key, const http::RequestHead& request, Variant& variant) const;

  // By what the key is known to vary; null: by nothing, or it is not known.
  Ref<const VarySpec> vary_of(const Key& key) const;

  // Takes bytes from the ledger, evicting for them. False when what could be evicted is not enough.
  bool reserve(std::size_t bytes) override;
  Ledger& ledger() override { return ledger_; }

  // Lists the entry, in place of one of the same variant. False when the key was purged since its fetch began or varies
  // by more than the entry knows of, or there is no room for its place in the table, or as many variants as may be have
  // all been used: the entry is not listed then.
  bool publish(const Key& key, Ref<Entry> entry, const FetchBegan& began = {});
  // Lists `with`, of the same variant, in the place of `old`; false when `old` is not listed any more, is of another
  // variant, or the key was purged since.
  bool replace(const Ref<const Entry>& old, Ref<Entry> with, const FetchBegan& began = {});
  // Also where it has been renewed since: the same body under another head.
  void remove(const Key& key, const Entry& entry);
  std::size_t remove_key(const Key& key);
  std::size_t remove_prefix(std::string_view prefix);

  std::size_t entries() const;
  std::uint64_t evictions() const { return evictions_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t shard_count = 64;
  static constexpr int shard_shift = 58;          // the highest bits of a hash name the shard
  static constexpr std::size_t scan_batch = 256;  // keys compared under a shard's lock at a time
  static constexpr std::size_t evict_batch = 32;

  struct HashOf {
    using is_transparent = void;
    std::size_t operator()(const Resource* resource) const { return resource->hash(); }
    std::size_t operator()(const Key& key) const { return key.hash; }
  };
  struct SameKey {
    using is_transparent = void;
    bool operator()(const Resource* a, const Resource* b) const { return a == b; }
    bool operator()(const Resource* a, const Key& b) const { return a->hash() == b.hash && a->key() == b.text; }
    bool operator()(const Key& a, const Resource* b) const { return (*this)(b, a); }
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    absl::flat_hash_set<Resource*, HashOf, SameKey> table;
    std::vector<Resource*> list;  // the same, for scans that go on where they stopped
    std::size_t slots = 0;        // of the table
    std::size_t room = 0;         // table and list hold so many without growing
    std::size_t table_bytes = 0;  // in the ledger
  };
  // What was taken out, to be let go of once no lock is held.
  using Removed = std::vector<Ref<Entry>>;

  Shard& shard_of(std::uint64_t hash) { return shards_[hash >> shard_shift]; }
  const Shard& shard_of(std::uint64_t hash) const { return shards_[hash >> shard_shift]; }
  std::size_t evict_some(std::size_t bytes);
  bool grow_table(Shard& shard);
  // These with writing_ and the shard's lock held.
  Resource& resource_for(Shard& shard, const Key& key);
  bool list_variant(Shard& shard, Resource& resource, Ref<Entry> entry, Removed& removed);
  Ref<Entry> variant_to_replace(Resource& resource) const;
  void succeed(Ref<Entry>& listed, Ref<Entry> with, Removed& removed);
  void unlist(Shard& shard, Entry& entry, Removed& removed);
  void unlist_all(Shard& shard, Resource& resource, Removed& removed);
  void drop_resource(Shard& shard, Resource& resource);
  std::size_t remove_prefix_in(Shard& shard, std::string_view prefix);

  Ledger& ledger_;
  const Clock& clock_;
  const std::size_t max_variants_;
  std::size_t fixed_bytes_;
  std::mutex writing_;
  S3Fifo queues_;  // under writing_
  std::atomic<std::uint64_t> evictions_{0};
  std::atomic<std::size_t> entries_{0};
  std::array<Shard, shard_count> shards_;
};

}  // namespace tenfold::cache
