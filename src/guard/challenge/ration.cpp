#include "guard/challenge/ration.hpp"

#include <cstdint>
#include <utility>

#include "guard/measure/key.hpp"

namespace tenfold::guard {

Ration::Ration(const RationOptions& options, const SipKey& secret)
    : options_(options), table_(options.entries, secret) {}

Ration::Most Ration::most_for(Neighbours neighbours) const {
  if (neighbours == Neighbours::customers) return {options_.a_network_of_customers, options_.a_block_of_customers};
  return {options_.a_network, options_.a_block};
}

bool Ration::is_spent(const Prefix& network, Neighbours neighbours, WallTime now) {
  const Most most = most_for(neighbours);
  return taken_lately(network, now) >= most.of_network ||
         taken_lately(Prefix::of(network.base, Level::block), now) >= most.of_block;
}

bool Ration::take(const Prefix& network, Neighbours neighbours, WallTime now) {
  const Most most = most_for(neighbours);
  // The network is looked up again: a place in the table may go to the block in between.
  const Prefix block = Prefix::of(network.base, Level::block);
  const Entry of_network = entry_of(network, now);
  Entry& of_block = entry_of(block, now);
  if (of_network.taken + still_counted(of_network.taken_before, now) >= most.of_network) return false;
  if (of_block.taken + still_counted(of_block.taken_before, now) >= most.of_block) return false;
  ++of_block.taken;
  ++entry_of(network, now).taken;
  return true;
}

// What was taken in the last window still counts in part, as if it had been taken evenly.
std::uint64_t Ration::still_counted(std::uint32_t taken_before, WallTime now) const {
  const Duration left = options_.window - now.time_since_epoch() % options_.window;
  return taken_before * static_cast<std::uint64_t>(left.count()) / static_cast<std::uint64_t>(options_.window.count());
}

std::uint64_t Ration::key_of(const Prefix& prefix) const { return table_.key_of(group_key(prefix)); }

std::uint64_t Ration::taken_lately(const Prefix& prefix, WallTime now) {
  const Entry* const entry = table_.find(key_of(prefix));
  if (entry == nullptr) return 0;
  const std::int64_t windows_ago = window_of(now) - entry->window;
  if (windows_ago == 0) return entry->taken + still_counted(entry->taken_before, now);
  return windows_ago == 1 ? still_counted(entry->taken, now) : 0;
}

Ration::Entry& Ration::entry_of(const Prefix& prefix, WallTime now) {
  const std::int64_t window = window_of(now);
  const auto worth = [window](const Entry& other) {
    return std::pair(other.window >= window - 1, other.taken + other.taken_before);
  };
  Entry& entry = table_.claim(key_of(prefix), worth);
  if (entry.window != window) {
    entry.taken_before = entry.window == window - 1 ? entry.taken : 0;
    entry.taken = 0;
    entry.window = window;
  }
  return entry;
}

}  // namespace tenfold::guard
