#include "app/rehearse/evidence.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <system_error>

#include "ready/evidence.hpp"
#include "rehearse/verdict/words.hpp"
#include "store/database.hpp"

namespace tenfold::app {
namespace {

using EvidenceJson = nlohmann::json;

EvidenceJson without_details(const rehearse::Rehearsal& rehearsal) {
  auto json = EvidenceJson::parse(rehearse::report_json(rehearsal));
  for (const char* key : {"windows", "templates", "steps"}) json.erase(key);
  return json;
}

std::string_view kind_of(const rehearse::Rehearsal& rehearsal) {
  return rehearsal.limit ? "rehearsal-limit" : "rehearsal";
}

// Whether both played the same: a search for the limit is compared whatever it began with.
bool same_load(const EvidenceJson& a, const EvidenceJson& b) {
  for (const char* key : {"model", "mode"}) {
    if (a["run"].value(key, "") != b["run"].value(key, "")) return false;
  }
  if (a.contains("knee")) return true;
  for (const char* key : {"times", "rate_per_s"}) {
    const double one = a["run"].value(key, 0.0), other = b["run"].value(key, 0.0);
    if (std::abs(one - other) > 0.01 * std::max(one, other)) return false;
  }
  return true;
}

std::optional<EvidenceJson> last_run(const RehearsePlan& plan, const rehearse::Rehearsal& rehearsal,
                                     const EvidenceJson& now) {
  std::error_code error;
  // Looking must not make a store.
  if (!std::filesystem::exists(plan.store_file, error)) return {};
  auto database = store::Database::open(plan.store_file);
  if (!database) return {};
  auto book = ready::EvidenceBook::open(**database);
  if (!book) return {};
  const auto all = book->list(ready::longest_list);
  if (!all) return {};
  for (const ready::Evidence& each : *all) {
    if (each.kind != kind_of(rehearsal) || each.subject != rehearsal.record.url) continue;
    if (each.verdict != "PASS" && each.verdict != "FAIL") continue;
    const EvidenceJson then = EvidenceJson::parse(each.summary, nullptr, false);
    if (then.is_object() && then.contains("run") && then["run"].is_object() && same_load(now, then)) return then;
  }
  return {};
}

double share_of_failed(const EvidenceJson& run) {
  const double requests = run.value("requests", 0.0);
  return requests > 0 ? run.value("failed", 0.0) / requests : 0;
}

enum class Change : unsigned char { worse, same, better };

// By at least a tenth, and so much that it can be more than chance.
Change change_of(double then, double now, double least) {
  if (std::abs(now - then) <= std::max(least, 0.1 * then)) return Change::same;
  return now < then ? Change::better : Change::worse;
}

std::string_view word_of(Change first, Change second) {
  if (first == Change::worse || second == Change::worse)
    return first == Change::better || second == Change::better ? "partly better, partly worse than" : "worse than";
  return first == Change::better || second == Change::better ? "better than" : "much as";
}

}  // namespace

std::string compared_with_last(const RehearsePlan& plan, const rehearse::Rehearsal& rehearsal) {
  const auto verdict = rehearsal.judgement.verdict;
  if (verdict != rehearse::Verdict::pass && verdict != rehearse::Verdict::fail) return "";
  try {
    const EvidenceJson now = without_details(rehearsal);
    const auto then = last_run(plan, rehearsal, now);
    if (!then) return "";
    const std::string when =
        fmt::format("the last time ({}, {})", (*then)["run"].value("began", "?"), then->value("verdict", "?"));
    if (now.contains("knee") && then->contains("knee")) {
      const double before = (*then)["knee"].value("requests_per_s", 0.0);
      const double after = now["knee"].value("requests_per_s", 0.0);
      return fmt::format("{} {}: the knee was at {:.0f} requests a second, and is at {:.0f}",
                         word_of(change_of(-before, -after, 0.05 * before), Change::same), when, before, after);
    }
    const double p99_then = then->value("p99_ms", 0.0), p99_now = now.value("p99_ms", 0.0);
    const double failed_then = share_of_failed(*then), failed_now = share_of_failed(now);
    return fmt::format("{} {}: p99 {}, now {}; {} failed, now {}",
                       word_of(change_of(p99_then, p99_now, 5), change_of(failed_then, failed_now, 0.001)), when,
                       rehearse::time_text(p99_then / 1000), rehearse::time_text(p99_now / 1000),
                       rehearse::share_text(failed_then), rehearse::share_text(failed_now));
  } catch (const EvidenceJson::exception&) {  // somebody else's summary
    return "";
  }
}

void record_as_evidence(const RehearsePlan& plan, const rehearse::Rehearsal& rehearsal, const Terminal& err) {
  const ready::Evidence evidence{.kind = std::string(kind_of(rehearsal)),
                                 .at = rehearsal.record.began,
                                 .subject = rehearsal.record.url.substr(0, ready::longest_subject_bytes),
                                 .verdict = std::string(rehearse::name(rehearsal.judgement.verdict)),
                                 .summary = without_details(rehearsal).dump()};
  if (auto recorded = ready::record_evidence(plan.store_file, evidence); !recorded)
    err.line(fmt::format("{} the run is not recorded as evidence: {}", err.ink(Ink::yellow, "warning:"),
                         recorded.error().text()));
}

}  // namespace tenfold::app
