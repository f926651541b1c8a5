#include "app/rehearse/ending.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "ready/readiness.hpp"
#include "rehearse/drive/ownership/ownership.hpp"
#include "rehearse/report/numbers.hpp"
#include "rehearse/verdict/words.hpp"

namespace tenfold::app {
namespace {

using rehearse::Verdict;

Ink ink_of(Verdict verdict) {
  if (verdict == Verdict::pass) return Ink::green;
  return verdict == Verdict::fail ? Ink::red : Ink::yellow;
}

std::string figures_of(const rehearse::RunRecord& record) {
  const auto time = [](Duration duration) { return rehearse::time_text(rehearse::in_seconds(duration)); };
  const std::string counts =
      fmt::format("  {} requests sent of {} planned, {:.1f}/s answered, {} failed\n", record.total.sent,
                  record.total.planned, record.achieved_per_s(), record.total.failed_all());
  const rehearse::JudgedTimes times = rehearse::judged_times(record);
  if (times.count == 0) return counts;
  const std::string after =
      times.from > Duration::zero() ? fmt::format(" after {} of ramp", rehearse::moment_text(times.from)) : "";
  return counts + fmt::format("  response times{}: p50 {}  p95 {}  p99 {}  longest {}\n", after, time(times.p50),
                              time(times.p95), time(times.p99), time(times.most));
}

std::string next_step(const rehearse::Rehearsal& rehearsal) {
  if (!rehearsal.judgement.next.empty()) return "next: " + rehearsal.judgement.next;
  switch (rehearsal.judgement.verdict) {
    case Verdict::pass:
      return rehearsal.limit || rehearsal.record.mode == rehearse::RunRecord::Mode::closed_loop
                 ? ""
                 : "next: --find-limit says how much more it bears";
    case Verdict::fail:
      return rehearsal.limit
                 ? "next: begin with less (--times 0.1, --rate 1/s), or look for what is wrong without any load"
                 : "next: --find-limit says how much it does bear, and what gives way first";
    case Verdict::invalid: return "next: run it from another machine, with more --threads, or with less load";
    case Verdict::refused: return "";
  }
  return "";
}

// What `tenfold ready` makes of it.
std::string counts_text(const rehearse::Rehearsal& rehearsal, const RehearseOptions& options) {
  if (rehearsal.judgement.verdict != Verdict::pass) return "";
  if (!rehearsal.limit && rehearsal.record.length < ready::least_rehearsal)
    return fmt::format("`tenfold ready` counts a rehearsal of {} or more, recorded with -c shop.yaml\n",
                       rehearse::moment_text(ready::least_rehearsal));
  return options.config.empty() ? "for `tenfold ready` to count it: -c shop.yaml\n" : "";
}

std::string verify_url(const rehearse::Target& target) { return target.origin() + "/.well-known/tenfold-verify.txt"; }

}  // namespace

std::string ending_text(const rehearse::Rehearsal& rehearsal, const RehearseOptions& options,
                        const Terminal& terminal) {
  const auto& judgement = rehearsal.judgement;
  std::string text = fmt::format("{}  {}\n", terminal.ink(ink_of(judgement.verdict), rehearse::name(judgement.verdict)),
                                 rehearse::meaning_of(rehearsal));
  for (const std::string& reason : judgement.reasons) text += "  " + reason + "\n";
  for (const std::string& part : judgement.parts) text += "    " + part + "\n";
  text += "\n" + figures_of(rehearsal.record);
  for (const rehearse::Finding& finding : judgement.findings)
    text += fmt::format(
        "  {} {}: {}{}\n", finding.kept ? terminal.ink(Ink::green, "kept    ") : terminal.ink(Ink::red, "not kept"),
        finding.objective, finding.measured, finding.worst.empty() ? "" : " (worst " + finding.worst + ")");
  if (rehearsal.limit && !rehearsal.limit->knee.gave_way.empty())
    text += fmt::format("  what gave way first above it: {}\n", rehearsal.limit->knee.gave_way);
  const auto& total = rehearsal.record.total;
  if (total.withheld > 0)
    text += fmt::format("  {} writing requests were left out (--allow-orders sends them)\n", total.withheld);
  if (total.not_followed > 0)
    text += fmt::format("  {} redirects led to other hosts and were not followed\n", total.not_followed);
  for (const std::string& note : judgement.trust) text += fmt::format("  {}\n", note);
  if (!rehearsal.compared.empty()) text += fmt::format("  {}\n", rehearsal.compared);
  if (!options.report.empty()) text += fmt::format("\nreport: {}/report.html\n", options.report);
  text += counts_text(rehearsal, options);
  if (const std::string next = next_step(rehearsal); !next.empty()) text += next + "\n";
  text.pop_back();
  return text;
}

Exit exit_of(const rehearse::Rehearsal& rehearsal) {
  switch (rehearsal.judgement.verdict) {
    case Verdict::pass: return Exit::good;
    case Verdict::fail: return Exit::falls_short;
    case Verdict::invalid: return Exit::invalid;
    case Verdict::refused: return Exit::refused;
  }
  return Exit::invalid;
}

std::string refusal_text(const RehearsePlan& plan, const Error& error, const Terminal& terminal) {
  const rehearse::Target& target = plan.drive.target;
  return fmt::format(
      "{}  {}\n\nTenfold drives load only to what is proven to be yours. If it is, put this line into\n  {}\n"
      "and start again:\n  {}",
      terminal.ink(Ink::yellow, "REFUSED"), error.detail.empty() ? error.text() : error.detail, verify_url(target),
      rehearse::ownership_token(plan.drive.key, target.host));
}

namespace {

std::string remedy_of(const Error& error) {
  const auto has = [&](std::string_view part) { return error.detail.find(part) != std::string::npos; };
  if (has("ertificate") && has("is for")) return "use the name that the certificate is for";
  if (has("ertificate")) return "give the authority that signed its certificate: --authorities FILE";
  if (has("TLS")) return "use http:// or the port that speaks TLS";
  if (has("name") || has("resolving") || has("has no address")) return "correct the name, or the name servers";
  return "start the shop, or correct the address: nobody answers there";
}

}  // namespace

std::string unreached_text(const Error& error, const Terminal& terminal) {
  return fmt::format("{}  Nothing can be said of the shop: it was not reached.\n  {}\n\nnext: {}",
                     terminal.ink(Ink::yellow, "INVALID"), error.text(), remedy_of(error));
}

std::string unreached_json(const Error& error) {
  return nlohmann::json{
      {"verdict", "INVALID"},    {"planned", 0}, {"sent", 0},   {"requests", 0}, {"failed", 0},
      {"achieved_per_s", 0},     {"p50_ms", 0},  {"p95_ms", 0}, {"p99_ms", 0},   {"reasons", {error.text()}},
      {"next", remedy_of(error)}}
      .dump();
}

std::string refusal_json(const RehearsePlan& plan, const Error& error) {
  const rehearse::Target& target = plan.drive.target;
  return nlohmann::json{{"verdict", "REFUSED"},
                        {"planned", 0},
                        {"sent", 0},
                        {"requests", 0},
                        {"failed", 0},
                        {"achieved_per_s", 0},
                        {"p50_ms", 0},
                        {"p95_ms", 0},
                        {"p99_ms", 0},
                        {"reasons", {error.detail}},
                        {"token", rehearse::ownership_token(plan.drive.key, target.host)},
                        {"place", verify_url(target)}}
      .dump();
}

}  // namespace tenfold::app
