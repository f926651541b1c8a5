#include "cache/store/entry.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>

#include "base/result.hpp"
#include "cache/store/charge.hpp"
#include "cache/store/resource.hpp"

namespace tenfold::cache {

namespace {

std::int64_t ns_of(TimePoint moment) { return moment.time_since_epoch().count(); }

bool is_stored(const http::Headers& headers, const http::Header& header) {
  return !never_stored(header) && !http::has_element(headers, http::Field::connection, header.name);
}

// The fields to be stored of a response's head. One that comes without a Date that can be read gets the moment of its
// receipt (RFC 9110, 6.6.1).
class StoredFields {
 public:
  StoredFields(const http::Headers& headers, http::HttpDate received) : headers_(headers) {
    const auto date = headers.find(http::Field::date);
    if (!date || !http::parse_date(*date, received)) date_ = http::format_date(received);
  }
  template <class F>
  void for_each(F&& visit) const {
    for (const http::Header& header : headers_) {
      if (date_ && header.field == http::Field::date) continue;
      if (is_stored(headers_, header)) visit(header);
    }
    if (date_) visit(http::Header{"Date", std::string_view(date_->data(), date_->size()), http::Field::date});
  }

 private:
  const http::Headers& headers_;
  std::optional<std::array<char, http::date_length>> date_;
};

// Sizes of what lies behind an Entry: Header array, field block, variant.
struct Layout {
  std::uint32_t fields = 0;
  std::size_t block_bytes = 0;

  explicit Layout(const StoredFields& stored) {
    stored.for_each([this](const http::Header& header) {
      ++fields;
      block_bytes += header.name.size() + 2 + header.value.size() + 2;
    });
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

bool Entry::lease_refresh(TimePoint now, Duration lease, Asker::Session asker) const {
  const bool has_cookies = asker == Asker::Session::cookies;
  constexpr Duration with_cookies = std::chrono::seconds(2);
  std::int64_t after = refresh_after_ns_.load(std::memory_order_relaxed);
  const bool lets_others_first = has_cookies && refresh_has_cookies_.load(std::memory_order_relaxed);
  if (ns_of(now - (lets_others_first ? with_cookies : Duration::zero())) < after) return false;
  const TimePoint until = now + (has_cookies ? std::min(lease, with_cookies) : lease);
  if (!refresh_after_ns_.compare_exchange_strong(after, ns_of(until), std::memory_order_relaxed)) return false;
  refresh_has_cookies_.store(has_cookies, std::memory_order_relaxed);
  return true;
}

void Entry::release_refresh() const { postpone_refresh(TimePoint{}); }

void Entry::refresh_failed(TimePoint again) const {
  refresh_failed_.store(true, std::memory_order_relaxed);
  postpone_refresh(again);
}

void Entry::postpone_refresh(TimePoint again) const {
  refresh_has_cookies_.store(false, std::memory_order_relaxed);
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
  const http::HttpDate received = std::chrono::floor<std::chrono::seconds>(parts.times.received_wall);
  const StoredFields stored(parts.headers, received);
  const Layout layout(stored);
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
  http::Headers placed;
  stored.for_each([&](const http::Header& header) {
    http::Header* const field = new (fields + entry->field_count_++) http::Header;
    field->field = header.field;
    field->name = put(at, header.name);
    put(at, ": ");
    field->value = put(at, header.value);
    put(at, "\r\n");
    placed.add(*field);
  });
  entry->fields_ = fields;
  entry->field_block_ = {block, layout.block_bytes};
  entry->variant_ = put(at, parts.variant);

  entry->validators_ = validators_of(placed, received);
  return Ref<Entry>(entry);
}

http::Headers EntryMaker::merge(const Entry& old, const http::Headers& head) {
  // Age and Set-Cookie bear on what the 304 means, though they are not stored.
  const auto replaces = [&](const http::Header& header) {
    return !kept_on_update(header.field) &&
           (header.field == http::Field::age || header.field == http::Field::set_cookie || is_stored(head, header));
  };
  http::Headers merged;
  for (const http::Header& field : old.fields()) {
    bool replaced = field.field == http::Field::date;  // of the old response; without one the 304 is of now
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

Ref<Entry> EntryMaker::renew(MemorySource& source, const Entry& old, const Parts& parts) {
  auto entry = make(source, parts);
  if (entry) entry->body_ = old.body_;
  return entry;
}

}  // namespace tenfold::cache
