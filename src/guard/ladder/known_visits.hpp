#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "guard/judge/subject_id.hpp"

namespace tenfold::guard::ladder {

// A known customer was here.
struct KnownVisit {
  std::uint64_t visitor = 0;  // tells customers apart; the same over a visit
  judging::RequestSubjects of;
};

// The visits of known customers in the last hours, on which measures are tried before they are taken. One visitor at
// one client counts once in half an hour, so that nobody lends weight to a network by reloading. Bounded: past
// `most_visits` the oldest goes. Some 8 MB at the most. One thread only.
class KnownVisits {
 public:
  static constexpr std::size_t most_visits = 32'768;
  static constexpr Duration kept = std::chrono::hours(6);
  static constexpr Duration one_visit = std::chrono::minutes(30);

  void record(const KnownVisit& visit, TimePoint now);
  void forget_old(TimePoint now);

  std::uint64_t total() const { return count_; }
  std::uint64_t with(const judging::Subject& subject) const;

 private:
  struct Kept {
    KnownVisit visit;
    TimePoint at{};
  };
  void forget_oldest();
  std::size_t oldest() const { return (next_ + most_visits - count_) % most_visits; }
  static std::uint64_t key_of(const KnownVisit& visit);

  std::vector<Kept> ring_;  // grows to most_visits once
  std::size_t next_ = 0;    // place of the next
  std::size_t count_ = 0;
  // Only looked up: their order decides nothing.
  absl::flat_hash_map<judging::Subject, std::uint32_t> by_subject_;
  absl::flat_hash_map<std::uint64_t, TimePoint> counted_;  // when a visitor at a client was last counted
};

}  // namespace tenfold::guard::ladder
