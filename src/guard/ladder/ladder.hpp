#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "base/clock.hpp"
#include "guard/judge/finding.hpp"
#include "guard/judge/judge.hpp"
#include "guard/judge/subject_id.hpp"
#include "guard/ladder/audit.hpp"
#include "guard/ladder/known_visits.hpp"
#include "guard/ladder/measure.hpp"
#include "guard/ladder/plan.hpp"
#include "guard/ladder/step.hpp"

namespace tenfold::guard::ladder {

struct LadderPolicy {
  // Subjects measured or remembered. Past it who is remembered longest goes; if all are measured, a newcomer is left
  // out: it meets what all strangers meet.
  std::size_t most_subjects = 65'536;
  // At a step before the next one up: what it does has to show.
  Duration dwell = std::chrono::milliseconds(300);
  Duration canary = std::chrono::seconds(2);
  // Of the clients on whom a measure is tried, people: a larger share reverts it; so many do so before its time is
  // over.
  double people_share = 0.05;
  std::uint32_t people_at_once = 3;
  // Then it is not tried again for so long, doubled each time (to 32 minutes); if nobody came, for the shorter time.
  Duration barred = std::chrono::minutes(1);
  Duration barred_unseen = std::chrono::seconds(10);
  // A subject of which this share of challenges or more is solved is challenged at the most.
  double solvers_share = 0.02;
  // A group is refused only once it has been challenged for so long and nobody has solved one: the few people in it
  // come seldom, and a trial of seconds misses them.
  Duration people_awaited = std::chrono::minutes(1);
  // A step while there is enough for everyone: the ladder is left in seconds.
  Duration calm_step = std::chrono::seconds(1);
  // Served again, but known: if it is found once more it goes back to where it was.
  Duration remembered = std::chrono::minutes(10);
  Duration lifted = std::chrono::hours(1);
};

// Findings and time to measures: serve, wait behind, challenge, refuse, drop; each with a lifetime, tried on known
// customers before it is taken above the queue. Decides only, and cannot tell whether its plan is acted on. The same
// input gives the same plan. One thread only.
class Ladder {
 public:
  explicit Ladder(Acting acting, const LadderPolicy& policy = {}) : acting_(acting), policy_(policy) {}

  // A known customer was seen: measures are tried on it from now on, and step down at once if they hit too many.
  void remember(const KnownVisit& visit, TimePoint now);
  // To be called with each verdict, in order.
  void climb(const judging::Verdict& verdict, std::span<const CanarySample> canaries, TimePoint now);
  // The owner lifts a measure, and none is taken on the subject for an hour.
  void lift(const judging::Subject& subject, TimePoint now);
  // Measures from before a restart; those whose time is over are left out.
  void restore(std::span<const Measure> measures, TimePoint now);

  Plan plan() const;                                    // costs as much as there are measures
  std::uint64_t revision() const { return revision_; }  // as Plan::revision
  const AuditTrail& audit() const { return audit_; }
  const KnownVisits& visits() const { return visits_; }
  std::size_t size() const { return records_.size(); }  // subjects measured or remembered
  std::uint64_t left_out() const { return left_out_; }  // findings at the bound, since the start

 private:
  struct Record {
    Measure measure;           // step serve: only remembered
    Step peak = Step::serve;   // to which it goes back
    Step tried = Step::serve;  // to which a canary has gone well
    enum class Moves : std::uint8_t { up, down } last_moved = Moves::up;
    std::uint8_t reverts = 0;
    std::uint32_t canary_hit = 0;
    std::uint32_t canary_people = 0;
    TimePoint barred_until{};
    std::optional<TimePoint> unsolved_since;  // it is challenged, and nobody has solved one since
    TimePoint due{};                          // its place on the agenda
  };
  struct Limit {
    Step most = Step::drop;
    Bar bar = Bar::none;
  };

  void set_posture(const judging::Verdict& verdict, TimePoint now);
  void hasten(TimePoint now);
  void count(const CanarySample& sample, TimePoint now);
  void see_to_due(TimePoint now);
  void end_canary(Record& record, TimePoint now);
  void meet(const judging::Finding& finding, TimePoint now);

  Limit limit_of(const Record& record, TimePoint now) const;
  Limit limit_by_customers(const Measure& measure) const;
  Step wanted(const Record& record) const;
  void await_people(Record& record, TimePoint now) const;
  static bool has_people(const Record& record, double share);

  void step_up(Record& record, Step to, TimePoint now);
  void step_down(Record& record, Step to, Cause cause, TimePoint now);
  void revert(Record& record, Bar bar, TimePoint now);
  void go_on(Record& record, TimePoint now);
  Duration lifetime_of(const Measure& measure) const;

  Record* find_or_make(const judging::Subject& subject, TimePoint now);
  void schedule(Record& record, TimePoint due);
  void unschedule(const Record& record);
  void forget(const judging::Subject& subject);
  void note(const Record& record, Step from, Cause cause, TimePoint now);

  using Agenda = std::set<std::pair<TimePoint, judging::Subject>>;

  Acting acting_;
  LadderPolicy policy_;
  KnownVisits visits_;
  std::map<judging::Subject, Record> records_;
  Agenda active_;      // when measures step down, or their canary ends
  Agenda remembered_;  // when those that are served are forgotten
  // Of the last verdict.
  Plan head_;  // without its measures
  AuditTrail audit_;
  std::uint64_t revision_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace tenfold::guard::ladder
