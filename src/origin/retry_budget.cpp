#include "origin/retry_budget.hpp"

namespace tenfold::origin {

RetryBudget::Slot& RetryBudget::slot(TimePoint now) {
  const std::int64_t second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  Slot& slot = slots_[static_cast<std::size_t>(second % window_s)];
  if (slot.second != second) slot = {.second = second, .requests = 0, .retries = 0};
  return slot;
}

bool RetryBudget::try_take(const RetryPolicy& policy, std::uint32_t workers, TimePoint now) {
  Slot& current = slot(now);
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  for (const Slot& slot : slots_) {
    if (slot.second < 0 || current.second - slot.second >= window_s) continue;
    requests += slot.requests;
    retries += slot.retries;
  }
  const double minimum = static_cast<double>(policy.min_per_s) * window_s / static_cast<double>(workers);
  const double allowed = policy.budget_share * static_cast<double>(requests) + minimum;
  if (static_cast<double>(retries + 1) > allowed) return false;
  ++current.retries;
  return true;
}

}  // namespace tenfold::origin
