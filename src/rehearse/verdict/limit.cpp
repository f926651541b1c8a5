#include "rehearse/verdict/limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "rehearse/verdict/stretch.hpp"
#include "rehearse/verdict/words.hpp"

namespace tenfold::rehearse {
namespace {

// What gave way in a step that was not sustained: errors before times before the queue, the worst template named.
std::string gave_way_in(const Step& step, const Slo& slo) {
  const TemplateRecord* most_failed = nullptr;
  const TemplateRecord* slowest = nullptr;
  const auto share = [](const TemplateRecord& each) {
    return each.sent == 0 ? 0 : static_cast<double>(each.failed) / static_cast<double>(each.sent);
  };
  for (const TemplateRecord& each : step.record.templates) {
    if (each.sent < 10) continue;
    if (most_failed == nullptr || share(each) > share(*most_failed)) most_failed = &each;
    if (slowest == nullptr || each.response.quantile(0.99) > slowest->response.quantile(0.99)) slowest = &each;
  }
  bool errors = false;
  bool times = false;
  for (std::size_t i = 0; i < slo.size() && i < step.judgement.findings.size(); ++i) {
    if (step.judgement.findings[i].kept) continue;
    (slo[i].measure == Objective::Measure::errors ? errors : times) = true;
  }
  if (errors && most_failed != nullptr)
    return fmt::format("errors: {} failed in {}", most_failed->name, share_text(share(*most_failed)));
  const double p99 = slowest == nullptr ? 0 : std::chrono::duration<double>(slowest->response.quantile(0.99)).count();
  if (times && slowest != nullptr) return fmt::format("time: {} took {} (p99)", slowest->name, time_text(p99));
  const Growth growth = growth_of(step.record);
  if (growth.steady())
    return fmt::format(
        "the queue: {:.0f} requests a second more were asked than answered{}", growth.per_s,
        slowest == nullptr ? "" : fmt::format("; slowest {} with {} (p99)", slowest->name, time_text(p99)));
  return step.judgement.reasons.empty() ? "" : step.judgement.reasons.front();
}

// Of what was asked so much was answered.
double answered_share(const RunRecord& record) {
  const auto planned = static_cast<double>(std::max<std::uint64_t>(1, record.total.planned));
  double in_time = 0;  // while it was asked
  for (const Window& window : record.windows) {
    if (window.to <= record.length + std::chrono::milliseconds(1))
      in_time += static_cast<double>(window.counts.answered);
  }
  return std::min(1.0, in_time / planned);
}

// No second look is needed.
bool clearly_too_much(const Step& step, const Slo& slo) {
  constexpr double far = 4;  // times the objective
  if (step.record.ended != RunRecord::Ended::planned || answered_share(step.record) < 0.9) return true;
  return std::ranges::any_of(slo, [&](const Objective& objective) {
    const Stretch all = whole(step.record, objective);
    const bool errors = objective.measure == Objective::Measure::errors;
    return all.measured > far * (errors ? std::max(objective.error_limit, 0.01) : in_seconds(objective.limit));
  });
}

class Search {
 public:
  Search(const RunLoad& run, const Slo& slo, const LimitOptions& options, const StepTaken& taken)
      : run_(run), slo_(slo), options_(options), taken_(taken) {}

  Result<LimitResult> find() {
    auto done = climb();
    if (done) done = bisect();
    if (done && low_) done = validate();
    if (!done) {
      if (done.error().code != Errc::cancelled || result_.steps.empty())
        return std::unexpected(std::move(done.error()));
      found_ = Knee::Found::interrupted;
    }
    conclude();
    return std::move(result_);
  }

 private:
  using Index = std::size_t;
  double load(const std::optional<Index>& step) const { return result_.steps[*step].load; }
  bool invalid(Index step) const { return result_.steps[step].judgement.verdict == Verdict::invalid; }
  Knee::Found found_by_invalid(Index step) const {
    const bool not_seen = result_.steps[step].judgement.invalid_for == Judgement::InvalidFor::not_seen;
    return not_seen ? Knee::Found::not_seen : Knee::Found::driver_was_the_limit;
  }

