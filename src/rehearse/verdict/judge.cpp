#include "rehearse/verdict/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rehearse/verdict/stretch.hpp"
#include "rehearse/verdict/words.hpp"

namespace tenfold::rehearse {
namespace {

double share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

std::string words_of(const Objective& objective, const Stretch& stretch) {
  return stretch.answered ? measured_text(objective, stretch.measured) : "no request was answered";
}

Finding finding_of(const RunRecord& record, const Objective& objective) {
  const Stretch all = whole(record, objective);
  Finding finding{.objective = objective.text, .measured = words_of(objective, all), .kept = all.kept};
  if (all.requests == 0) finding.measured = "nothing was measured";
  const auto each = minutes(record, objective);
  const auto worst = std::max_element(each.begin(), each.end(), [](const Stretch& a, const Stretch& b) {
    return a.kept != b.kept ? a.kept : a.measured < b.measured;
  });
  if (worst == each.end() || (each.size() == 1 && worst->from == all.from && worst->to == all.to)) return finding;
  finding.worst =
      fmt::format("from {} to {}: {}", moment_text(worst->from), moment_text(worst->to), words_of(objective, *worst));
  if (!worst->kept) finding.kept = false;
  return finding;
}

// Why nothing can be said of the shop: the driver or its machine was the limit.
std::vector<std::string> why_invalid(const RunRecord& record) {
  std::vector<std::string> reasons;
  const Counts& total = record.total;
  if (record.ended == RunRecord::Ended::interrupted)
    reasons.push_back(
        fmt::format("interrupted after {} of {}", moment_text(record.lasted), moment_text(record.length)));
  // Not what the shop refused a connection for.
  if (share(total.unsent, total.planned) > 0.01)
    reasons.push_back(
        fmt::format("only {} of what was planned could be sent ({} of {}): this machine was the limit, not the shop",
                    share_text(1 - share(total.unsent, total.planned)), total.planned - total.unsent, total.planned));
  if (share(total.late, total.planned) > 0.01)
    reasons.push_back(
        fmt::format("{} of the requests left more than 10 ms late: this machine was the limit, not the shop",
                    share_text(share(total.late, total.planned))));
  const std::uint64_t tried = total.planned - total.unsent;
  if (tried < 20 && record.ended == RunRecord::Ended::planned)
    reasons.push_back(
        fmt::format("only {} requests were tried: too few to say anything; run longer, or with more visitors", tried));
  return reasons;
}

std::vector<std::string> trust_in(const RunRecord& record, const Slo& slo) {
  std::vector<std::string> notes;
  if (record.total.by_shield > 0)
    notes.push_back(
        fmt::format("{} of the answers were the shield's own, a challenge or a place in its waiting room: it took the "
                    "rehearsal for a crowd of strangers, and the shop may bear more; `-c shop.yaml` has it known",
                    share_text(share(record.total.by_shield, record.total.answered))));
  if (record.mode == RunRecord::Mode::closed_loop) {
    notes.push_back(
        fmt::format("each connection waited for its answer before it asked again: such times hide a stall; the "
                    "busiest driver thread used {} of a core",
                    share_text(record.busiest_thread)));
    return notes;
  }
  const double late = std::chrono::duration<double>(record.arrival_error.quantile(0.99)).count();
  notes.push_back(
      fmt::format("99 % of the requests left within {} of their moment; the busiest driver thread used {} of "
                  "a core",
                  time_text(late), share_text(record.busiest_thread)));
  if (record.busiest_thread > 0.9)
    notes.push_back(
        "the driver was near its own limit: times may be a little too high; use more threads or another machine");
  if (record.stolen_share > 0.05)
    notes.push_back(
        fmt::format("{} of this machine's time went to other virtual machines", share_text(record.stolen_share)));
  for (const Objective& objective : slo) {
    const double needed = objective.measure == Objective::Measure::quantile ? 10 / (1 - objective.share) : 0;
    const Stretch all = whole(record, objective);
    if (needed > 0 && static_cast<double>(all.requests) < needed)
      notes.push_back(
          fmt::format("{} rests on {} requests; {:.0f} would make it firm", objective.text, all.requests, needed));
  }
  if (record.length < std::chrono::minutes(5) && record.mode == RunRecord::Mode::visitors)
    notes.push_back("shorter than five minutes: caches, leaks and disks may show only later");
  return notes;
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "PASS";
    case Verdict::fail: return "FAIL";
    case Verdict::invalid: return "INVALID";
    case Verdict::refused: return "REFUSED";
  }
  return "";
}

Judgement judge(const RunRecord& record, const Slo& slo) {
  Judgement judgement;
  for (const Objective& objective : slo) judgement.findings.push_back(finding_of(record, objective));
  judgement.trust = trust_in(record, slo);
  if (record.ended == RunRecord::Ended::ownership_lost) {
    judgement.verdict = Verdict::refused;
    judgement.reasons = {record.why_ended};
    return judgement;
  }
  judgement.reasons = why_invalid(record);
  if (!judgement.reasons.empty()) return judgement;

  if (record.ended == RunRecord::Ended::stopped) judgement.reasons.push_back("stopped early: " + record.why_ended);
  for (const Finding& finding : judgement.findings) {
    if (finding.kept) continue;
    const std::string when = finding.worst.empty() ? "" : "; worst " + finding.worst;
    judgement.reasons.push_back(
        fmt::format("{} was not kept: {} over the whole{}", finding.objective, finding.measured, when));
  }
  judgement.verdict = judgement.reasons.empty() ? Verdict::pass : Verdict::fail;
  return judgement;
}

std::string clearly_down(const RunRecord& record) {
  constexpr std::size_t looked_at = 5;
  if (record.windows.size() < looked_at) return {};
  std::uint64_t failed = 0;
  std::uint64_t ended = 0;
  std::array<std::uint64_t, failures> causes{};
  for (std::size_t i = record.windows.size() - looked_at; i < record.windows.size(); ++i) {
    const Counts& counts = record.windows[i].counts;
    failed += counts.failed_all();
    ended += counts.answered + counts.failed_all() - counts.failed[static_cast<std::size_t>(Failure::status)];
    for (std::size_t cause = 0; cause < failures; ++cause) causes[cause] += counts.failed[cause];
  }
  if (ended < 50 || share(failed, ended) < 0.9) return {};
  static constexpr std::string_view words[failures] = {
      "", "no connection", "TLS", "no answer in time", "broken answers", "error statuses"};
  const auto most = static_cast<std::size_t>(std::max_element(causes.begin(), causes.end()) - causes.begin());
  return fmt::format("the shop is down: {} of the requests of the last seconds failed, most by {}",
                     share_text(share(failed, ended)), words[most]);
}

bool sustained(const RunRecord& record, const Slo& slo) {
  if (record.ended != RunRecord::Ended::planned) return false;
  return judge(record, slo).verdict == Verdict::pass && !growth_of(record).steady();
}

}  // namespace tenfold::rehearse
