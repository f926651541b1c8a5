#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "guard/judge/policy.hpp"
#include "guard/judge/samples.hpp"

namespace tenfold::guard::judging {

// One subject over the windows so far.
struct Watched {
  Subject subject;
  SubjectId network = nobody;
  SubjectId block = nobody;
  std::uint32_t spread = 1;
  SubjectCounts lately{};  // within five seconds or so
  // What it asks for: its requests at what its own cost, or the general cost while it got none.
  double window_ask_ms = 0;  // in this window
  double ask_ms = 0;         // within a second or so
  double asked = 0;
  double seconds = 0;    // that these are of
  double answers = 0;    // within ten seconds or so
  double answer_ms = 0;  // that these took
  // A bucket that leaks what it may take: what is in it was taken beyond that.
  double excess_ms = 0;

  double ask_ms_per_s() const { return seconds == 0 ? 0 : ask_ms / seconds; }
  double asked_per_s() const { return seconds == 0 ? 0 : asked / seconds; }
};

// Adds windows up by subject. Bounded: past `most` who has taken the least is forgotten; so are the silent. Ordered by
// level and id, so that the same windows give the same list. One thread only.
class WatchList {
 public:
  explicit WatchList(std::size_t most) : most_(most) {}

  void take(const std::vector<HeavySubject>& heavy, double general_cost_ms, Duration window);
  std::vector<Watched>& all() { return all_; }
  const std::vector<Watched>& all() const { return all_; }
  std::size_t size() const { return all_.size(); }

 private:
  void fade(Duration window);
  void keep_within_bounds();

  std::size_t most_;
  std::vector<Watched> all_;
};

}  // namespace tenfold::guard::judging
