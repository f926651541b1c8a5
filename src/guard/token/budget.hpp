#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "base/siphash.hpp"
#include "guard/token/set_table.hpp"

namespace tenfold::guard {

struct BudgetOptions {
  Duration burst = std::chrono::seconds(3);            // of origin time, at once
  Duration a_second = std::chrono::milliseconds(100);  // and so much of it each second
  // What more than `burst` was spent is remembered up to here, so that one costly answer shuts nobody out for long.
  Duration most_spent = std::chrono::seconds(6);
  // 24 bytes each. Past it the one that has spent least is forgotten, and starts with a whole burst again: with as many
  // ids as this somebody can outrun it, and no limit by id would stop that one.
  std::size_t entries = 16'384;
};

// Origin time that one bearer may use: a leaky bucket for each id (a token's, or a hash of a client's prefix). A
// worker's own, so that somebody whose connections are spread over several workers has so many budgets. Not
// thread-safe.
class Budget {
 public:
  Budget(const BudgetOptions& options, const SipKey& secret);

  // True while less than a burst is spent or reserved.
  bool has(std::uint64_t id, TimePoint now);
  // For a request that begins, what it is expected to cost, of 0 or more: many at once have no more than there is. Does
  // not leak out; to be settled when the request is over, whatever became of it.
  void reserve(std::uint64_t id, Duration expected, TimePoint now);
  // What was reserved for it is given back, and what it did cost is taken.
  void settle(std::uint64_t id, Duration reserved, Duration cost, TimePoint now);
  // Takes the cost, of 0 or more, whether it is there or not; true if there was something left before.
  bool spend(std::uint64_t id, Duration cost, TimePoint now);

  std::size_t memory_bytes() const { return table_.memory_bytes(); }

 private:
  struct Entry {
    TimePoint drained{};  // when all that it has spent will have leaked out
    Duration reserved{};
  };
  Entry& claim(std::uint64_t id);
  Duration spent(const Entry& entry, TimePoint now) const;
  Duration time_to_drain(Duration spent) const;

  BudgetOptions options_;
  SetTable<Entry> table_;
};

}  // namespace tenfold::guard
