#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "cache/coalesce/asker.hpp"
#include "cache/key/vary.hpp"
#include "cache/policy/conditions.hpp"
#include "cache/policy/storing.hpp"
#include "cache/store/body.hpp"
#include "cache/store/ref.hpp"
#include "cache/store/s3_fifo.hpp"
#include "http/message.hpp"

namespace tenfold::cache {

class Resource;

// A stored response. Head and body never change; shared by any number of threads and held by an EntryPtr for as long
// as it is being sent, evicted or not. Must die before its Cache. One piece of memory, its texts behind the object.
class Entry final : public Counted<Entry>, public S3Node {
 public:
  int status() const { return status_; }
  std::string_view body() const { return body_ ? body_->bytes() : std::string_view(); }
  const Ref<const Body>& whole_body() const { return body_; }  // null when it is empty
  // The fields, Date included, without those that never_stored() names, framing and hop-by-hop ones.
  std::span<const http::Header> fields() const { return {fields_, field_count_}; }
  // The same as HTTP/1.1 sends them: "Name: value\r\n" each, in one block.
  std::string_view field_block() const { return field_block_; }

  const Terms& terms() const { return terms_; }
  TimePoint received() const { return received_; }
  const Validators& validators() const { return validators_; }  // views into this entry
  Seconds age_s(TimePoint now) const {
    return terms_.initial_age_s + std::chrono::duration_cast<std::chrono::seconds>(now - received_).count();
  }
  const Ref<const VarySpec>& vary() const { return vary_; }
  std::string_view variant() const { return variant_; }  // the secondary key, as Variant makes it by vary()

  // ---- Refreshing: thread-safe, by whoever serves it stale ----

  // True for one caller: it is to refresh the entry. The others are refused until the lease ends. With cookies it ends
  // soon, and if nothing has come of it those without go first for a while: nobody's session keeps a page as it is.
  bool lease_refresh(TimePoint now, Duration lease, Asker::Session asker) const;
  // The refresh failed: nobody tries before `again`, and the entry may be served at once in the meantime.
  void refresh_failed(TimePoint again) const;
  // The refresh brought nothing that could be kept, though the origin is well: nobody tries before `again`.
  void postpone_refresh(TimePoint again) const;
  // The refresh was given up; anybody may try at once.
  void release_refresh() const;
  bool last_refresh_failed() const { return refresh_failed_.load(std::memory_order_relaxed); }

  static void destroy(Entry* entry);

 private:
  friend class Store;
  friend class EntryMaker;
  explicit Entry(Ledger& ledger) : ledger_(ledger) {}
  ~Entry() = default;

  std::size_t whole_charge() const { return charged_bytes_ + (body_ ? body_->charged_bytes() : 0); }

  // What a lookup reads comes first, so that it lies on as few cache lines as can be.
  Terms terms_;
  TimePoint received_{};
  mutable std::atomic<std::int64_t> refresh_after_ns_{0};
  mutable std::atomic<bool> refresh_failed_{false};
  mutable std::atomic<bool> refresh_has_cookies_{false};  // that of the last lease, unless it has ended
  int status_ = 0;
  std::uint32_t field_count_ = 0;
  const http::Header* fields_ = nullptr;
  Ref<const Body> body_;
  std::string_view variant_;
  Validators validators_;
  std::string_view field_block_;
  Ref<const VarySpec> vary_;
  Ledger& ledger_;
  std::size_t charged_bytes_ = 0;  // without the body, which accounts for itself
  // Where it is listed, null when it is not (any more); under the locks of the store.
  Resource* resource_ = nullptr;
};

using EntryPtr = Ref<const Entry>;

// Makes entries: the head first, from memory that the source has to spare, then the body.
class EntryMaker {
 public:
  struct Parts {
    int status = 200;
    const http::Headers& headers;  // those that may not be stored are left out here
    std::string_view variant;
    Ref<const VarySpec> vary;
    Terms terms;
    FetchTimes times;
    std::size_t key_bytes = 0;  // of the key that it will be listed under; charged to it
  };
  // Null when there is no room.
  static Ref<Entry> make(MemorySource& source, const Parts& parts);
  static void set_body(Entry& entry, Ref<const Body> body) { entry.body_ = std::move(body); }
  // The same representation with the head that merge() gave (RFC 9111, 4.3.4). Null when there is no room.
  static Ref<Entry> renew(MemorySource& source, const Entry& old, const Parts& parts);
  // The stored fields as the 304 leaves them: what new terms are read from. Date, Age and Set-Cookie are the 304's, or
  // none.
  static http::Headers merge(const Entry& old, const http::Headers& not_modified_head);
};

}  // namespace tenfold::cache
