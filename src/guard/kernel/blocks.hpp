#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "guard/kernel/table.hpp"
#include "guard/subject.hpp"
#include "net/address.hpp"

namespace tenfold::guard::kernel {

inline constexpr std::size_t most_blocks = 500'000;
inline constexpr std::size_t most_allowed = 4096;

struct PrefixHash {
  std::size_t operator()(const Prefix& prefix) const;
};

// The prefixes whose packets the kernel drops before they reach us. Ends each on time, knows which there are, and holds
// the bound: at most_blocks another one is refused, and whoever it is about goes on being refused in the process.
// Not thread-safe.
class KernelBlocks {
 public:
  struct Block {
    Prefix prefix;
    TimePoint until;
    bool is_left = false;  // by an earlier process; add() makes it ours
  };

  // Takes over what the table was left with.
  KernelBlocks(std::unique_ptr<Table> table, TimePoint now, std::size_t most = most_blocks);

  // Until then, or, if it is there already, until then instead. Nothing happens if that is past. Errors: invalid (not
  // a prefix of one of guard's levels), too_large (at the bound), exhausted (the kernel took it not; try again).
  Result<void> add(const Prefix& prefix, TimePoint until, TimePoint now);
  // One that is not there: nothing. Errors: exhausted (the kernel keeps it; try again).
  Result<void> remove(const Prefix& prefix);
  // These are never dropped, whatever is added, and no others. Errors: too_large (over most_allowed: none of the new
  // ones is spared), exhausted.
  Result<void> allow(std::span<const net::IpNetwork> networks) { return table_->allow(networks); }
  // Takes out those that are over: the kernel drops nothing for them any more, but they take room.
  void forget_over(TimePoint now);

  bool holds(const Prefix& prefix, TimePoint now) const { return end_of(prefix, now).has_value(); }
  std::optional<TimePoint> end_of(const Prefix& prefix, TimePoint now) const;  // none: it is not blocked
  std::vector<Block> list(TimePoint now) const;                                // that are not over, by their end
  std::size_t size() const { return blocks_.size(); }
  Counts counts() { return table_->counts(); }
  std::string words() const { return table_->words(); }

 private:
  struct Entry {
    TimePoint until;
    bool is_left = false;
  };

  void note(const Prefix& prefix, const Entry& entry);
  void forget(const Prefix& prefix);

  std::unique_ptr<Table> table_;
  std::size_t most_;
  absl::flat_hash_map<Prefix, Entry, PrefixHash> blocks_;
  std::set<std::pair<TimePoint, Prefix>> by_end_;  // the same
};

}  // namespace tenfold::guard::kernel
