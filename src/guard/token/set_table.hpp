#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/siphash.hpp"

namespace tenfold::guard {

// A table of fixed size, in sets of eight: an entry may only lie in the set that a secret hash of its id names, so that
// nobody can choose ids that meet. When a set is full, the entry that is worth least makes way; what that means is the
// user's to say. All its memory is taken at the start. Not thread-safe.
template <class Entry>
class SetTable {
 public:
  static constexpr std::size_t ways = 8;

  // Entries: rounded up to a power of two, at least `ways`.
  SetTable(std::size_t entries, const SipKey& secret)
      : secret_(secret), keys_(std::bit_ceil(std::max(entries, ways)) / ways), entries_(keys_.size() * ways) {}

  std::uint64_t key_of(std::string_view id) const { return std::max<std::uint64_t>(siphash(secret_, id), 1); }
  std::uint64_t key_of(std::uint64_t id) const { return std::max<std::uint64_t>(siphash(secret_, id), 1); }

  // Null if it is not kept.
  Entry* find(std::uint64_t key) {
    const std::size_t set = set_of(key);
    const auto way = way_of(set, key);
    return way ? &entries_[set * ways + *way] : nullptr;
  }

  // The key's entry; if there is none, a default one in a free place, else in that of the entry for which `worth` gives
  // least.
  template <class Worth>
  Entry& claim(std::uint64_t key, const Worth& worth) {
    const std::size_t set = set_of(key);
    if (const auto way = way_of(set, key)) return entries_[set * ways + *way];
    const auto free = way_of(set, free_key);
    const std::size_t way = free ? *free : least_way(set, worth);
    keys_[set][way] = key;
    return entries_[set * ways + way] = Entry();
  }

  std::size_t capacity() const { return entries_.size(); }
  std::size_t memory_bytes() const { return keys_.size() * sizeof(Keys) + entries_.size() * sizeof(Entry); }

 private:
  static constexpr std::uint64_t free_key = 0;
  struct alignas(64) Keys : std::array<std::uint64_t, ways> {};  // apart from the entries: a look-up reads one line

  std::size_t set_of(std::uint64_t key) const { return key & (keys_.size() - 1); }

  std::optional<std::size_t> way_of(std::size_t set, std::uint64_t key) const {
    for (std::size_t way = 0; way < ways; ++way) {
      if (keys_[set][way] == key) return way;
    }
    return std::nullopt;
  }

  template <class Worth>
  std::size_t least_way(std::size_t set, const Worth& worth) const {
    std::size_t least = 0;
    auto least_worth = worth(entries_[set * ways]);
    for (std::size_t way = 1; way < ways; ++way) {
      const auto of_way = worth(entries_[set * ways + way]);
      if (of_way < least_worth) least = way, least_worth = of_way;
    }
    return least;
  }

  SipKey secret_;
  std::vector<Keys> keys_;      // by set
  std::vector<Entry> entries_;  // by set and way
};

}  // namespace tenfold::guard
