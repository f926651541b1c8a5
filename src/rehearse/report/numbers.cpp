#include "rehearse/report/numbers.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "rehearse/verdict/words.hpp"

namespace tenfold::rehearse {

std::uint64_t ended(const Counts& counts) { return counts.answered + counts.failed_unanswered(); }

double good_per_s(const Window& window) {
  const double length = in_seconds(window.to - window.from);
  const std::uint64_t failed = window.counts.failed_answered();
  return length <= 0 ? 0
                     : static_cast<double>(window.counts.answered - std::min(failed, window.counts.answered)) / length;
}

JudgedTimes judged_times(const RunRecord& record) {
  const auto times = std::make_unique<CoarseHistogram>();
  JudgedTimes result;
  const auto judged =
      std::ranges::find_if(record.judged, [&](const JudgedWindow& each) { return each.from >= record.ramp; });
  if (judged != record.judged.end()) result.from = judged->from;
  for (const JudgedWindow& window : record.judged) {
    if (window.from >= result.from) times->add(window.response);
  }
  result.count = times->count();
  result.p50 = times->quantile(0.5);
  result.p95 = times->quantile(0.95);
  result.p99 = times->quantile(0.99);
  result.most = times->most();
  return result;
}

std::string began_text(const RunRecord& record) {
  const auto began = std::chrono::time_point_cast<std::chrono::seconds>(record.began);
  return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(std::chrono::system_clock::to_time_t(began)));
}

std::string load_text(const Rehearsal& rehearsal) {
  const RunRecord& record = rehearsal.record;
  const std::string length = moment_text(record.length);
  switch (record.mode) {
    case RunRecord::Mode::visitors:
      return fmt::format("{:.4g} times the visitors of {}{} for {}", record.times, rehearsal.model_file,
                         rehearsal.load.empty() ? "" : ", " + rehearsal.load + ",", length);
    case RunRecord::Mode::constant_rate:
      return fmt::format("{:.4g} requests a second for {}", record.rate_per_s, length);
    case RunRecord::Mode::closed_loop: return fmt::format("as fast as it answers, for {}", length);
  }
  return "";
}

namespace {

std::string meaning_of_knee(const LimitResult& limit, const Rehearsal& rehearsal) {
  const Knee& knee = limit.knee;
  if (knee.load <= 0)
    return rehearsal.judgement.verdict == Verdict::invalid
               ? "Nothing can be said of the shop: the measurement does not hold."
               : "No load was found that the shop bears within its objectives.";
  const std::string at_least = knee.found == Knee::Found::bracketed ? "" : "at least ";
  return rehearsal.record.mode == RunRecord::Mode::visitors
             ? fmt::format(
                   "The shop bears {}{:.2f} new visitors a second ({:.0f} requests a second): {:.3g} times what "
                   "it expects.",
                   at_least, knee.visitors_per_s, knee.requests_per_s, knee.load)
             : fmt::format("The shop bears {}{:.0f} requests a second.", at_least, knee.requests_per_s);
}

}  // namespace

std::string meaning_of(const Rehearsal& rehearsal) {
  if (rehearsal.limit && rehearsal.judgement.verdict != Verdict::refused)
    return meaning_of_knee(*rehearsal.limit, rehearsal);
  if (rehearsal.record.mode == RunRecord::Mode::closed_loop && rehearsal.judgement.verdict == Verdict::pass)
    return fmt::format("It answered {:.0f} requests a second, as fast as it could.", rehearsal.record.achieved_per_s());
  switch (rehearsal.judgement.verdict) {
    case Verdict::pass: return fmt::format("The shop bore {} and kept what it promises.", load_text(rehearsal));
    case Verdict::fail:
      // What is wrong from the first request on is no matter of how many come.
      return rehearsal.record.total.failed_for(Failure::unlike) > 0
                 ? fmt::format("Under {} the shop answered otherwise than its log has it.", load_text(rehearsal))
                 : fmt::format("The shop did not bear {}.", load_text(rehearsal));
    case Verdict::invalid: return "Nothing can be said of the shop: the measurement does not hold.";
    case Verdict::refused: return "The target was not driven: that it is yours is not proven.";
  }
  return "";
}

std::string_view name(Step::Purpose purpose) {
  switch (purpose) {
    case Step::Purpose::climb: return "climb";
    case Step::Purpose::bisect: return "bisect";
    case Step::Purpose::validate: return "validate";
  }
  return "";
}

std::string_view name(Knee::Found found) {
  switch (found) {
    case Knee::Found::bracketed: return "bracketed";
    case Knee::Found::driver_was_the_limit: return "driver_was_the_limit";
    case Knee::Found::beyond_most: return "beyond_most";
    case Knee::Found::below_start: return "below_start";
    case Knee::Found::not_seen: return "not_seen";
    case Knee::Found::interrupted: return "interrupted";
  }
  return "";
}

}  // namespace tenfold::rehearse
