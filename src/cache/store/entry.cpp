#include "cache/store/entry.hpp"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/result.hpp"
#include "cache/store/charge.hpp"
#include "cache/store/resource.hpp"

namespace tenfold::cache {

namespace {

std::int64_t ns_of(TimePoint moment) { return moment.time_since_epoch().count(); }

bool is_stored(const http::Headers& headers, const http::Header& header) {
  return !never_stored(header.field) && !http::has_element(headers, http::Field::connection, header.name);
}

// Sizes of what lies behind an Entry: Header array, field block, variant.
struct Layout {
  std::uint32_t fields = 0;
  std::size_t block_bytes = 0;

  explicit Layout(const http::Headers& headers) {
    for (const http::Header& header : headers) {
      if (!is_stored(headers, header)) continue;
      ++fields;
      block_bytes += header.name.size() + 2 + header.value.size() + 2;
    }
  }
  std::size_t total(std::size_t variant_bytes) const {
    return sizeof(Entry) + fields * sizeof(http::Header) + block_bytes + variant_bytes;
  }
};

std::string_view put(char*& at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  const std::string_view placed(at, text.size());
  at += text.size();
  return placed;
}

}  // namespace

bool Entry::lease_refresh(TimePoint now, Duration lease) const {
  std::int64_t after = refresh_after_ns_.load(std::memory_order_relaxed);
  return ns_of(now) >= after &&
         refresh_after_ns_.compare_exchange_strong(after, ns_of(now + lease), std::memory_order_relaxed);
}

void Entry::refresh_failed(TimePoint again) const {
  refresh_failed_.store(true, std::memory_order_relaxed);
  refresh_after_ns_.store(ns_of(again), std::memory_order_relaxed);
}

void Entry::destroy(Entry* entry) {
  Ledger& ledger = entry->ledger_;
  const std::size_t charged = entry->charged_bytes_;
  entry->~Entry();
  std::free(entry);
  ledger.give_back(charged);
}

Ref<Entry> EntryMaker::make(MemorySource& source, const Parts& parts) {
  const Layout layout(parts.headers);
  const std::size_t bytes = layout.total(parts.variant.size());
  const std::size_t charge =
      allocation_charge(bytes) + Resource::charge(parts.key_bytes) + (parts.vary ? parts.vary->charged_bytes() : 0);
  if (!source.reserve(charge)) return {};
  void* const memory = std::malloc(bytes);
  TENFOLD_ASSERT(memory != nullptr);
  auto* const entry = new (memory) Entry(source.ledger());
  entry->charged_bytes_ = charge;
  entry->status_ = parts.status;
  entry->terms_ = parts.terms;
  entry->received_ = parts.times.received;
  entry->vary_ = parts.vary;

  auto* const fields = reinterpret_cast<http::Header*>(entry + 1);
  char* at = reinterpret_cast<char*>(fields + layout.fields);
  const char* const block = at;
  for (const http::Header& header : parts.headers) {
    if (!is_stored(parts.headers, header)) continue;
    http::Header* const field = new (fields + entry->field_count_++) http::Header;
    field->field = header.field;
    field->name = put(at, header.name);
    put(at, ": ");
    field->value = put(at, header.value);
    put(at, "\r\n");
  }
  entry->fields_ = fields;
  entry->field_block_ = {block, layout.block_bytes};
  entry->variant_ = put(at, parts.variant);

  http::Headers stored;
  for (const http::Header& field : entry->fields()) stored.add(field);
  const http::HttpDate received = std::chrono::floor<std::chrono::seconds>(parts.times.received_wall);
  entry->validators_ = validators_of(stored, received);
  if (const auto date = parts.headers.find(http::Field::date))
    entry->validators_.date = http::parse_date(*date, received);
  return Ref<Entry>(entry);
}

http::Headers EntryMaker::merge(const Entry& old, const http::Headers& head) {
  const auto replaces = [&](const http::Header& header) {
    return !kept_on_update(header.field) &&
           (header.field == http::Field::date || header.field == http::Field::age || is_stored(head, header));
  };
  http::Headers merged;
  for (const http::Header& field : old.fields()) {
    bool replaced = false;
    for (const http::Header& header : head) {
      replaced = replaced || (replaces(header) && http::equals_ignoring_case(header.name, field.name));
    }
    if (!replaced) merged.add(field);
  }
  for (const http::Header& header : head) {
    if (replaces(header)) merged.add(header);
  }
  return merged;
}

Ref<Entry> EntryMaker::renew(MemorySource& source, const Entry& old, const http::Headers& merged, const Terms& terms,
                             const FetchTimes& times, std::size_t key_bytes) {
  auto entry = make(source, {old.status_, merged, old.variant_, old.vary_, terms, times, key_bytes});
  if (entry) entry->body_ = old.body_;
  return entry;
}

}  // namespace tenfold::cache
