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

class Search {
 public:
  Search(const RunLoad& run, const Slo& slo, const LimitOptions& options) : run_(run), slo_(slo), options_(options) {}

  Result<LimitResult> find() {
    if (auto climbed = climb(); !climbed) return std::unexpected(std::move(climbed.error()));
    while (low_ && high_ && load(high_) > load(low_) * (1 + options_.precision)) {
      auto step = take(std::sqrt(load(low_) * load(high_)), Step::Purpose::bisect);
      if (!step) return std::unexpected(std::move(step.error()));
      if (invalid(*step)) {
        found_ = Knee::Found::driver_was_the_limit;
        break;
      }
      (result_.steps[*step].sustained ? low_ : high_) = *step;
    }
    if (low_) {
      if (auto validated = validate(); !validated) return std::unexpected(std::move(validated.error()));
    }
    conclude();
    return std::move(result_);
  }

 private:
  using Index = std::size_t;
  double load(const std::optional<Index>& step) const { return result_.steps[*step].load; }
  bool invalid(Index step) const { return result_.steps[step].judgement.verdict == Verdict::invalid; }

  // What disturbs the driver for a moment is no limit: a step that says nothing is tried again.
  Result<Index> take(double load, Step::Purpose purpose) {
    constexpr int most_tries = 3;
    constexpr std::uint64_t enough = 20;  // requests; fewer would be too few the next time, too
    for (int tries = 1;; ++tries) {
      auto step = take_once(load, purpose);
      if (!step || !invalid(*step) || tries == most_tries || result_.steps[*step].record.total.planned < enough)
        return step;
    }
  }
  Result<Index> take_once(double load, Step::Purpose purpose) {
    auto record = run_(load, purpose);
    if (!record) return std::unexpected(std::move(record.error()));
    Step step{.load = load, .purpose = purpose, .record = std::move(*record)};
    step.judgement = judge(step.record, slo_);
    step.sustained = sustained(step.record, slo_);
    result_.steps.push_back(std::move(step));
    const Step& taken = result_.steps.back();
    if (taken.record.ended == RunRecord::Ended::interrupted) return fail(Errc::cancelled, "interrupted");
    if (taken.record.ended == RunRecord::Ended::ownership_lost) return fail(Errc::refused, taken.record.why_ended);
    return result_.steps.size() - 1;
  }

  // Doubles until it is too much, or halves until it is not.
  Result<void> climb() {
    double wanted = options_.start;
    while (wanted <= options_.most && wanted >= options_.start / 1024) {
      auto step = take(wanted, Step::Purpose::climb);
      if (!step) return std::unexpected(std::move(step.error()));
      if (invalid(*step)) {
        // On the way down too few requests are left to say anything of.
        found_ = high_ ? Knee::Found::below_start : Knee::Found::driver_was_the_limit;
        return {};
      }
      (result_.steps[*step].sustained ? low_ : high_) = *step;
      if (low_ && high_) return {};
      wanted *= low_ ? 2 : 0.5;
    }
    found_ = low_ ? Knee::Found::beyond_most : Knee::Found::below_start;
    return {};
  }

  // What was sustained for moments must be so for longer; else a little less is tried.
  Result<void> validate() {
    constexpr int most_tries = 5;
    double wanted = load(low_);
    for (int i = 0; i < most_tries; ++i) {
      auto step = take(wanted, Step::Purpose::validate);
      if (!step) return std::unexpected(std::move(step.error()));
      if (result_.steps[*step].sustained) {
        low_ = *step;
        return {};
      }
      if (invalid(*step)) {
        found_ = Knee::Found::driver_was_the_limit;
        return {};
      }
      if (!high_ || wanted < load(high_)) high_ = *step;
      wanted *= 1 - options_.precision;
    }
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
  LimitResult result_;
  std::optional<Index> low_;   // the greatest load that was sustained
  std::optional<Index> high_;  // the least that was not
  Knee::Found found_ = Knee::Found::bracketed;
};

}  // namespace

Result<LimitResult> find_limit(const RunLoad& run, const Slo& slo, const LimitOptions& options) {
  return Search(run, slo, options).find();
}

}  // namespace tenfold::rehearse
