#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace tenfold::watch {

// When each check is due. Pure: it is given the times, all of them monotonic.
//
// Each check has a phase of its own in its interval, by a sequence that fills it evenly however many there are, and is
// due at phase + k x every: it does not drift. The first look comes sooner, within first_looks_within (or its interval,
// if that is shorter), so that nobody waits an hour for the first word of an hourly check; from any look to the next it
// is never longer than `every`. Looks leave no faster than at a pace: the rate at which they are planned, and as much
// again or what least_pace_per_s says, whichever is more. So after a stall there is no burst: each check that is
// overdue is looked at once, and what else was missed is skipped.
class Schedule {
 public:
  using Id = std::uint64_t;

  explicit Schedule(TimePoint now) : origin_(now) {}

  static constexpr Duration first_looks_within = std::chrono::seconds(10);
  // What the pace has to spare at least: what reaches all checks within first_looks_within, that again within these.
  static constexpr double least_pace_per_s = 200;
  static constexpr double enough_pace_per_s = 1000;
  static constexpr Duration burst = std::chrono::milliseconds(100);  // so much of the pace may leave at once
  static constexpr Duration late_after = std::chrono::seconds(1);

  // `every` is positive. The id must not be there.
  void add(Id id, Duration every, TimePoint now);
  void remove(Id id);  // one that is not there: nothing happens
  // An extra look at that moment, unless one is planned before it. The phase stays.
  void hasten(Id id, TimePoint at);

  // What is due, each once, in the order in which it was due.
  std::vector<Id> due(TimePoint now);
  std::optional<TimePoint> next() const;  // when due() will have something; none: there are no checks

  std::uint64_t late_total() const { return late_; }        // looks that left more than late_after after their time
  std::uint64_t skipped_total() const { return skipped_; }  // looks that were never taken
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Duration every{};
    TimePoint regular;  // the next by its phase
    TimePoint planned;  // the next there is: the regular one or an earlier
  };

  Duration gap() const;
  void plan(Id id, Entry& entry, TimePoint at);
  void advance(Entry& entry, TimePoint now);

  TimePoint origin_;
  std::unordered_map<Id, Entry> entries_;
  std::set<std::pair<TimePoint, Id>> queue_;  // by `planned`
  std::uint64_t added_ = 0;
  double rate_per_s_ = 0;
  TimePoint free_at_{};  // the pace allows the next look from then on
  std::uint64_t late_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace tenfold::watch
