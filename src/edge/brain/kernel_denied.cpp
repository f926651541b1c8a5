#include "edge/brain/kernel_denied.hpp"

#include <algorithm>
#include <utility>

#include "guard/kernel/prefixes.hpp"

namespace tenfold::edge {

namespace {

// Between the clock by which the owner's time is told and the kernel's.
constexpr Duration same_end = std::chrono::seconds(1);

TimePoint sooner(TimePoint ends, TimePoint now, Duration lasts) { return std::min(ends, now + lasts); }

}  // namespace

void KernelDenied::set(std::span<const DeniedNetwork> networks) {
  const auto before = std::exchange(prefixes_, {});
  networks_.clear();
  left_out_ = 0;
  for (const DeniedNetwork& each : networks) {
    const auto prefixes = guard::kernel::prefixes_of(each.network);
    if (prefixes.empty() || prefixes_.size() + prefixes.size() > most_prefixes) {
      ++left_out_;
      continue;
    }
    networks_.push_back(each.network);
    for (const guard::Prefix& prefix : prefixes) {
      Denied& denied = prefixes_[prefix];
      denied.ends = std::max(denied.ends, each.ends);
      const auto found = before.find(prefix);
      denied.is_put = found != before.end() && found->second.is_put;
    }
  }
  std::ranges::sort(networks_);
  find_in_kernel();
  due_ = prefixes_.empty() ? no_deadline : TimePoint();
}

bool KernelDenied::put(guard::kernel::KernelBlocks& blocks, const ByPrefix<TimePoint>& by_plan, TimePoint now) {
  if (prefixes_.empty()) return true;
  bool all_are = true, changed = false;
  for (auto& [prefix, denied] : prefixes_) {
    if (denied.ends <= now) continue;
    const auto planned = by_plan.find(prefix);
    const TimePoint by_then = planned == by_plan.end() ? TimePoint() : planned->second;
    const TimePoint until = std::max(sooner(denied.ends, now, lasts), by_then);
    const TimePoint at_least = std::max(sooner(denied.ends, now, lasts / 2), by_then);
    const auto end = blocks.end_of(prefix, now);
    if (denied.is_put && end && *end + same_end >= at_least && *end <= until + same_end) continue;
    const bool is_put = blocks.add(prefix, until, now).has_value();
    changed = changed || denied.is_put != is_put;
    denied.is_put = is_put;
    all_are = all_are && is_put;
  }
  if (changed) find_in_kernel();
  due_ = now + lasts / 4;
  return all_are;
}

void KernelDenied::nothing_is_in_kernel() {
  for (auto& [prefix, denied] : prefixes_) denied.is_put = false;
  in_kernel_.clear();
}

void KernelDenied::find_in_kernel() {
  in_kernel_.clear();
  for (const net::IpNetwork& network : networks_) {
    const bool all_are = std::ranges::all_of(guard::kernel::prefixes_of(network),
                                             [&](const guard::Prefix& prefix) { return prefixes_.at(prefix).is_put; });
    if (all_are) in_kernel_.push_back(network);
  }
}

}  // namespace tenfold::edge
