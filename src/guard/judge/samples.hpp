#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "guard/judge/subject_id.hpp"

// What the workers counted in one window, all of them together: the whole of what is judged by.
namespace tenfold::guard::judging {

// Different ones that the origins answered within the last second or so, and those of them that met a failure,
// estimated: customers by their tokens, others by their networks.
struct PartyCounts {
  double answered = 0;
  double failed = 0;
};

// One pool of origins.
struct PoolSample {
  std::uint32_t limit = 0;        // requests that it may work on at once; 0: not known
  bool limit_found = true;        // false: it is where it began, and says nothing of what there is
  std::uint32_t most_active = 0;  // at one time; 0: the pool was not used
  std::uint32_t most_waiting = 0;
  // How long strangers and suspects stood in the queue: those who left it in the window, whatever became of them, and
  // those who still stand in it, so far.
  Duration strangers_wait_median{};
  Duration strangers_wait_p90{};
  std::uint64_t served = 0;  // answered in time, and not with an error
  std::uint64_t shed = 0;    // sent away for want of a place
  std::uint64_t timeouts = 0;
  std::uint64_t errors = 0;  // 5xx of the origin's own, or no answer
  PartyCounts known{};       // and allowed customers
  PartyCounts others{};      // both 0: it is not known
  // Origin time over what the route usually takes, the median of its routes. 1: as usual.
  double relative_origin_time = 1;
  // The same for all requests together: their origin time over what it usually is for these routes. Tells a fault of a
  // single route, to which the median is blind, from costly routes asked for more often.
  double relative_origin_time_mean = 1;
  // What all requests took over what their kinds usually take, the queue at the servers included; told at once.
  double over_usual = 1;
};

// What all requests of one standing did.
struct StandingUse {
  std::uint64_t requests = 0;
  std::uint64_t asked = 0;     // came to need an origin, counted as they come, also those challenged, shed and refused
  std::uint64_t answered = 0;  // by an origin
  double origin_ms = 0;        // that these took
  std::uint64_t priced = 0;    // of those asked and not refused: whose kind of work is known
  double priced_ms = 0;        // that these would take, as others of their kinds do
};

struct Totals {
  StandingUse allowed{};
  StandingUse known{};
  StandingUse cleared{};
  StandingUse stranger{};
  StandingUse suspect{};
  std::uint64_t errors = 0;  // answered 4xx or 5xx, by whomever
  std::uint64_t half_sent = 0;
  std::uint64_t challenges_shown = 0;
  std::uint64_t challenges_solved = 0;
  // Who was shown one, and has had the time to solve it, is shown another. Who is refused ignores none.
  std::uint64_t challenges_ignored = 0;
  // Of what suspects asked: refused by a measure on them. It is out of the origins' way, whatever the others meet.
  std::uint64_t asked_refused = 0;
  std::uint64_t new_connections = 0;
  std::uint64_t handshakes_unfinished = 0;
  // Of strangers only.
  std::uint64_t pages = 0;
  std::uint64_t assets = 0;
  std::uint64_t in_known_networks = 0;  // requests from networks in which customers were seen on earlier days
  // Distinct ones of the last ten seconds or so that asked, estimated. 0: not known.
  std::uint64_t clients = 0;
  std::uint64_t networks = 0;
  std::uint64_t blocks = 0;
};

// What one subject did in this window alone: rates that fade over seconds would tell of a flood seconds late. Lower
// bounds (count minus error), so that nobody answers for others. Requests of known and allowed customers are counted in
// `known` and nowhere else. Fractions arise where counts fade with time.
struct SubjectCounts {
  double requests = 0;
  double asked = 0;  // as in StandingUse
  double answered = 0;
  double origin_ms = 0;
  double errors = 0;
  double challenges_shown = 0;
  double challenges_ignored = 0;
  double challenges_solved = 0;
  double pages = 0;
  double assets = 0;
  double half_sent = 0;  // requests, and handshakes that were not finished
  double known = 0;      // requests of known customers

  void fade(double keep);
  void add(const SubjectCounts& more);
};

struct HeavySubject {
  Subject subject;
  SubjectId network = nobody;  // that a client is in
  SubjectId block = nobody;    // that a client or network is in
  SubjectCounts counts{};      // of the window
  std::uint32_t spread = 1;    // distinct clients in it, estimated
};

struct Samples {
  Duration window{};  // how long the counting lasted
  std::vector<PoolSample> pools;
  Totals totals;
  std::vector<HeavySubject> heavy;  // in any order, each subject once
};

}  // namespace tenfold::guard::judging
