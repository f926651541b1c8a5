#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.hpp"
#include "guard/limit/baselines.hpp"
#include "guard/limit/estimate.hpp"
#include "guard/limit/recent_times.hpp"
#include "guard/limit/sample.hpp"
#include "guard/limit/times.hpp"

namespace tenfold::guard::limit {

struct LimiterOptions {
  std::uint32_t initial = 32;    // until it is known better
  std::uint32_t floor = 4;       // never fewer
  std::uint32_t ceiling = 1024;  // never more: the connections that the pool's owner allows
};

// What one pool's workers measured since the last step.
struct LimiterInput {
  std::span<const RouteTimes> routes;  // each route once
  std::uint32_t active_most = 0;       // requests at the pool's servers at once, at most
  Duration waited{};  // for how long somebody waited for a place (of the worker where that was longest)
};

// How many requests may be at a pool's servers at once, so that all of them work and few requests queue there
// (docs/decisions/0023-how-much-an-origin-bears.md).
//
// Crowding is how many requests are at the servers for each that is worked on: 1 where there is no queue (sample.hpp).
// It is read off the times of requests, held against their routes' baselines, and kept near 1.2, or higher where
// requests take so little that nobody feels the queue. A change of the limit is a trial: if times moved along with it
// (m = 1) there is a queue, if they stayed (m = 0) there is none, whatever baselines say. If what is asked became
// dearer or cheaper meanwhile it says nothing, and is taken back.
//
//               ┌────────── m < ½, or still few: again ─────────────┐
//               ▼                                                   │
//   watching ──uncrowded──▶ raising (×1.5) ────────────────────────▶┴─▶ watching, where it is little crowded
//      │ ▲                     └─ m = 1 and the baselines are doubtful ─▶ searching (×0.6, until m < ¾) ─▶ watching
//      │ ├── back, unless m < ½ and more work was done: raising ─┐
//      ├─┼──every 2 s──▶ probing (×1.2) ───────────────────────┘
//      │ └── m < 0.6: requests have become slower, not more ─┐
//      └────crowded──▶ pressing (×1.25) ──m ≥ 0.6──▶ lowering (to what fits, ×½ at most) ─▶ again while crowded
//
// Where the limit was never found by trials, it is lowered without pressing first; if times do not fall with it
// (m < ¾), the way back (returning) tells whether requests have become slower.
//
// Nothing is decided on what happens while nobody waits for a place of the pool's. Pure but for what it remembers; one
// thread only.
class Limiter {
 public:
  enum class Phase : std::uint8_t {
    watching,
    weighing,
    raising,
    probing,
    lowering,
    returning,
    searching,
  };
  // Why the limit is what it is.
  enum class Cause : std::uint8_t {
    initial,    // nothing is known yet
    uncrowded,  // requests took no longer than when there are few
    gained,     // a little more was tried, and more work was done
    no_gain,    // more was tried, and only times rose: back
    crowded,    // times rose: there was a queue at the servers
    slower,     // less was tried, and times did not fall: the servers are slower, not crowded: back
    found,      // less was tried until times fell no more
    overdue,    // requests were not answered in time
    abandoned,  // a trial had no end, for nobody waited any more: back
    unsteady,   // what was asked became dearer or cheaper while a trial lasted: back
  };

  explicit Limiter(const LimiterOptions& options);

  // To be called every 100 ms or so.
  void step(const LimiterInput& input, TimePoint now);
  std::uint32_t limit() const { return limit_; }

  // For people and metrics.
  struct Explanation {
    std::uint32_t limit = 0;
    Phase phase = Phase::watching;
    Cause cause = Cause::initial;
    TimePoint since{};        // the last change
    double crowding = 1;      // as last read
    double slowness = 1;      // of all routes together against their baselines, the crowding taken out
    double at_work = 0;       // requests worked on at once, as last read: the capacity, where somebody waited
    std::size_t routes = 0;   // with a baseline, or about to get one
    std::uint32_t votes = 0;  // of those that were asked last
    // Requests that the servers are known to bear at once: the limit, where it was found by trials. 0: not known, for
    // the pool was never full; the limit is then a guess, and no capacity.
    std::uint32_t borne = 0;
  };
  Explanation explain() const;
  // Requests' time over what their kinds usually take, lately; with the queue at the servers.
  double over_usual() const { return recent_.over_usual(baselines_); }
  // By how much all that is asked is late at the servers, lately.
  Duration late_by() const { return recent_.late_by(baselines_); }
  const Baselines& baselines() const { return baselines_; }

