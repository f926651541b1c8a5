#include "guard/token/budget.hpp"

#include <algorithm>

#include "base/result.hpp"

namespace tenfold::guard {

namespace {

constexpr Duration one_second = std::chrono::seconds(1);

}  // namespace

Budget::Budget(const BudgetOptions& options, const SipKey& secret)
    : options_(options), table_(options.entries, secret) {
  TENFOLD_ASSERT(options.burst > Duration() && options.burst <= options.most_spent &&
                 options.most_spent <= std::chrono::hours(1) && options.a_second >= std::chrono::microseconds(1) &&
                 options.a_second <= std::chrono::hours(1));
}

bool Budget::has(std::uint64_t id, TimePoint now) {
  const Entry* const entry = table_.find(table_.key_of(id));
  return entry == nullptr || spent(*entry, now) + entry->reserved < options_.burst;
}

// Of two that have drained, the one that did earlier goes.
Budget::Entry& Budget::claim(std::uint64_t id) {
  return table_.claim(table_.key_of(id),
                      [this](const Entry& other) { return other.drained + time_to_drain(other.reserved); });
}

void Budget::reserve(std::uint64_t id, Duration expected, TimePoint now) {
  TENFOLD_ASSERT(expected >= Duration());
  Entry& entry = claim(id);
  entry.drained = std::max(entry.drained, now);  // else a newcomer's would be the first to be forgotten
  entry.reserved += std::min(expected, options_.most_spent);
}

void Budget::settle(std::uint64_t id, Duration reserved, Duration cost, TimePoint now) {
  Entry* const entry = table_.find(table_.key_of(id));
  // What it reserved may have been forgotten meanwhile, with all the rest.
  if (entry != nullptr)
    entry->reserved = std::max(entry->reserved - std::min(reserved, options_.most_spent), Duration());
  if (cost > Duration()) spend(id, cost, now);
}

bool Budget::spend(std::uint64_t id, Duration cost, TimePoint now) {
  TENFOLD_ASSERT(cost >= Duration());
  Entry& entry = claim(id);
  const Duration before = spent(entry, now);
  entry.drained = now + time_to_drain(std::min(before + std::min(cost, options_.most_spent), options_.most_spent));
  return before + entry.reserved < options_.burst;
}

// In floating point: a burst of seconds times nanoseconds leaves no room in 64 bits.
Duration Budget::spent(const Entry& entry, TimePoint now) const {
  if (entry.drained <= now) return Duration();
  const double share = static_cast<double>(options_.a_second.count()) / static_cast<double>(one_second.count());
  return Duration(static_cast<Duration::rep>(static_cast<double>((entry.drained - now).count()) * share));
}

Duration Budget::time_to_drain(Duration spent) const {
  const double slowness = static_cast<double>(one_second.count()) / static_cast<double>(options_.a_second.count());
  return Duration(static_cast<Duration::rep>(static_cast<double>(spent.count()) * slowness));
}

}  // namespace tenfold::guard
