#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "rehearse/log/entry.hpp"

namespace tenfold::rehearse {

// Local times without a zone go back by an hour at the end of summer time: what follows is an hour later than it says.
// A single line that is an hour late (its answer took so long) is followed by lines that are not: so some lines are
// looked at ahead. For one file, in its order; entries whose time has a zone pass through. One thread.
class ClockSteps {
 public:
  void push(const Entry& entry);  // copies
  void end() { ended_ = true; }   // no more will come
  // The next entry, good until the next call. Nothing: more must be pushed first, or all have been given.
  const Entry* pop();
  bool empty() const { return waiting_.empty(); }
  int steps() const { return steps_; }  // found so far

 private:
  static constexpr std::size_t ahead = 64;
  struct Kept {
    Entry entry;
    std::string texts;
  };
  bool is_step(std::int64_t at_ms) const;

  std::deque<Kept> waiting_;
  Kept given_;
  bool ended_ = false;
  int steps_ = 0;
  std::int64_t added_ms_ = 0;
  std::int64_t newest_ms_ = INT64_MIN;
  std::int64_t last_step_ms_ = INT64_MIN;
};

}  // namespace tenfold::rehearse
