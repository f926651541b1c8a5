#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "base/siphash.hpp"
#include "guard/token/set_table.hpp"

namespace tenfold::guard {

// Ids that were used, for a while: seeds that are spent, places that were let in. Bounded: when more are used in that
// while than there is room for, the oldest are forgotten first, and one that is forgotten may be used again. Not
// thread-safe.
class RecentIds {
 public:
  // Entries of 16 bytes; `kept_for` in whole seconds, rounded up.
  RecentIds(std::size_t entries, Duration kept_for, const SipKey& secret);

  template <class Id>
  requires std::same_as<Id, std::uint64_t> || std::same_as<Id, std::string_view>
  bool has(Id id, WallTime now) { return has_key(table_.key_of(id), now); }
  template <class Id>
  requires std::same_as<Id, std::uint64_t> || std::same_as<Id, std::string_view>
  void add(Id id, WallTime now) { add_key(table_.key_of(id), now); }

  std::size_t memory_bytes() const { return table_.memory_bytes(); }

 private:
  struct Entry {
    std::int64_t until_s = 0;  // since 1970
  };
  bool has_key(std::uint64_t key, WallTime now);
  void add_key(std::uint64_t key, WallTime now);

  std::int64_t kept_for_s_;
  SetTable<Entry> table_;
};

}  // namespace tenfold::guard