  // What disturbs the driver for a moment is no limit: a step that says nothing is tried again.
  Result<Index> take(double load, Step::Purpose purpose) {
    constexpr int most_tries = 3;
    for (int tries = 1;; ++tries) {
      auto step = take_once(load, purpose);
      const bool driver =
          step && invalid(*step) && result_.steps[*step].judgement.invalid_for == Judgement::InvalidFor::driver;
      if (!driver || tries == most_tries) return step;
    }
  }
  // What disturbs the shop or its machine for a moment is none either: turned down is what fails twice.
  Result<Index> take_confirmed(double load, Step::Purpose purpose) {
    auto step = take(load, purpose);
    if (!step || invalid(*step) || result_.steps[*step].sustained || clearly_too_much(result_.steps[*step], slo_))
      return step;
    auto again = take(load, purpose);
    return again && invalid(*again) ? step : again;
  }
  Result<Index> take_once(double load, Step::Purpose purpose) {
    auto record = run_(load, purpose);
    if (!record) return std::unexpected(std::move(record.error()));
    Step step{.load = load, .purpose = purpose, .record = std::move(*record)};
    step.judgement = judge(step.record, slo_);
    step.sustained = sustained(step.record, slo_);
    result_.steps.push_back(std::move(step));
    const Step& taken = result_.steps.back();
    taken_(taken);
    if (taken.record.ended == RunRecord::Ended::interrupted) return fail(Errc::cancelled, "interrupted");
    if (taken.record.ended == RunRecord::Ended::ownership_lost) return fail(Errc::refused, taken.record.why_ended);
    return result_.steps.size() - 1;
  }

  // Doubles until it is too much, or halves until it is not.
  Result<void> climb() {
    double wanted = options_.start;
    while (wanted <= options_.most && wanted >= options_.start / 1024) {
      auto step = take_confirmed(wanted, Step::Purpose::climb);
      if (!step) return std::unexpected(std::move(step.error()));
      if (invalid(*step)) {
        found_ = found_by_invalid(*step);
        // On the way down too few requests are left to say anything of.
        if (high_ && found_ == Knee::Found::driver_was_the_limit) found_ = Knee::Found::below_start;
        return {};
      }
      (result_.steps[*step].sustained ? low_ : high_) = *step;
      if (low_ && high_) return {};
      wanted *= low_ ? 2 : 0.5;
    }
    found_ = low_ ? Knee::Found::beyond_most : Knee::Found::below_start;
    return {};
  }

  Result<void> bisect() {
    while (low_ && high_ && load(high_) > load(low_) * (1 + options_.precision)) {
      auto step = take_confirmed(std::sqrt(load(low_) * load(high_)), Step::Purpose::bisect);
      if (!step) return std::unexpected(std::move(step.error()));
      if (invalid(*step)) {
        found_ = found_by_invalid(*step);
        return {};
      }
      (result_.steps[*step].sustained ? low_ : high_) = *step;
    }
    return {};
  }

  // What was sustained for moments must be so for longer; else less is tried: as much as was answered, or little less
  // at first and then more.
  Result<void> validate() {
    constexpr int most_tries = 8;
    const Index best = *low_;
    double wanted = load(low_);
    double less = options_.precision;
    low_.reset();
    for (int i = 0; i < most_tries; ++i, less *= 2) {
      auto step = take(wanted, Step::Purpose::validate);
      if (!step) {
        if (!low_) low_ = best;
        return std::unexpected(std::move(step.error()));
      }
      if (result_.steps[*step].sustained) {
        low_ = *step;
        return {};
      }
      if (invalid(*step)) {
        found_ = found_by_invalid(*step);
        low_ = best;
        return {};
      }
      if (!high_ || wanted < load(high_)) high_ = *step;
      wanted *= std::min(1 - less, answered_share(result_.steps[*step].record));
      if (!(wanted > 0) || less >= 1) break;
    }
    found_ = Knee::Found::below_start;
    return {};
  }

  void conclude() {
    Knee& knee = result_.knee;
    knee.found = found_;
    if (high_) knee.gave_way = gave_way_in(result_.steps[*high_], slo_);
    if (!low_) return;
    const RunRecord& record = result_.steps[*low_].record;
    const double seconds = std::max(1e-9, std::chrono::duration<double>(record.length).count());
    knee.load = load(low_);
    knee.sessions_per_s = static_cast<double>(record.total.sessions) / seconds;
    knee.visitors_per_s = knee.sessions_per_s;
    // All that was planned was answered; the wait for the last answers is no part of the rate.
    knee.requests_per_s = static_cast<double>(record.total.planned) / seconds;
  }

  const RunLoad& run_;
  const Slo& slo_;
  const LimitOptions& options_;
  const StepTaken& taken_;
  LimitResult result_;
  std::optional<Index> low_;   // the greatest load that was sustained
  std::optional<Index> high_;  // the least that was not
  Knee::Found found_ = Knee::Found::bracketed;
};

}  // namespace

Result<LimitResult> find_limit(const RunLoad& run, const Slo& slo, const LimitOptions& options,
                               const StepTaken& taken) {
  return Search(run, slo, options, taken).find();
}

Duration validation_length(const Slo& slo) {
  constexpr Duration least = std::chrono::minutes(1), most = std::chrono::minutes(5);
  constexpr int per_excess = 100;  // of 1 % a wait of 1 s comes after 100 s
  Duration limit{};
  for (const Objective& objective : slo) limit = std::max(limit, objective.limit);
  return std::clamp(limit * per_excess, least, most);
}

}  // namespace tenfold::rehearse
