#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "base/siphash.hpp"
#include "guard/measure/meter.hpp"
#include "guard/measure/space_saving.hpp"
#include "guard/measure/spread.hpp"
#include "guard/measure/usage.hpp"
#include "guard/subject.hpp"

namespace tenfold::guard {

// Who takes much. Of a network or a block only what heavy clients and networks in it, such as are a 64th of it or more,
// do not explain: it is heavy where many light ones are, and not for one neighbour's sake.
struct Heavy {
  Prefix prefix;
  UsageRates usage;   // a second, decayed; at least: nothing of it is another's
  double share = 0;   // of the weight of all; at least
  double spread = 1;  // clients in it over the last 10 to 20 s, heavy ones too; within 13 %, standard error
  TimePoint since;    // it has been followed without a break
};

// What all workers saw, decayed: the brain's, fed every 100 ms with their meters. A subject whose share is over
// 1/meters' capacity + 1/own capacity is followed for certain, whatever else there was; what is told of any is a lower
// bound, so that nobody can be framed (docs/decisions/0022-counting-clients.md). Fixed memory, about 4 MB with the
// default options. Not thread-safe.
class Ledger {
 public:
  struct Options {
    SipKey secret;                   // the meters'
    std::uint64_t request_us = 100;  // the meters'
    std::size_t capacity = 4096;     // subjects that are followed at each level
    // Of the exponential decay. A source with a twentieth of the load has 0.6 % after its first second; a customer who
    // opens six pages in half a minute stays under 0.1 % of twenty workers.
    Duration half_life = std::chrono::seconds(5);
    // From this share on a subject is heavy, and taken off what is around it. Bounds the number of heavy ones: 400. To
    // be well over what is followed for certain.
    double heavy_share = 0.0025;
  };

  explicit Ledger(const Options& options);

  // Adds what the meters counted since they were empty; they must have the same secret and request_us.
  void merge(std::span<const Meter* const> meters, TimePoint now);

  // As of the last merge; those with the largest shares first.
  std::vector<Heavy> heaviest(Level level, std::size_t most) const;
  UsageRates total() const;  // of everybody, a second, decayed
  std::size_t bytes() const;

 private:
  // What is known of a subject. Sums grow with growth_: a later request counts for more, instead of all that was for
  // less (forward decay; Cormode et al., 2009).
  struct Tally {
    UsageRates sums;
    TimePoint since;
    Spread recent;   // since spreads_turned_
    Spread earlier;  // in the spread_window before
  };
  using Table = SpaceSaving<double, Tally>;

  // The most that heavy ones inside a network or block can have done of it.
  struct Explained {
    double weight = 0;
    UsageRates sums;

    void add(const Explained& other);
  };
  using ExplainedByKey = std::map<std::uint64_t, Explained>;
  using HeavyEntries = std::array<std::vector<const Table::Entry*>, levels>;  // by Level

  void decay(TimePoint now);
  void turn_spreads(TimePoint now);
  void find_heavy();
  void find_heavy(Level level, HeavyEntries& found);
  ExplainedByKey explained_by(const HeavyEntries& found, Level level) const;
  Explained most_of(const Table::Entry& entry) const;
  Heavy describe(Level level, const Table::Entry& entry, const Explained& explained) const;
  double per_s() const;  // of a sum

  static constexpr Duration spread_window = std::chrono::seconds(10);
  // So many at most explain what is around them: each is a heavy one, and has this part of it. Where more have parts
  // alike, a carpet, it is all of them together that are heavy.
  static constexpr double most_that_explain = 64;

  const Options options_;
  std::array<Table, levels> tables_;  // by Level
  double weight_ = 0;                 // of everybody; exact
  UsageRates sums_;                   // of everybody; exact
  double growth_ = 1;                 // what counts as one at the last merge
  TimePoint growth_since_;            // when it was 1
  TimePoint spreads_turned_;
  std::array<std::vector<Heavy>, levels> heavy_;  // as of the last merge
};

}  // namespace tenfold::guard
