#include "guard/ladder/ladder.hpp"

#include <algorithm>

#include "guard/ladder/trial.hpp"

namespace tenfold::guard::ladder {

using judging::Charge;
using judging::Posture;
using judging::Subject;
using judging::SubjectLevel;

namespace {

constexpr std::uint8_t most_reverts = 5;  // that double what is barred
// So much is left of a lifetime when it is prolonged: plans need not change with each window.
constexpr int prolonged_at = 2;

StrangersNeed need_of(Posture posture) {
  switch (posture) {
    case Posture::calm: return StrangersNeed::nothing;
    case Posture::strained: return StrangersNeed::queue;
    case Posture::besieged: return StrangersNeed::challenge;
  }
  return StrangersNeed::nothing;
}

Step step_of(StrangersNeed need) { return static_cast<Step>(need); }

// The kernel tells addresses only.
bool can_be_dropped(SubjectLevel level) { return level <= SubjectLevel::block; }

}  // namespace

void Ladder::remember(const KnownVisit& visit, TimePoint now) {
  visits_.record(visit, now);
  for (const Subject& subject : visit.of.all()) {
    const auto found = records_.find(subject);
    if (found == records_.end() || found->second.measure.step <= Step::behind) continue;
    Record& record = found->second;
    const Limit limit = limit_by_customers(record.measure);
    if (limit.most >= record.measure.step) continue;
    record.peak = limit.most;
    record.measure.bar = limit.bar;
    record.barred_until = now + policy_.barred;
    step_down(record, limit.most, Cause::customers_came, now);
  }
}

void Ladder::climb(const judging::Verdict& verdict, std::span<const CanarySample> canaries, TimePoint now) {
  set_posture(verdict, now);
  visits_.forget_old(now);
  for (const CanarySample& sample : canaries) count(sample, now);
  see_to_due(now);
  for (const judging::Finding& finding : verdict.findings) meet(finding, now);
}

void Ladder::set_posture(const judging::Verdict& verdict, TimePoint now) {
  const StrangersNeed before = head_.strangers_need;
  const Posture posture_before = head_.posture;
  head_.acting = acting_;
  head_.posture = verdict.posture;
  head_.likeness = verdict.likeness;
  head_.reasons = verdict.reasons;
  head_.trouble_began = verdict.trouble_began;
  head_.strangers_need = need_of(verdict.posture);
  if (head_.strangers_need != before) {
    ++revision_;
    audit_.add({.at = now,
                .subject = {SubjectLevel::strangers, judging::nobody},
                .from = step_of(before),
                .to = step_of(head_.strangers_need),
                .cause = Cause::posture,
                .posture = verdict.posture});
  }
  if (verdict.posture == Posture::calm && posture_before != Posture::calm) hasten(now);
}

// There is enough for everyone again: whoever is on the ladder for anything but the protocol leaves it soon.
void Ladder::hasten(TimePoint now) {
  for (auto& [subject, record] : records_) {
    if (record.measure.step == Step::serve || record.measure.charge == Charge::breaks_protocol) continue;
    const TimePoint soon = now + policy_.calm_step;
    if (record.due > soon) schedule(record, soon);
  }
}

void Ladder::count(const CanarySample& sample, TimePoint now) {
  const auto found = records_.find(sample.subject);
  if (found == records_.end() || found->second.measure.reach != Measure::Reach::canary) return;
  Record& record = found->second;
  record.canary_hit += sample.hit;
  record.canary_people += sample.people;
  if (record.canary_people >= policy_.people_at_once && has_people(record, policy_.people_share)) {
    revert(record, Bar::people_in_trial, now);
  }
}

bool Ladder::has_people(const Record& record, double share) { return record.canary_people > share * record.canary_hit; }

void Ladder::see_to_due(TimePoint now) {
  while (!active_.empty() && active_.begin()->first <= now) {
    Record& record = records_.find(active_.begin()->second)->second;
    if (record.measure.reach == Measure::Reach::canary) {
      end_canary(record, now);
    } else {
      const Cause cause = head_.posture == Posture::calm ? Cause::calm_again : Cause::time_over;
      step_down(record, next(record.measure.step, Push::over), cause, now);
    }
  }
  while (!remembered_.empty() && remembered_.begin()->first <= now) forget(Subject(remembered_.begin()->second));
}

void Ladder::end_canary(Record& record, TimePoint now) {
  if (record.canary_hit == 0) return revert(record, Bar::nobody_in_trial, now);
  if (has_people(record, policy_.people_share)) return revert(record, Bar::people_in_trial, now);
  Measure& measure = record.measure;
  measure.reach = Measure::Reach::all;
  measure.since = now;
  record.tried = std::max(record.tried, measure.step);
  record.peak = std::max(record.peak, measure.step);
  schedule(record, now + lifetime_of(measure));
  note(record, measure.elsewhere, Cause::tried_well, now);
}

void Ladder::revert(Record& record, Bar bar, TimePoint now) {
  record.measure.bar = bar;
  if (bar == Bar::nobody_in_trial) {
    record.barred_until = now + policy_.barred_unseen;
  } else {
    record.barred_until = now + policy_.barred * (1 << record.reverts);
    if (record.reverts < most_reverts) ++record.reverts;
  }
  record.peak = std::min(record.peak, record.measure.elsewhere);
  step_down(record, record.measure.elsewhere, Cause::tried_badly, now);
}

void Ladder::meet(const judging::Finding& finding, TimePoint now) {
  Record* const record = find_or_make(finding.subject, now);
  if (record == nullptr) {
    ++left_out_;
    return;
  }
  Measure& measure = record->measure;
  const bool barred = now < record->barred_until;
  if (barred && measure.bar == Bar::lifted) return;
  measure.charge = finding.charge;
  measure.evidence = finding.evidence;
  if (measure.reach == Measure::Reach::canary) return;
  await_people(*record, now);
  const Step wish = wanted(*record);
  const Limit limit = limit_of(*record, now);
  if (wish <= measure.step || limit.most <= measure.step) {
    if (!barred) measure.bar = wish > limit.most ? limit.bar : Bar::none;
    return go_on(*record, now);
  }
  const bool fresh = measure.step != Step::serve && record->last_moved == Record::Moves::up;
  if (fresh && now - measure.since < policy_.dwell) return;
  if (!barred) measure.bar = wish > limit.most ? limit.bar : Bar::none;
  step_up(*record, std::min(wish, limit.most), now);
}

void Ladder::await_people(Record& record, TimePoint now) const {
  const Measure& measure = record.measure;
  const bool is_asked = head_.strangers_need == StrangersNeed::challenge || measure.step >= Step::challenge;
  if (!is_asked) {
    record.unsolved_since.reset();
  } else if (!record.unsolved_since || measure.evidence.challenges_solved >= 1) {
    record.unsolved_since = now;
  }
}

// Who is found again after it had stepped down goes back to where it was. A client that ignores what all strangers are
// asked has been challenged already.
Step Ladder::wanted(const Record& record) const {
  const Measure& measure = record.measure;
  const bool was_challenged = measure.charge == Charge::ignores && !is_group(measure.subject.level) &&
                              head_.strangers_need == StrangersNeed::challenge;
  const Step from = was_challenged ? std::max(measure.step, Step::challenge) : measure.step;
  const Step up = next(from, push_of(measure.charge));
  return record.last_moved == Record::Moves::down ? std::max(up, record.peak) : up;
}

Ladder::Limit Ladder::limit_of(const Record& record, TimePoint now) const {
  const Measure& measure = record.measure;
  if (head_.posture == Posture::calm) return {Step::behind, Bar::calm};
  if (now < record.barred_until) return {std::max(Step::behind, measure.step), measure.bar};
  Limit limit = limit_by_customers(measure);
  const double solved = measure.evidence.challenges_solved;
  const bool solvers = solved >= 1 && solved > policy_.solvers_share * measure.evidence.challenges_ignored;
  if (solvers && limit.most > Step::challenge) limit = {Step::challenge, Bar::solvers};
  const bool awaited = !record.unsolved_since || now - *record.unsolved_since < policy_.people_awaited;
  if (is_group(measure.subject.level) && awaited && limit.most > Step::challenge) {
    limit = {Step::challenge, Bar::people_awaited};
  }
  // Whom a refusal of a group hits is tried before it is dropped.
  const bool untried = is_group(measure.subject.level) && record.tried < Step::refuse;
  if (untried && limit.most == Step::drop) limit.most = Step::refuse;
  return limit;
}

// A client from which no known customer comes stands for itself; all others are tried on those who came.
Ladder::Limit Ladder::limit_by_customers(const Measure& measure) const {
  const bool shared = visits_.with(measure.subject) != 0 || measure.evidence.known >= 1;
  if (shared || is_group(measure.subject.level)) {
    switch (try_on(visits_, measure.subject).outcome) {
      case Trial::Outcome::too_few_visits: return {Step::behind, Bar::too_few_visits};
      case Trial::Outcome::hits_customers: return {Step::behind, Bar::hits_customers};
      case Trial::Outcome::passed: break;
    }
  }
  if (shared) return {Step::refuse, Bar::shared};
  if (!can_be_dropped(measure.subject.level)) return {Step::refuse, Bar::no_address};
  return {};
}

void Ladder::step_up(Record& record, Step to, TimePoint now) {
  Measure& measure = record.measure;
  const Step from = measure.step;
  const bool again = record.last_moved == Record::Moves::down;
  if (again && measure.repeats < most_repeats) ++measure.repeats;
  record.last_moved = Record::Moves::up;
  const bool tried_first = is_group(measure.subject.level) && to > Step::behind && to > record.tried && to < Step::drop;
  measure.step = to;
  measure.since = now;
  measure.taken_on = Measure::Grounds{measure.charge, measure.evidence};
  if (tried_first) {
    measure.reach = Measure::Reach::canary;
    measure.elsewhere = std::max(from, Step::behind);
    record.canary_hit = record.canary_people = 0;
  } else {
    record.peak = std::max(record.peak, to);
  }
  schedule(record, now + (tried_first ? policy_.canary : lifetime_of(measure)));
  note(record, from, again ? Cause::returned : Cause::found, now);
}

void Ladder::step_down(Record& record, Step to, Cause cause, TimePoint now) {
  Measure& measure = record.measure;
  const Step from = measure.step;
  measure.step = to;
  measure.reach = Measure::Reach::all;
  measure.since = now;
  if (now >= record.barred_until) measure.bar = Bar::none;
  record.last_moved = Record::Moves::down;
  if (to == Step::serve) {
    schedule(record, std::max(now + policy_.remembered, record.barred_until));
  } else {
    schedule(record, now + lifetime_of(measure));
  }
  note(record, from, cause, now);
}

void Ladder::go_on(Record& record, TimePoint now) {
  if (record.measure.step == Step::serve) return;
  const Duration whole = lifetime_of(record.measure);
  if (record.due - now < whole / prolonged_at) {
    schedule(record, now + whole);
    ++revision_;
  }
}

Duration Ladder::lifetime_of(const Measure& measure) const {
  return head_.posture == Posture::calm ? policy_.calm_step : lifetime(measure.step, measure.repeats);
}

void Ladder::lift(const Subject& subject, TimePoint now) {
  Record* const record = find_or_make(subject, now);
  if (record == nullptr) return;
  record->measure.repeats = 0;
  record->measure.bar = Bar::lifted;
  record->barred_until = now + policy_.lifted;
  record->peak = record->tried = Step::serve;
  step_down(*record, Step::serve, Cause::lifted, now);
}

// What was tried on a part of the clients when the process ended is what the others had.
void Ladder::restore(std::span<const Measure> measures, TimePoint now) {
  for (const Measure& kept : measures) {
    const Step step = kept.reach == Measure::Reach::all ? kept.step : kept.elsewhere;
    if (kept.until <= now || step == Step::serve) continue;
    Record* const record = find_or_make(kept.subject, now);
    if (record == nullptr) continue;
    record->measure = kept;
    record->measure.step = record->peak = record->tried = step;
    record->measure.reach = Measure::Reach::all;
    schedule(*record, kept.until);
    note(*record, Step::serve, Cause::kept, now);
  }
}

Plan Ladder::plan() const {
  Plan plan = head_;
  plan.revision = revision_;
  plan.measures.reserve(active_.size());
  for (const auto& [subject, record] : records_) {
    if (record.measure.step != Step::serve) plan.measures.push_back(record.measure);
  }
  return plan;
}

Ladder::Record* Ladder::find_or_make(const Subject& subject, TimePoint now) {
  const auto found = records_.find(subject);
  if (found != records_.end()) return &found->second;
  if (records_.size() >= policy_.most_subjects) {
    if (remembered_.empty()) return nullptr;
    forget(Subject(remembered_.begin()->second));
  }
  Record& record = records_[subject];
  record.measure.subject = subject;
  record.measure.since = now;
  record.due = now + policy_.remembered;
  remembered_.emplace(record.due, subject);
  return &record;
}

// A record is on one of the two agendas, by its step.
void Ladder::schedule(Record& record, TimePoint due) {
  unschedule(record);
  record.due = due;
  record.measure.until = due;
  (record.measure.step == Step::serve ? remembered_ : active_).emplace(due, record.measure.subject);
}

void Ladder::unschedule(const Record& record) {
  const std::pair entry(record.due, record.measure.subject);
  if (active_.erase(entry) == 0) remembered_.erase(entry);
}

void Ladder::forget(const Subject& subject) {
  const auto found = records_.find(subject);
  unschedule(found->second);
  records_.erase(found);
}

void Ladder::note(const Record& record, Step from, Cause cause, TimePoint now) {
  const Measure& measure = record.measure;
  ++revision_;
  audit_.add({.at = now,
              .subject = measure.subject,
              .from = from,
              .to = measure.step,
              .reach = measure.reach,
              .cause = cause,
              .bar = measure.bar,
              .posture = head_.posture,
              .charge = measure.charge,
              .evidence = measure.evidence});
}

}  // namespace tenfold::guard::ladder
