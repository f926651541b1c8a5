#include "app/rehearse/ending.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "ready/evidence.hpp"
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
  if (record.response.count() == 0) return counts;
  return counts + fmt::format("  response times: p50 {}  p95 {}  p99 {}  longest {}\n",
                              time(record.response.quantile(0.5)), time(record.response.quantile(0.95)),
                              time(record.response.quantile(0.99)), time(record.response.most()));
}

std::string next_step(const rehearse::Rehearsal& rehearsal) {
  switch (rehearsal.judgement.verdict) {
    case Verdict::pass:
      return rehearsal.limit || rehearsal.record.mode == rehearse::RunRecord::Mode::closed_loop
                 ? ""
                 : "next: --find-limit says how much more it bears";
    case Verdict::fail: return "next: --find-limit says how much it does bear, and what gives way first";
    case Verdict::invalid: return "next: run it from another machine, with more --threads, or with less load";
    case Verdict::refused: return "";
  }
  return "";
}

nlohmann::json without_details(const rehearse::Rehearsal& rehearsal) {
  auto json = nlohmann::json::parse(rehearse::report_json(rehearsal));
  for (const char* key : {"windows", "templates", "steps"}) json.erase(key);
  return json;
}

std::string verify_url(const rehearse::Target& target) { return target.origin() + "/.well-known/tenfold-verify.txt"; }

}  // namespace

std::string ending_text(const rehearse::Rehearsal& rehearsal, const std::string& report_folder,
                        const Terminal& terminal) {
  const auto& judgement = rehearsal.judgement;
  std::string text = fmt::format("{}  {}\n", terminal.ink(ink_of(judgement.verdict), rehearse::name(judgement.verdict)),
                                 rehearse::meaning_of(rehearsal));
  for (const std::string& reason : judgement.reasons) text += "  " + reason + "\n";
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
  if (!report_folder.empty()) text += fmt::format("\nreport: {}/report.html\n", report_folder);
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

void record_as_evidence(const RehearsePlan& plan, const rehearse::Rehearsal& rehearsal, const Terminal& err) {
  const ready::Evidence evidence{.kind = rehearsal.limit ? "rehearsal-limit" : "rehearsal",
                                 .at = rehearsal.record.began,
                                 .subject = rehearsal.record.url.substr(0, ready::longest_subject_bytes),
                                 .verdict = std::string(rehearse::name(rehearsal.judgement.verdict)),
                                 .summary = without_details(rehearsal).dump()};
  if (auto recorded = ready::record_evidence(plan.store_file, evidence); !recorded)
    err.line(fmt::format("{} the run is not recorded as evidence: {}", err.ink(Ink::yellow, "warning:"),
                         recorded.error().text()));
}

}  // namespace tenfold::app
