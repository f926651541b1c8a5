#include "guard/kernel/blocks.hpp"

#include <absl/hash/hash.h>

#include <algorithm>
#include <array>

namespace tenfold::guard::kernel {

namespace {

bool is_of_a_level(const Prefix& prefix) {
  constexpr std::array<Level, levels> all{Level::client, Level::network, Level::block};
  return std::ranges::any_of(all, [&](Level level) { return Prefix::of(prefix.base, level) == prefix; });
}

}  // namespace

// Secrets are not needed: who is blocked is decided by measure and ladder, under a key of their own.
std::size_t PrefixHash::operator()(const Prefix& prefix) const { return absl::HashOf(prefix.bytes()); }

KernelBlocks::KernelBlocks(std::unique_ptr<Table> table, TimePoint now, std::size_t most)
    : table_(std::move(table)), most_(most) {
  for (const Table::Left& left : table_->left()) note(left.prefix, {.until = now + left.lasts, .is_left = true});
}

Result<void> KernelBlocks::add(const Prefix& prefix, TimePoint until, TimePoint now) {
  if (!is_of_a_level(prefix)) {
    return fail(Errc::invalid, prefix.text() + ": expected an IPv4 /32, /24 or /16, or an IPv6 /64, /56 or /48");
  }
  forget_over(now);
  if (until <= now) return {};
  if (!blocks_.contains(prefix) && blocks_.size() >= most_) {
    return fail(Errc::too_large, "the kernel blocks " + std::to_string(most_) + " prefixes already");
  }
  if (auto put = table_->put(prefix, until - now); !put) return put;
  note(prefix, {.until = until});
  return {};
}

Result<void> KernelBlocks::remove(const Prefix& prefix) {
  if (!blocks_.contains(prefix)) return {};
  if (auto taken = table_->take_out(prefix); !taken) return taken;
  forget(prefix);
  return {};
}

void KernelBlocks::forget_over(TimePoint now) {
  while (!by_end_.empty() && by_end_.begin()->first <= now) {
    const Prefix prefix = by_end_.begin()->second;
    if (!table_->take_out(prefix)) return;  // another time
    forget(prefix);
  }
}

std::optional<TimePoint> KernelBlocks::end_of(const Prefix& prefix, TimePoint now) const {
  const auto found = blocks_.find(prefix);
  if (found == blocks_.end() || found->second.until <= now) return {};
  return found->second.until;
}

std::vector<KernelBlocks::Block> KernelBlocks::list(TimePoint now) const {
  std::vector<Block> all;
  all.reserve(by_end_.size());
  for (const auto& [until, prefix] : by_end_) {
    if (until > now) all.push_back({prefix, until, blocks_.at(prefix).is_left});
  }
  return all;
}

void KernelBlocks::note(const Prefix& prefix, const Entry& entry) {
  forget(prefix);
  blocks_.emplace(prefix, entry);
  by_end_.emplace(entry.until, prefix);
}

void KernelBlocks::forget(const Prefix& prefix) {
  const auto found = blocks_.find(prefix);
  if (found == blocks_.end()) return;
  by_end_.erase({found->second.until, prefix});
  blocks_.erase(found);
}

}  // namespace tenfold::guard::kernel
