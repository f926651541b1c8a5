#include "guard/challenge/recent_ids.hpp"

#include <chrono>

namespace tenfold::guard {

namespace {

std::int64_t second_of(WallTime at) { return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count(); }

}  // namespace

// A second more: the one in which it is added has begun already.
RecentIds::RecentIds(std::size_t entries, Duration kept_for, const SipKey& secret)
    : kept_for_s_(std::chrono::ceil<std::chrono::seconds>(kept_for).count() + 1), table_(entries, secret) {}

bool RecentIds::has_key(std::uint64_t key, WallTime now) {
  const Entry* const entry = table_.find(key);
  return entry != nullptr && entry->until_s > second_of(now);
}

void RecentIds::add_key(std::uint64_t key, WallTime now) {
  table_.claim(key, [](const Entry& entry) { return entry.until_s; }).until_s = second_of(now) + kept_for_s_;
}

}  // namespace tenfold::guard
