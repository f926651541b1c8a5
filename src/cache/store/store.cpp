#include "cache/store/store.hpp"

#include <algorithm>

#include "base/result.hpp"

namespace tenfold::cache {

namespace {

// One ghost for every 2 KiB of the cache: more than objects of the usual sizes can leave in a round.
std::size_t ghosts_for(std::size_t limit_bytes) { return limit_bytes / 2048; }

bool same(const Ref<const VarySpec>& a, const Ref<const VarySpec>& b) {
  return a == b || (a && b && a->text() == b->text());
}

constexpr Duration variants_age_every = std::chrono::seconds(10);

constexpr std::size_t first_slots = 63;  // of a shard's table; always a power of two less one

// Of a table of so many slots: one pointer and one control byte a slot, and the list beside it.
std::size_t room_for(std::size_t slots) { return slots * 3 / 4; }
std::size_t table_charge(std::size_t slots) {
  return allocation_charge((slots + 1) * (sizeof(Resource*) + 1) + 32) +
         allocation_charge(room_for(slots) * sizeof(Resource*));
}

}  // namespace

std::size_t Store::fixed_bytes(std::size_t limit_bytes) {
  return S3Fifo::ghost_bytes(ghosts_for(limit_bytes)) + sizeof(Store);
}

Store::Store(Ledger& ledger, const Clock& clock, std::size_t max_variants)
    : ledger_(ledger),
      clock_(clock),
      max_variants_(std::max<std::size_t>(max_variants, 1)),
      fixed_bytes_(fixed_bytes(ledger.limit_bytes())),
      queues_(ledger.limit_bytes(), ghosts_for(ledger.limit_bytes())) {
  TENFOLD_ASSERT(ledger_.try_take(fixed_bytes_));
}

Store::~Store() {
  for (Shard& shard : shards_) {
    Removed removed;
    const std::lock_guard writing(writing_);
    const std::lock_guard lock(shard.mutex);
    while (!shard.list.empty()) unlist_all(shard, *shard.list.back(), removed);
    ledger_.give_back(shard.table_bytes);
  }
  ledger_.give_back(fixed_bytes_);
}

Store::Selected Store::select(const Key& key, const http::RequestHead& request, Variant& variant) const {
  using Why = Selected::Why;
  Selected selected;
  const Shard& shard = shard_of(key.hash);
  // The secondary key is made between two looks, without the lock; more looks only where the spec changed meanwhile.
  for (int looks = 0; looks < 3; ++looks) {
    {
      const std::lock_guard lock(shard.mutex);
      const auto found = shard.table.find(key);
      if (found == shard.table.end()) {
        selected.why = Why::no_key;
        selected.vary = nullptr;
        return selected;
      }
      const Resource& resource = **found;
      selected.why = Why::no_variant;
      if (!resource.vary_) {
        selected.vary = nullptr;
        selected.entry = resource.variants_.front();
      } else if (looks > 0 && selected.vary == resource.vary_) {
        for (const Ref<Entry>& entry : resource.variants_) {
          if (entry->variant_ == variant.text()) selected.entry = entry;
        }
        if (!selected.entry) return selected;
      } else {
        selected.vary = resource.vary_;
      }
    }
    if (selected.entry) {
      selected.entry->touch();
      selected.why = Why::found;
      return selected;
    }
    if (!variant.select(selected.vary.get(), request)) {
      selected.why = Why::too_long;
      return selected;
    }
  }
  return selected;
}

Ref<const VarySpec> Store::vary_of(const Key& key) const {
  const Shard& shard = shard_of(key.hash);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.table.find(key);
  return found == shard.table.end() ? Ref<const VarySpec>() : (*found)->vary_;
}

bool Store::reserve(std::size_t bytes) {
  if (bytes > ledger_.limit_bytes()) return false;
  // Others may take what was freed here; nobody is made to free more than a few times what it needs.
  const std::size_t enough = 4 * bytes + 1024 * 1024;
  for (std::size_t freed = 0; !ledger_.try_take(bytes);) {
    const std::size_t now = freed < enough ? evict_some(bytes) : 0;
    if (now == 0) return false;
    freed += now;
  }
  return true;
}

std::size_t Store::evict_some(std::size_t bytes) {
  Removed removed;
  removed.reserve(evict_batch);
  std::size_t freed = 0;
  const TimePoint now = clock_.now();
  const auto wish = [&](const S3Node& node) {
    const auto& entry = static_cast<const Entry&>(node);
    if (entry.holders() > 1) return S3Fifo::Wish::spare;
    return entry.age_s(now) >= entry.terms_.kept_s() ? S3Fifo::Wish::drop : S3Fifo::Wish::by_use;
  };
  const std::lock_guard writing(writing_);
  while (removed.size() < evict_batch && freed < bytes) {
    S3Node* const node = queues_.evict(wish);
    if (node == nullptr) break;
    auto& entry = static_cast<Entry&>(*node);
    freed += entry.whole_charge();
    Shard& shard = shard_of(entry.resource_->hash());
    const std::lock_guard lock(shard.mutex);
    unlist(shard, entry, removed);
  }
  evictions_.fetch_add(removed.size(), std::memory_order_relaxed);
  return freed;
}

bool Store::publish(const Key& key, Ref<Entry> entry, const FetchBegan& began) {
  Shard& shard = shard_of(key.hash);
  Removed removed;
  do {
    const std::lock_guard writing(writing_);
    const std::lock_guard lock(shard.mutex);
    if (began.purged_since()) return false;
    if (shard.list.size() < shard.room || shard.table.contains(key)) {
      return list_variant(shard, resource_for(shard, key), std::move(entry), removed);
    }
  } while (grow_table(shard));
  return false;
}

// Takes the larger table's memory before it grows, and growing is never left to the table itself: below three quarters
// of its slots it reuses deleted ones in place. True also when another thread was faster.
bool Store::grow_table(Shard& shard) {
  std::size_t slots = 0;
  {
    const std::lock_guard lock(shard.mutex);
    slots = shard.slots == 0 ? first_slots : shard.slots * 2 + 1;
  }
  const std::size_t charge = table_charge(slots);
  if (!reserve(charge)) return false;
  std::size_t over = charge;
  {
    const std::lock_guard writing(writing_);
    const std::lock_guard lock(shard.mutex);
    if (shard.slots < slots) {
      shard.table.reserve(slots * 7 / 8);
      shard.list.reserve(room_for(slots));
      over = shard.table_bytes;
      shard.slots = slots;
      shard.room = room_for(slots);
      shard.table_bytes = charge;
    }
  }
  ledger_.give_back(over);
  return true;
}

Resource& Store::resource_for(Shard& shard, const Key& key) {
  const auto found = shard.table.find(key);
  if (found != shard.table.end()) return **found;
  auto* const resource = Resource::create(key.text, key.hash);
  resource->index_ = shard.list.size();
  shard.list.push_back(resource);
  shard.table.insert(resource);
  return *resource;
}

bool Store::list_variant(Shard& shard, Resource& resource, Ref<Entry> entry, Removed& removed) {
  const bool same_spec = same(resource.vary_, entry->vary_);
  // A new resource has no variants yet and takes any spec.
  auto& variants = resource.variants_;
  if (!same_spec && !variants.empty() && !(entry->vary_ && entry->vary_->covers(resource.vary_.get()))) return false;
  Ref<Entry> makes_room;
  if (same_spec) {
    const auto is_same = [&](const Ref<Entry>& each) { return each->variant_ == entry->variant_; };
    const auto old = std::ranges::find_if(variants, is_same);
    if (old != variants.end()) {
      succeed(*old, std::move(entry), removed);
      return true;
    }
    if (variants.size() >= max_variants_) {
      makes_room = variant_to_replace(resource);
      if (!makes_room) return false;
    }
  }
  // Everything under the old spec was told apart too coarsely. The entry joins first, so that the resource lives on.
  variants.push_back(entry);
  if (makes_room) unlist(shard, *makes_room, removed);
  while (!same_spec && variants.size() > 1) unlist(shard, *variants.front(), removed);
  if (!same_spec) resource.vary_ = entry->vary_;
  entry->resource_ = &resource;
  queues_.insert(*entry, resource.hash(), entry->whole_charge());
  entries_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

// Whoever asks may make as many variants as it likes, and none of them costs one that others use: the one that has gone
// unused longest goes, or is too old to be served. Where all have been used, one use is taken off each, once in a while
// however many knock: what is used more often than that stays, what nobody wants any more goes in the end. Null: none.
Ref<Entry> Store::variant_to_replace(Resource& resource) const {
  const TimePoint now = clock_.now();
  const auto is_free = [now](const Ref<Entry>& each) {
    return !each->is_used() || each->age_s(now) >= each->terms_.kept_s();
  };
  const auto& variants = resource.variants_;
  auto out = std::ranges::find_if(variants, is_free);
  if (out == variants.end() && now - resource.aged_at_ >= variants_age_every) {
    resource.aged_at_ = now;
    for (const Ref<Entry>& each : variants) each->forget_use();
    out = std::ranges::find_if(variants, is_free);
  }
  return out == variants.end() ? Ref<Entry>() : *out;
}

// In its place, with its age and uses in the queues.
void Store::succeed(Ref<Entry>& listed, Ref<Entry> with, Removed& removed) {
  queues_.replace(*listed, *with, with->whole_charge());
  with->resource_ = std::exchange(listed->resource_, nullptr);
  removed.push_back(std::exchange(listed, std::move(with)));
}

bool Store::replace(const Ref<const Entry>& old, Ref<Entry> with, const FetchBegan& began) {
  if (old->variant_ != with->variant_ || !same(old->vary_, with->vary_)) return false;
  Removed removed;
  const std::lock_guard writing(writing_);
  Resource* const resource = old->resource_;
  if (resource == nullptr || began.purged_since()) return false;
  const std::lock_guard lock(shard_of(resource->hash()).mutex);
  for (Ref<Entry>& variant : resource->variants_) {
    if (variant.get() != old.get()) continue;
    succeed(variant, std::move(with), removed);
    return true;
  }
  return false;
}

void Store::remove(const Key& key, const Entry& entry) {
  Removed removed;
  std::vector<Ref<Entry>> found;  // declared before the locks: let go of after them
  Shard& shard = shard_of(key.hash);
  const std::lock_guard writing(writing_);
  const std::lock_guard lock(shard.mutex);
  const auto resource = shard.table.find(key);
  if (resource == shard.table.end()) return;
  for (const Ref<Entry>& variant : (*resource)->variants_) {
    if (variant->body_.get() == entry.body_.get() && variant->variant_ == entry.variant_) found.push_back(variant);
  }
  for (const Ref<Entry>& each : found) unlist(shard, *each, removed);
}

std::size_t Store::remove_key(const Key& key) {
  Removed removed;
  Shard& shard = shard_of(key.hash);
  const std::lock_guard writing(writing_);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.table.find(key);
  if (found == shard.table.end()) return 0;
  unlist_all(shard, **found, removed);
  return removed.size();
}

std::size_t Store::remove_prefix(std::string_view prefix) {
  std::size_t count = 0;
  for (Shard& shard : shards_) count += remove_prefix_in(shard, prefix);
  return count;
}

// Goes down the list in batches. Whoever is removed is replaced by the last one, who has been looked at already or came
// after the scan began: nobody who was there is missed.
std::size_t Store::remove_prefix_in(Shard& shard, std::string_view prefix) {
  std::size_t count = 0;
  std::size_t next = SIZE_MAX;  // the part below it has not been looked at
  while (next > 0) {
    Removed removed;
    const std::lock_guard writing(writing_);
    const std::lock_guard lock(shard.mutex);
    next = std::min(next, shard.list.size());
    const std::size_t stop = next > scan_batch ? next - scan_batch : 0;
    while (next > stop) {
      Resource& resource = *shard.list[--next];
      if (resource.key().starts_with(prefix)) unlist_all(shard, resource, removed);
    }
    count += removed.size();
  }
  return count;
}

std::size_t Store::entries() const { return entries_.load(std::memory_order_relaxed); }

void Store::unlist(Shard& shard, Entry& entry, Removed& removed) {
  Resource& resource = *entry.resource_;
  queues_.remove(entry);
  entry.resource_ = nullptr;
  const auto at = std::ranges::find_if(resource.variants_, [&](const Ref<Entry>& e) { return e.get() == &entry; });
  removed.push_back(std::move(*at));
  resource.variants_.erase(at);
  entries_.fetch_sub(1, std::memory_order_relaxed);
  if (resource.variants_.empty()) drop_resource(shard, resource);
}

void Store::unlist_all(Shard& shard, Resource& resource, Removed& removed) {
  for (std::size_t left = resource.variants_.size(); left > 0; --left) {
    unlist(shard, *resource.variants_.back(), removed);  // the last one drops the resource
  }
}

void Store::drop_resource(Shard& shard, Resource& resource) {
  shard.table.erase(&resource);
  Resource* const last = shard.list.back();
  shard.list[resource.index_] = last;
  last->index_ = resource.index_;
  shard.list.pop_back();
  Resource::destroy(&resource);
}

}  // namespace tenfold::cache
