#include "edge/access_log/access_ring.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tenfold::edge {

namespace {

constexpr std::size_t texts = 11;
using Texts = std::array<std::string_view, texts>;

Texts texts_of(const AccessEntry& entry) {
  return {entry.method, entry.target, entry.host,       entry.referer,   entry.user_agent,  entry.origin_server,
          entry.cache,  entry.tls,    entry.request_id, entry.rehearsal, entry.origin_error};
}

}  // namespace

// An entry as it lies in the ring, its texts behind it. Begins at a multiple of 8 and never wraps round: where it
// would, a record of size 0 sends the reader back to the memory's beginning.
struct AccessRing::Record {
  std::uint32_t bytes;  // texts and padding included
  std::uint16_t status;
  std::uint16_t worker;
  std::uint16_t client_port;
  std::uint8_t attempts;
  http::Version version;
  GuardAnswer guard;
  std::array<std::uint16_t, texts> lengths;
  std::array<std::uint8_t, 16> client;
  std::int64_t at_ns;
  std::uint64_t body_bytes;
  std::int64_t duration_ns;
  std::int64_t origin_time_ns;
};

AccessRing::AccessRing(std::size_t capacity_bytes)
    : memory_(std::make_unique_for_overwrite<char[]>(std::bit_ceil(std::max(capacity_bytes, smallest_bytes)))),
      mask_(std::bit_ceil(std::max(capacity_bytes, smallest_bytes)) - 1) {
  static_assert(2 * (sizeof(Record) + texts * AccessEntry::longest_text_bytes) < smallest_bytes);
}

// Room for so many bytes in one piece, skipping the memory's end where they do not fit; null when there is none.
char* AccessRing::claim(std::size_t bytes) {
  const std::uint64_t position = written_.load(std::memory_order_relaxed);
  const std::size_t to_end = capacity_bytes() - (position & mask_);
  const std::size_t skipped = to_end < bytes ? to_end : 0;
  const std::uint64_t end = position + skipped + bytes;
  if (end - freed_seen_ > capacity_bytes()) {
    freed_seen_ = freed_.load(std::memory_order_acquire);
    if (end - freed_seen_ > capacity_bytes()) return nullptr;
  }
  // Positions are multiples of 8, so the mark always fits before the end.
  if (skipped > 0) std::memset(&memory_[position & mask_], 0, sizeof(std::uint32_t));
  claimed_ = end;
  return &memory_[(position + skipped) & mask_];
}

AccessRing::Pushed AccessRing::push(const AccessEntry& entry) {
  Texts parts = texts_of(entry);
  Record record{.bytes = 0,
                .status = entry.status,
                .worker = entry.worker,
                .client_port = entry.client_port,
                .attempts = entry.attempts,
                .version = entry.version,
                .guard = entry.guard,
                .lengths = {},
                .client = entry.client.bytes(),
                .at_ns = entry.at.time_since_epoch().count(),
                .body_bytes = entry.body_bytes,
                .duration_ns = entry.duration.count(),
                .origin_time_ns = entry.origin_time.count()};
  std::size_t size = sizeof record;
  for (std::size_t i = 0; i < texts; ++i) {
    parts[i] = parts[i].substr(0, AccessEntry::longest_text_bytes);
    record.lengths[i] = static_cast<std::uint16_t>(parts[i].size());
    size += parts[i].size();
  }
  size = (size + 7) & ~std::size_t{7};
  record.bytes = static_cast<std::uint32_t>(size);

  char* to = claim(size);
  if (to == nullptr) {
    dropped_.add();
    return Pushed::dropped;
  }
  std::memcpy(to, &record, sizeof record);
  to += sizeof record;
  for (const std::string_view part : parts) {
    if (part.empty()) continue;
    std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  written_.store(claimed_, std::memory_order_release);
  return Pushed::stored;
}

bool AccessRing::next(AccessEntry& entry) {
  if (read_ == written_seen_) {
    written_seen_ = written_.load(std::memory_order_acquire);
    if (read_ == written_seen_) return false;
  }
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, &memory_[read_ & mask_], sizeof bytes);
  if (bytes == 0) read_ += capacity_bytes() - (read_ & mask_);

  const char* from = &memory_[read_ & mask_];
  Record record;
  std::memcpy(&record, from, sizeof record);
  read_ += record.bytes;
  from += sizeof record;

  entry.at = WallTime(Duration(record.at_ns));
  entry.client = net::IpAddress::from_bytes(record.client);
  entry.client_port = record.client_port;
  entry.status = record.status;
  entry.worker = record.worker;
  entry.attempts = record.attempts;
  entry.version = record.version;
  entry.guard = record.guard;
  entry.body_bytes = record.body_bytes;
  entry.duration = Duration(record.duration_ns);
  entry.origin_time = Duration(record.origin_time_ns);
  std::string_view* const parts[texts] = {&entry.method,     &entry.target,        &entry.host,        &entry.referer,
                                          &entry.user_agent, &entry.origin_server, &entry.cache,       &entry.tls,
                                          &entry.request_id, &entry.rehearsal,     &entry.origin_error};
  for (std::size_t i = 0; i < texts; ++i) {
    *parts[i] = {from, record.lengths[i]};
    from += record.lengths[i];
  }
  return true;
}

void AccessRing::release() { freed_.store(read_, std::memory_order_release); }

std::size_t AccessRing::used_bytes() const {
  const std::uint64_t freed = freed_.load(std::memory_order_relaxed);
  const std::uint64_t written = written_.load(std::memory_order_relaxed);
  // The two are not read at one moment.
  return written < freed ? 0 : std::min<std::size_t>(written - freed, capacity_bytes());
}

}  // namespace tenfold::edge