 private:
  // Readings under one limit, added up.
  struct Record {
    Sums sums;
    std::uint32_t count = 0;
    // Of the readings' crowding.
    struct Spread {
      double sum = 0;
      double square_sum = 0;
      double variance(std::uint32_t count) const;
    } shared, queued;
    void add(const Sums& more, const Sample& sample);
  };
  struct Trial {
    std::uint32_t from = 0;
    Sample before;
    std::uint32_t first_from = 0;  // of a row of trials that each went on from the last
    Sample first_before;
    Record seen;
  };
  // What is known of how much the servers bear at once, besides the baselines.
  enum class Trust : std::uint8_t {
    untried,   // nothing: the limit is the initial one, or the pool was never full
    found,     // the limit was found by trials
    doubtful,  // trials contradict the baselines, or these were made up in the trouble
  };

  void follow_active(double active, Duration window);
  void rest(const Sums& window);
  void look(TimePoint now);
  void assume(TimePoint now);
  void follow_costs(const Sample& sample, TimePoint now);
  bool is_unsteady(TimePoint now) const { return now < unsteady_until_; }
  Sample sample_of(const Record& record) const;
  void watch(const Sample& sample, TimePoint now);
  void weigh(const Sample& sample, TimePoint now);
  void judge(const Sample& sample, TimePoint now);
  bool has_lasted() const;
  void end_untold(const Sample& after, TimePoint now);
  void end_raise(double moved, double error, TimePoint now);
  void end_probe(const Moved& moved, TimePoint now);
  void end_lower(double moved, TimePoint now);
  void end_return(double moved, TimePoint now);
  void end_search(double moved, TimePoint now);
  double step_of_trial() const;
  void begin_at(Phase phase, double limit, const Sample& before, TimePoint now);
  void begin(Phase phase, double factor, const Sample& before, TimePoint now);
  void begin_again(Phase phase, double factor, const Sample& before, TimePoint now);
  void settle_at(double limit, Cause cause, TimePoint now);
  void set(double limit, Cause cause, TimePoint now);
  Duration settling() const;
  void rescale(double crowding, double as, TimePoint now);
  void abandon(TimePoint now);

  const LimiterOptions options_;
  Baselines baselines_;
  std::uint32_t limit_;
  Phase phase_ = Phase::watching;
  Cause cause_ = Cause::initial;
  TimePoint since_{};

  std::optional<TimePoint> stepped_;
  TimePoint settled_{};     // requests that began under the limit before are answered by then
  TimePoint last_short_{};  // somebody waited
  Sums gathered_;           // since the last reading
  RecentTimes recent_;
  Duration calm_{};     // nobody has waited and the pool was less than half full for so long
  Duration watched_{};  // at most as long as what is usual is remembered
  double usual_active_ = 0;
  double active_lately_ = 0;

  double scale_ = 0;  // logarithm of how much slower than their baselines all requests are without a queue
  Trust trust_ = Trust::untried;
  bool is_borne_known_ = false;
  std::optional<Reading> last_;
  Record first_;  // while there are no baselines
  double last_crowding_ = 0;
  double last_at_work_ = 0;

  Shift uncrowded_;
  Shift crowded_;
  Record since_uncrowded_;
  Record steady_;
  std::uint32_t before_overdue_ = 0;  // the limit
  TimePoint next_probe_{};
  TimePoint next_weighing_{};
  Sample usual_costs_;
  double steady_scale_ = 0;  // the scale, as it was before somebody made costs jump
  TimePoint rescaled_{};
  TimePoint unsteady_until_{};  // somebody makes costs jump
  Trial trial_;
};

std::string_view name(Limiter::Phase phase);  // "watching", ...
std::string_view name(Limiter::Cause cause);  // "uncrowded", ...

}  // namespace tenfold::guard::limit
