#include "guard/limit/limiter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace tenfold::guard::limit {

namespace {

using namespace std::chrono_literals;

const double target = std::log(1.2);   // crowding to be kept: all servers work, a sixth of the time is queueing
const double too_few = std::log(1.0);  // no queue at all
const double too_many = std::log(1.5);
const double low_edge = (target + too_few) / 2;
const double high_edge = (target + too_many) / 2;

constexpr double raise_factor = 1.5;
constexpr double probe_factor = 1.2;
// Or less far, if less fits; and farther where it was far too high, or was lowered before.
constexpr double lower_factor = 0.65;
constexpr double least_lower_factor = 0.8;
constexpr double far_lower_factor = 0.5;
const double far_too_many = std::log(4.0);
constexpr double search_factor = 0.6;
constexpr double overdue_factor = 0.7;
// Shares of a step that times move by, at which a trial is decided.
constexpr double raise_bar = 0.5;
constexpr double probe_bar = 0.67;
constexpr double lower_bar = 0.75;
constexpr double search_bar = 0.75;
constexpr double whole = 0.8;
constexpr double loss_bar = 1.2;  // beyond it less is done with more at once
constexpr Duration probe_every = 2s;

constexpr Duration usual_window = 100ms;
constexpr std::uint32_t enough_answers = 10;  // for a reading; fewer once a second has passed
constexpr Duration longest_reading = 1s;
constexpr Duration longest_settling = 5s;
constexpr double least_waited_share =
    0.1;  // of a reading's time somebody must have waited; else it says nothing of the limit
constexpr Duration calm_before_learning = 1s;
constexpr Duration active_memory = 3s;
constexpr double few_active = 2;
constexpr double most_of_usual = 1.25;  // requests at once, to be learned of
constexpr Duration patience = 2s;       // a trial ends when nobody has waited for so long
// Of a trial.
constexpr double least_requests_long = 3;
constexpr Duration long_enough_trial = 3s;
constexpr Duration longest_trial = 4s;
constexpr std::size_t most_readings = 20;
constexpr std::size_t most_steady = 40;
constexpr std::size_t least_assumed = 5;
constexpr double overload = 0.125;  // share of requests overdue
constexpr Duration cost_memory = 2s;
constexpr Duration unsteady_for = 10s;
constexpr Duration proven_after = 20s;
constexpr Duration until_next_weighing = 5s;  // once it was in vain

double bar_of(Limiter::Phase phase) {
  switch (phase) {
    case Limiter::Phase::raising: return raise_bar;
    case Limiter::Phase::probing: return probe_bar;
    case Limiter::Phase::searching: return search_bar;
    default: return lower_bar;
  }
}

Limiter::Cause cause_of(Limiter::Phase phase) {
  switch (phase) {
    case Limiter::Phase::raising: return Limiter::Cause::uncrowded;
    case Limiter::Phase::probing: return Limiter::Cause::gained;
    case Limiter::Phase::returning: return Limiter::Cause::slower;
    case Limiter::Phase::searching: return Limiter::Cause::found;
    default: return Limiter::Cause::crowded;
  }
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

Duration duration_of(double seconds) { return Duration(static_cast<std::int64_t>(seconds * 1e9)); }

// Requests at the servers at once on the mean, by Little's law.
double mean_active(std::span<const RouteTimes> routes, Duration window) {
  double sum = 0;
  for (const RouteTimes& times : routes) sum += seconds(times.known.sum) + seconds(times.others.sum);
  return sum / seconds(window);
}

// What the limit is to be lowered by, as far as that is sure.
double fitting_factor(const Sample& seen, double least) {
  const Estimate crowding = seen.raw_least();
  const double at_least = crowding.value - 2 * crowding.error;
  if (at_least - seen.raw(target) > far_too_many) least = far_lower_factor;
  return std::clamp(std::exp(seen.raw(target) - at_least), least, least_lower_factor);
}

}  // namespace

Limiter::Limiter(const LimiterOptions& options)
    : options_(options),
      limit_(std::clamp(options.initial, options.floor, options.ceiling)),
      uncrowded_(target, too_few),
      crowded_(target, too_many) {}

void Limiter::step(const LimiterInput& input, TimePoint now) {
  const Duration window = stepped_ ? now - *stepped_ : usual_window;
  stepped_ = now;
  if (window <= Duration::zero()) return;
  // Whoever waits while the pool is not full waits for something else, such as a server's own limit.
  const bool was_full = input.active_most >= limit_;
  Sums sums = baselines_.gather(input.routes, now);
  sums.time = window;
  sums.waited = was_full ? std::min(input.waited, window) : Duration::zero();
  recent_.add(sums);
  const double active = mean_active(input.routes, window);
  follow_active(active, window);
  if (sums.waited > Duration::zero()) last_short_ = now;
  if (phase_ != Phase::watching && now - last_short_ > patience) abandon(now);
  calm_ = was_full ? Duration::zero() : calm_ + window;
  if (!was_full && 2 * active < limit_) {
    gathered_.clear();
    // Where few ask, a single window says nothing of how many do.
    const double now_active = usual_active_ < few_active ? active_lately_ : active;
    if (calm_ > calm_before_learning && now_active <= most_of_usual * usual_active_) rest(sums);
    return;
  }
  if (now - window < settled_) return gathered_.clear();
  gathered_ += sums;
  if (gathered_.requests < enough_answers && gathered_.time < longest_reading) return;
  look(now);
  gathered_.clear();
}

// From the start on, what is usual is the mean of what has been seen.
void Limiter::follow_active(double active, Duration window) {
  watched_ = std::min(watched_ + window, Baselines::memory);
  const auto share = [&](Duration memory) {
    return std::min(1.0, seconds(window) / seconds(std::min(watched_, memory)));
  };
  usual_active_ += (active - usual_active_) * share(Baselines::memory);
  active_lately_ += (active - active_lately_) * share(active_memory);
}

// What requests take in calm replaces what was thought they take, and with it what was known of their being slower.
// Silence replaces nothing.
void Limiter::rest(const Sums& window) {
  if (window.requests == 0) return;
  const double kept = 1 - baselines_.learn(window);
  scale_ *= kept;
  steady_scale_ *= kept;
  if (!last_ || last_->source != Reading::Source::assumed) return;
  last_.reset();
  scale_ = steady_scale_ = 0;
  if (trust_ == Trust::doubtful) trust_ = Trust::untried;
}

void Limiter::look(TimePoint now) {
  if (seconds(gathered_.waited) < least_waited_share * seconds(gathered_.time)) return;
  const std::optional<Reading> reading = baselines_.read(gathered_);
  if (!reading) return assume(now);
  baselines_.assume(gathered_, reading->slowness.value);
  last_ = reading;
  Sample sample = limit::sample_of(*reading, gathered_, scale_);
  sample.shared.error = std::max(sample.shared.error, reading->scatter);
  sample.queued.error = std::max(sample.queued.error, reading->scatter);
  last_crowding_ = sample.raw_least().value;
  last_at_work_ = seconds(reading->work) * std::exp(scale_) / seconds(gathered_.time);
  follow_costs(sample, now);
  if (reading->overdue > overload && limit_ > options_.floor) {
    if (cause_ != Cause::overdue) before_overdue_ = limit_;
    return settle_at(limit_ * overdue_factor, Cause::overdue, now);
  }
  switch (phase_) {
    case Phase::watching: return watch(sample, now);
    case Phase::weighing: return weigh(sample, now);
    default: return judge(sample, now);
  }
}

// There are no baselines, and no calm to learn them in. What requests take now is taken for what they ought to take,
// and the limit is searched from above by trials.
void Limiter::assume(TimePoint now) {
  first_.add(gathered_, {});
  if (first_.count < least_assumed || first_.sums.time < longest_reading / 2) return;
  baselines_.assume(first_.sums, 0);
  last_ = baselines_.read(first_.sums);
  if (!last_) return;
  scale_ = steady_scale_ = 0;
  trust_ = last_->typical > unnoticed ? Trust::doubtful : Trust::found;
  if (trust_ == Trust::doubtful && limit_ > options_.floor) {
    begin(Phase::searching, search_factor, sample_of(first_), now);
  }
  first_ = {};
}

// Routes that become dear or cheap alone, to and fro: somebody is playing.
void Limiter::follow_costs(const Sample& sample, TimePoint now) {
  if (usual_costs_.requests == 0) usual_costs_ = sample;
  if (!tells_work(sample) && !are_alike(usual_costs_, sample, 3)) {
    if (!is_unsteady(now)) scale_ = steady_scale_;
    unsteady_until_ = now + unsteady_for;
  } else if (!is_unsteady(now) && now - rescaled_ > proven_after) {
    steady_scale_ = scale_;
  }
  const double share = std::min(1.0, seconds(gathered_.time) / seconds(cost_memory));
  usual_costs_.cost_queued += (sample.cost_queued - usual_costs_.cost_queued) * share;
  usual_costs_.cost_shared += (sample.cost_shared - usual_costs_.cost_shared) * share;
  usual_costs_.requests = std::max(usual_costs_.requests, sample.requests);
}

void Limiter::Record::add(const Sums& more, const Sample& sample) {
  sums += more;
  ++count;
  for (const auto& [spread, value] :
       {std::pair(&shared, sample.shared.value), std::pair(&queued, sample.queued.value)}) {
    spread->sum += value;
    spread->square_sum += value * value;
  }
}

double Limiter::Record::Spread::variance(std::uint32_t count) const {
  return std::max(0.0, square_sum / count - (sum / count) * (sum / count));
}

Sample Limiter::sample_of(const Record& record) const {
  const std::optional<Reading> reading = baselines_.read(record.sums);
  if (!reading) return {.shared = {0, 1}, .queued = {0, 1}, .work = {0, 1}};
  Sample sample = limit::sample_of(*reading, record.sums, scale_);
  // What follows on each other within a request's time is one observation and not many.
  const double observations = std::max(1.0, seconds(record.sums.time) / std::exp(sample.cost_queued));
  if (observations >= record.count) return sample;
  sample.shared.error = std::max(sample.shared.error, std::sqrt(record.shared.variance(record.count) / observations));
  sample.queued.error = std::max(sample.queued.error, std::sqrt(record.queued.variance(record.count) / observations));
  return sample;
}

void Limiter::watch(const Sample& sample, TimePoint now) {
  const bool seemed = uncrowded_.seems();
  uncrowded_.add(sample.most());
  crowded_.add(sample.least());
  // The first reading of a change is half of before; it is left out.
  if (!uncrowded_.seems()) since_uncrowded_ = {};
  if (seemed && uncrowded_.seems()) since_uncrowded_.add(gathered_, sample);
  if (steady_.count >= most_steady) steady_ = {};
  steady_.add(gathered_, sample);
  if (crowded_.seen() && now >= next_weighing_ && limit_ > options_.floor) {
    phase_ = Phase::weighing;
    trial_ = {.from = limit_, .before = {}, .first_from = limit_, .first_before = {}, .seen = {}};
    settled_ = now + settling() - usual_window;
    return;
  }
  if (uncrowded_.seen() && limit_ < options_.ceiling) {
    const double back = cause_ == Cause::overdue ? static_cast<double>(before_overdue_) / limit_ : 1;
    return begin(Phase::raising, std::max(back, raise_factor), sample_of(since_uncrowded_), now);
  }
  if (now >= next_probe_ && cause_ != Cause::overdue && steady_.count >= 5 && limit_ < options_.ceiling) {
    const Sample before = sample_of(steady_);
    if (before.least().value < high_edge) begin(Phase::probing, probe_factor, before, now);
  }
}

// It has become crowded, it seems. What is it like now, before anything is tried?
void Limiter::weigh(const Sample& sample, TimePoint now) {
  trial_.seen.add(gathered_, sample);
  if (trial_.seen.count < 2) return;
  const Sample seen = sample_of(trial_.seen);
  // With doubt it stays: a little too many cost some milliseconds, too few cost orders.
  const double at_least = seen.least().value - 2 * seen.least().error;
  if (seen.least().value < high_edge || (at_least < high_edge && trial_.seen.count >= most_readings)) {
    return settle_at(limit_, cause_, now);
  }
  if (at_least < high_edge) return;
  const double least = trust_ == Trust::found ? lower_factor : far_lower_factor;
  begin(Phase::lowering, fitting_factor(seen, least), seen, now);
}

bool Limiter::has_lasted() const {
  const double cost_s = std::exp((trial_.before.cost_queued + trial_.before.cost_shared) / 2);
  const Duration least = duration_of(least_requests_long * cost_s);
  return trial_.seen.count >= 2 && trial_.seen.sums.time >= std::min(least, long_enough_trial);
}

double Limiter::step_of_trial() const { return std::log(static_cast<double>(limit_) / trial_.from); }

void Limiter::judge(const Sample& sample, TimePoint now) {
  trial_.seen.add(gathered_, sample);
  if (!has_lasted()) return;
  const Sample after = sample_of(trial_.seen);
  const double least_error = 0.2 / std::sqrt(trial_.seen.count);
  const Moved moved = limit::moved(trial_.before, after, step_of_trial(), least_error);
  const double bar = bar_of(phase_);
  const bool is_long = trial_.seen.count >= most_readings || trial_.seen.sums.time >= longest_trial;
  if (!moved.is_sure(bar) && !is_long) return;
  if (!moved.agree(bar) || !are_alike(trial_.before, after, 2)) return end_untold(after, now);
  if (!are_alike(trial_.first_before, after, 2)) return settle_at(trial_.first_from, Cause::unsteady, now);
  const Estimate share = moved.share();
  switch (phase_) {
    case Phase::watching:
    case Phase::weighing: return;
    case Phase::raising: return end_raise(share.value, share.error, now);
    case Phase::probing: return end_probe(moved, now);
    case Phase::lowering: return end_lower(share.value, now);
    case Phase::returning: return end_return(share.value, now);
    case Phase::searching: return end_search(share.value, now);
  }
}

// Times and work do not tell whether the trial was good, or something else has changed. What is left is how crowded it
// is now; where both ways to tell it agree, that holds whatever is asked for.
void Limiter::end_untold(const Sample& after, TimePoint now) {
  if (phase_ == Phase::lowering && trust_ != Trust::found) {
    const Estimate least = after.least();
    if (least.value - 2 * least.error > high_edge && limit_ > options_.floor)
      return begin(Phase::lowering, lower_factor, after, now);
    if (least.value > target) return settle_at(limit_, Cause::crowded, now);
  } else if (phase_ == Phase::lowering) {
    next_weighing_ = now + until_next_weighing;
  }
  const bool rises = phase_ == Phase::raising || phase_ == Phase::probing;
  if (rises && trust_ != Trust::doubtful && after.most().value < target) return settle_at(limit_, Cause::gained, now);
  settle_at(trial_.from, Cause::unsteady, now);
}

void Limiter::end_raise(double moved, double error, TimePoint now) {
  const Sample after = sample_of(trial_.seen);
  const bool still_few = after.most().value < low_edge && limit_ < options_.ceiling;
  if (moved < raise_bar) {
    if (still_few) return begin(Phase::raising, raise_factor, after, now);
    if (after.least().value > target) rescale(after.shared.value, after.raw(target), now);
    return settle_at(limit_, Cause::uncrowded, now);
  }
  if (moved - 2 * error > loss_bar) return settle_at(trial_.from, Cause::no_gain, now);
  // There was no queue before, or less than a step's, so this is what must be there now. If it does not show, the
  // baselines are too high.
  const double rise = std::min(1.0, moved) * step_of_trial();
  if (after.raw_most().value + 2 * after.raw_most().error + 0.05 < rise) {
    if (trust_ == Trust::found) {
      rescale(after.shared.value, rise + target, now);
      return settle_at(trial_.from, Cause::no_gain, now);
    }
    rescale(after.shared.value, rise, now);
    trust_ = Trust::doubtful;
  }
  if (moved > whole && trust_ == Trust::doubtful && last_->typical > unnoticed) {
    return begin_again(Phase::searching, search_factor, trial_.before, now);
  }
  if (trust_ == Trust::untried) trust_ = Trust::found;
  if (still_few) return begin(Phase::raising, raise_factor, after, now);
  const double before = std::min(trial_.before.most().value, low_edge);
  const double least_rise = after.eased({.value = rise, .error = 0}).value;
  const double step = step_of_trial();
  const double fits = step * (target - before) / std::max(least_rise, after.most().value - before);
  settle_at(trial_.from * std::exp(std::clamp(fits, 0.0, step)), Cause::uncrowded, now);
}

void Limiter::end_probe(const Moved& moved, TimePoint now) {
  const Sample after = sample_of(trial_.seen);
  const Estimate share = moved.share();
  if (share.value > whole && trust_ == Trust::doubtful && last_->typical > unnoticed) {
    return begin_again(Phase::searching, search_factor, trial_.before, now);
  }
  const bool by_work = tells_work(trial_.before) && tells_work(after);
  const double step = step_of_trial();
  const double rise = by_work ? after.work.value - trial_.before.work.value : step * (1 - share.value);
  const double error = by_work ? std::hypot(after.work.error, trial_.before.work.error) : step * share.error;
  if (share.value + 2 * share.error >= probe_bar || rise < 2 * error) {
    return settle_at(trial_.from, Cause::no_gain, now);
  }
  if (share.value < raise_bar) return begin(Phase::raising, raise_factor, after, now);
  if (after.least().value > target) {
    rescale(after.shared.value, after.raw(target), now);
    trust_ = Trust::doubtful;
  }
  settle_at(limit_, Cause::gained, now);
}

void Limiter::end_lower(double moved, TimePoint now) {
  const Sample after = sample_of(trial_.seen);
  if (moved < lower_bar) return begin_at(Phase::returning, trial_.from, after, now);
  const double at_least = after.least().value - 2 * after.least().error;
  if (at_least > high_edge && limit_ > options_.floor) {
    return begin(Phase::lowering, fitting_factor(after, far_lower_factor), after, now);
  }
  if (trust_ == Trust::untried) trust_ = Trust::found;
  settle_at(limit_, Cause::crowded, now);
}

// Less was tried and times did not fall. If they do not rise on the way back either, the servers are slower.
void Limiter::end_return(double moved, TimePoint now) {
  const Sample after = sample_of(trial_.seen);
  if (moved >= lower_bar) return begin(Phase::lowering, fitting_factor(after, lower_factor), after, now);
  if (is_unsteady(now) || !tells_work(after)) {
    next_weighing_ = now + until_next_weighing;
    return settle_at(limit_, Cause::unsteady, now);
  }
  const double rise = std::clamp(moved, 0.0, 1.0) * step_of_trial();
  rescale(after.shared.value, rise, now);
  trust_ = Trust::found;
  settle_at(limit_ * std::exp(std::max(0.0, target - rise)), Cause::slower, now);
}

void Limiter::end_search(double moved, TimePoint now) {
  const Sample after = sample_of(trial_.seen);
  const bool is_felt = last_->typical > unnoticed;
  if (is_felt && moved >= search_bar && limit_ > options_.floor) {
    return begin(Phase::searching, search_factor, after, now);
  }
  trust_ = Trust::found;
  if (!is_felt) return settle_at(limit_, Cause::found, now);
  rescale(after.shared.value, 0, now);
  baselines_.correct_assumed(scale_);
  scale_ = steady_scale_ = 0;
  const double was_crowded = std::clamp(moved, 0.0, 1.0) * -step_of_trial();
  settle_at(trial_.from * std::exp(target - was_crowded), Cause::found, now);
}

void Limiter::abandon(TimePoint now) {
  const bool back = phase_ == Phase::probing || phase_ == Phase::searching;
  settle_at(back ? trial_.from : limit_, Cause::abandoned, now);
}

void Limiter::begin_at(Phase phase, double limit, const Sample& before, TimePoint now) {
  const bool goes_on = phase == Phase::raising && (phase_ == Phase::raising || phase_ == Phase::probing);
  trial_ = {.from = limit_,
            .before = before,
            .first_from = goes_on ? trial_.first_from : limit_,
            .first_before = goes_on ? trial_.first_before : before,
            .seen = {}};
  phase_ = phase;
  set(limit, cause_of(phase), now);
}

void Limiter::begin(Phase phase, double factor, const Sample& before, TimePoint now) {
  const double limit = factor > 1 ? std::max(limit_ * factor, limit_ + 1.0) : std::min(limit_ * factor, limit_ - 1.0);
  begin_at(phase, limit, before, now);
}

// Another trial from where the last one began.
void Limiter::begin_again(Phase phase, double factor, const Sample& before, TimePoint now) {
  limit_ = trial_.from;
  begin(phase, factor, before, now);
}

void Limiter::settle_at(double limit, Cause cause, TimePoint now) {
  phase_ = Phase::watching;
  next_probe_ = now + probe_every;
  if (trust_ == Trust::found) is_borne_known_ = true;
  set(limit, cause, now);
}

void Limiter::set(double limit, Cause cause, TimePoint now) {
  const double rounded = std::round(limit);
  limit_ = static_cast<std::uint32_t>(
      std::clamp(rounded, static_cast<double>(options_.floor), static_cast<double>(options_.ceiling)));
  cause_ = cause;
  since_ = now;
  settled_ = now + settling();
  uncrowded_.forget();
  crowded_.forget();
  since_uncrowded_ = steady_ = {};
}

// Until the requests that began before are answered.
Duration Limiter::settling() const {
  return last_ ? std::min(std::max(last_->typical, last_->mean_time), longest_settling) : usual_window;
}

// From now on what reads `crowding` reads `as`: all requests have become slower or faster, not more. Not while somebody
// makes costs jump: then it cannot be told.
void Limiter::rescale(double crowding, double as, TimePoint now) {
  if (is_unsteady(now)) return;
  const double evenness = last_ ? last_->evenness : 1;
  const auto slowness = [&](double log) { return std::log(std::max(0.1, 1 + std::expm1(log) / evenness)); };
  rescaled_ = now;
  scale_ = std::clamp(scale_ + slowness(crowding) - slowness(as), -4.0, 4.0);
}

Limiter::Explanation Limiter::explain() const {
  const std::uint32_t found = phase_ == Phase::watching || phase_ == Phase::weighing ? limit_ : trial_.from;
  return {.limit = limit_,
          .phase = phase_,
          .cause = cause_,
          .since = since_,
          .crowding = std::exp(last_crowding_),
          .slowness = std::exp(scale_),
          .at_work = last_at_work_,
          .routes = baselines_.routes(),
          .votes = last_ ? last_->votes : 0,
          .borne = is_borne_known_ ? found : 0};
}

std::string_view name(Limiter::Phase phase) {
  constexpr std::array<std::string_view, 7> names{"watching", "weighing",  "raising",  "probing",
                                                  "lowering", "returning", "searching"};
  return names[static_cast<std::size_t>(phase)];
}

std::string_view name(Limiter::Cause cause) {
  constexpr std::array<std::string_view, 10> names{"initial", "uncrowded", "gained",  "no gain",   "crowded",
                                                   "slower",  "found",     "overdue", "abandoned", "unsteady"};
  return names[static_cast<std::size_t>(cause)];
}

}  // namespace tenfold::guard::limit
