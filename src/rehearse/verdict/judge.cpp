#include "rehearse/verdict/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rehearse/verdict/against_log.hpp"
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

// More than 1 %, by more than chance would have it where requests are few.
bool beyond_bound(std::uint64_t part, std::uint64_t planned) {
  const double expected = 0.01 * static_cast<double>(planned);
  return static_cast<double>(part) > expected + 2.33 * std::sqrt(expected);
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// What to do about a machine that could not send, by why it could not.
std::string remedy_of_machine(const RunRecord& record) {
  const std::string_view cause = record.causes[0];
  if (has(cause, "open files"))
    return "allow more open files (ulimit -n; each visitor under way needs up to six), or run it with less load";
  if (has(cause, "address")) return "let it come from more addresses, from another machine or with less load";
  return "run it from another machine, with more --threads, or with less load";
}

// Nobody was there to bear anything. The judgement's verdict, if so.
bool judge_reach(const RunRecord& record, Judgement& judgement) {
  const Counts& total = record.total;
  const std::uint64_t connect = total.failed_for(Failure::connect);
  const std::uint64_t tls = total.failed_for(Failure::tls);
  if (total.answered > 0 || connect + tls == 0 || connect + tls < total.failed_all() - connect - tls) return false;
  judgement.invalid_for = Judgement::InvalidFor::not_seen;
  const bool secured = tls > connect;
  const std::string& cause = record.causes[static_cast<std::size_t>(secured ? Failure::tls : Failure::connect)];
  judgement.reasons.push_back(fmt::format("not one connection came about{}{}", cause.empty() ? "" : ": ", cause));
  if (!secured) {
    judgement.next = "start the shop, or correct the address: nobody listens there";
  } else if (has(cause, "certificate is for") || has(cause, "ostname")) {
    judgement.next = "use the name that the certificate is for";
  } else if (has(cause, "version number") || has(cause, "http request")) {
    judgement.next = "use http:// or the port that speaks TLS";
  } else if (has(cause, "expired") || has(cause, "not yet valid")) {
    judgement.next = "renew the certificate: browsers do not take it either";
  } else {
    judgement.next = "give the authority that signed its certificate: --authorities FILE";
  }
  return true;
}

// Why the driver or its machine was the limit.
std::vector<std::string> limits_of_driver(const RunRecord& record) {
  std::vector<std::string> reasons;
  const Counts& total = record.total;
  // Not what the shop refused a connection for.
  if (beyond_bound(total.unsent, total.planned)) {
    const std::string cause = record.causes[0].empty() ? "" : fmt::format(" ({})", record.causes[0]);
    reasons.push_back(fmt::format(
        "only {} of what was planned could be sent ({} of {}): this machine was the limit, not the shop{}",
        share_text(1 - share(total.unsent, total.planned)), total.planned - total.unsent, total.planned, cause));
  }
  if (beyond_bound(total.late, total.planned))
    reasons.push_back(
        fmt::format("{} of the requests left more than 10 ms late: this machine was the limit, not the shop",
                    share_text(share(total.late, total.planned))));
  return reasons;
}

// Whether an objective was missed by more than all that left late could have done.
bool missed_without_us(const RunRecord& record, const Slo& slo) {
  constexpr double busy = 0.9;  // a driver thread that comes to its answers late, too
  for (const Objective& objective : slo) {
    const bool times = objective.measure != Objective::Measure::errors;
    if (times && record.busiest_thread > busy) continue;
    auto stretches = minutes(record, objective);
    stretches.push_back(whole(record, objective));
    const auto clear = [](const Stretch& each) { return !each.kept && each.beyond > static_cast<double>(each.late); };
    if (std::ranges::any_of(stretches, clear)) return true;
  }
  return false;
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
  if (record.idle_share < 0.05)
    notes.push_back(
        fmt::format("this machine had nothing to spare: its cores were busy for {} of the time; times may be too high",
                    share_text(1 - record.idle_share)));
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
  if (record.total.invented > 0)
    notes.push_back(fmt::format(
        "{} of the answers were to targets with made-up values, which the shop need not know; a 404 there is "
        "no failure",
        share_text(share(record.total.invented, record.total.answered))));
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

namespace {

// The shop was there: by what was promised and what the log says, as far as the driver's own troubles leave it.
void judge_shop(const RunRecord& record, const Slo& slo, const AgainstLog& against, Judgement& judgement) {
  constexpr std::uint64_t fewest = 10;  // requests that anything can be said by
  std::vector<std::string> missed;
  if (record.ended == RunRecord::Ended::stopped) missed.push_back("stopped early: " + record.why_ended);
  for (const Finding& finding : judgement.findings) {
    if (finding.kept) continue;
    const std::string when = finding.worst.empty() ? "" : "; worst " + finding.worst;
    missed.push_back(fmt::format("{} was not kept: {} over the whole{}", finding.objective, finding.measured, when));
  }
  missed.insert(missed.end(), against.failures.begin(), against.failures.end());
  judgement.parts = failing_templates(record, 5);

  const auto limits = limits_of_driver(record);
  const bool could_send = !beyond_bound(record.total.unsent, record.total.planned);
  const bool stands = missed.empty() ? could_send : !against.failures.empty() || missed_without_us(record, slo);
  if (!limits.empty() && !stands) {
    judgement.reasons = limits;
    judgement.next = remedy_of_machine(record);
    judgement.invalid_for = Judgement::InvalidFor::driver;
    return;
  }
  const std::uint64_t tried = record.total.planned - record.total.unsent;
  if (tried < fewest && record.ended == RunRecord::Ended::planned) {
    judgement.reasons = {
        fmt::format("only {} requests were tried: too few to say anything; run longer, or with more visitors", tried)};
    judgement.next = "run it for longer (--for), or with more visitors (--times)";
    judgement.invalid_for = Judgement::InvalidFor::few;
    return;
  }
  for (const std::string& limit : limits) judgement.trust.push_back(limit + "; it does not change the verdict");
  judgement.reasons = missed;
  judgement.verdict = missed.empty() ? Verdict::pass : Verdict::fail;
  if (!against.failures.empty() || record.total.failed_for(Failure::unlike) > 0)
    judgement.next = "look at what the shop answers there, as one visitor: curl -i";
}

}  // namespace

Judgement judge(const RunRecord& record, const Slo& slo) {
  Judgement judgement;
  for (const Objective& objective : slo) judgement.findings.push_back(finding_of(record, objective));
  judgement.trust = trust_in(record, slo);
  if (record.ended == RunRecord::Ended::ownership_lost) {
    judgement.verdict = Verdict::refused;
    judgement.reasons = {record.why_ended};
    return judgement;
  }
  if (record.ended == RunRecord::Ended::interrupted) {
    judgement.reasons.push_back(
        fmt::format("interrupted after {} of {}", moment_text(record.lasted), moment_text(record.length)));
    judgement.next = "let it run to its end; --for makes it shorter";
    judgement.invalid_for = Judgement::InvalidFor::interrupted;
    return judgement;
  }
  if (judge_reach(record, judgement)) return judgement;
  AgainstLog against = against_log(record);
  judgement.trust.insert(judgement.trust.end(), against.notes.begin(), against.notes.end());
  if (!against.stranger.empty()) {
    judgement.reasons = {against.stranger};
    judgement.next = against.remedy;
    judgement.invalid_for = Judgement::InvalidFor::not_seen;
    return judgement;
  }
  judge_shop(record, slo, against, judgement);
  return judgement;
}

std::string noise_of(const RunRecord& record) {
  std::string words;
  const auto add = [&](const std::string& what) { words += (words.empty() ? "" : ", ") + what; };
  const double late = share(record.total.late, record.total.planned);
  const double unsent = share(record.total.unsent, record.total.planned);
  if (unsent > 0.001) add(fmt::format("{} could not be sent", share_text(unsent)));
  if (late > 0.001) add(fmt::format("{} left late", share_text(late)));
  if (record.stolen_share > 0.02) add(fmt::format("{} of its time went to others", share_text(record.stolen_share)));
  if (record.idle_share < 0.05) add(fmt::format("its cores were busy for {}", share_text(1 - record.idle_share)));
  if (record.busiest_thread > 0.9) add("a driver thread was near its limit");
  return words;
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
    ended += counts.answered + counts.failed_unanswered();
    for (std::size_t cause = 0; cause < failures; ++cause) causes[cause] += counts.failed[cause];
  }
  if (ended < 50 || share(failed, ended) < 0.9) return {};
  static constexpr std::string_view words[failures] = {
      "", "no connection", "TLS", "no answer in time", "broken answers", "error statuses", "answers unlike the log's"};
  const auto most = static_cast<std::size_t>(std::max_element(causes.begin(), causes.end()) - causes.begin());
  return fmt::format("the shop is down: {} of the requests of the last seconds failed, most by {}",
                     share_text(share(failed, ended)), words[most]);
}

bool sustained(const RunRecord& record, const Slo& slo) {
  if (record.ended != RunRecord::Ended::planned) return false;
  return judge(record, slo).verdict == Verdict::pass && !growth_of(record).steady();
}

}  // namespace tenfold::rehearse
