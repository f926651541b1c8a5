#include <nlohmann/json.hpp>

#include "rehearse/report/numbers.hpp"
#include "rehearse/report/report.hpp"

namespace tenfold::rehearse {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::string_view failure_names[failures] = {"none",   "connect", "tls",   "timed_out",
                                                      "broken", "status",  "unlike"};

template <int Bits>
Json quantiles(const Histogram<Bits>& times) {
  return {{"p50", milliseconds(times.quantile(0.5))},    {"p90", milliseconds(times.quantile(0.9))},
          {"p95", milliseconds(times.quantile(0.95))},   {"p99", milliseconds(times.quantile(0.99))},
          {"p999", milliseconds(times.quantile(0.999))}, {"max", milliseconds(times.most())},
          {"mean", milliseconds(times.mean())}};
}

Json failed_of(const Counts& counts) {
  Json json = Json::object();
  for (std::size_t i = 1; i < failures; ++i) json[std::string(failure_names[i])] = counts.failed[i];
  return json;
}

Json statuses_of(const Counts& counts) {
  Json json = Json::object();
  for (std::size_t i = 1; i < counts.statuses.size(); ++i) json[std::to_string(i) + "xx"] = counts.statuses[i];
  return json;
}

Json statuses_of(const StatusCounts& counts) {
  Json json = Json::object();
  for (const auto& entry : counts.entries()) {
    if (entry.times > 0) json[entry.status == 0 ? "other" : std::to_string(entry.status)] = entry.times;
  }
  return json;
}

Json windows_of(const RunRecord& record) {
  Json json = Json::array();
  for (const Window& window : record.windows)
    json.push_back({{"from_s", in_seconds(window.from)},
                    {"to_s", in_seconds(window.to)},
                    {"planned_per_s", window.planned_per_s},
                    {"planned", window.counts.planned},
                    {"sent", window.counts.sent},
                    {"answered", window.counts.answered},
                    {"failed", window.counts.failed_all()},
                    {"in_flight", window.in_flight},
                    {"visitors", window.visitors},
                    {"p50_ms", milliseconds(window.p50)},
                    {"p95_ms", milliseconds(window.p95)},
                    {"p99_ms", milliseconds(window.p99)},
                    {"max_ms", milliseconds(window.most)},
                    {"arrival_error_p99_ms", milliseconds(window.arrival_error_p99)},
                    {"driver_cpu", window.driver_cpu}});
  return json;
}

Json json_templates_of(const RunRecord& record) {
  Json json = Json::array();
  for (const TemplateRecord& each : record.templates) {
    if (each.planned == 0 && each.sent == 0) continue;
    json.push_back({{"name", each.name},
                    {"planned", each.planned},
                    {"sent", each.sent},
                    {"failed", each.failed},
                    {"statuses", statuses_of(each.statuses)},
                    {"led_to", each.led_to},
                    {"p50_ms", milliseconds(each.response.quantile(0.5))},
                    {"p95_ms", milliseconds(each.response.quantile(0.95))},
                    {"p99_ms", milliseconds(each.response.quantile(0.99))}});
  }
  return json;
}

Json driver_of(const RunRecord& record) {
  return {{"threads", record.threads},
          {"cpu_s", record.driver_cpu_s},
          {"busiest_thread", record.busiest_thread},
          {"stolen_share", record.stolen_share},
          {"idle_share", record.idle_share},
          {"late", record.total.late},
          {"unsent", record.total.unsent},
          {"arrival_error_ms", quantiles(record.arrival_error)}};
}

Json knee_of(const Knee& knee) {
  return {{"visitors_per_s", knee.visitors_per_s},
          {"sessions_per_s", knee.sessions_per_s},
          {"requests_per_s", knee.requests_per_s},
          {"load", knee.load},
          {"found", name(knee.found)},
          {"gave_way", knee.gave_way}};
}

Json steps_of(const LimitResult& limit) {
  Json json = Json::array();
  for (const Step& step : limit.steps)
    json.push_back({{"load", step.load},
                    {"purpose", name(step.purpose)},
                    {"sustained", step.sustained},
                    {"verdict", name(step.judgement.verdict)},
                    {"achieved_per_s", step.record.achieved_per_s()},
                    {"failed", step.record.total.failed_all()},
                    {"p99_ms", milliseconds(step.record.response.quantile(0.99))}});
  return json;
}

}  // namespace

std::string report_json(const Rehearsal& rehearsal) {
  const RunRecord& record = rehearsal.record;
  const Counts& total = record.total;
  const JudgedTimes times = judged_times(record);
  // Where all of the run is judged the finer histogram has the same to three digits.
  const bool finer = times.from == Duration::zero();
  const auto time = [&](double share, Duration judged) {
    return milliseconds(finer ? record.response.quantile(share) : judged);
  };
  Json json{{"verdict", name(rehearsal.judgement.verdict)},
            {"planned", total.planned},
            {"sent", total.sent},
            {"requests", ended(total)},
            {"failed", total.failed_all()},
            {"achieved_per_s", record.achieved_per_s()},
            {"p50_ms", time(0.5, times.p50)},
            {"p95_ms", time(0.95, times.p95)},
            {"p99_ms", time(0.99, times.p99)}};
  if (rehearsal.limit) json["knee"] = knee_of(rehearsal.limit->knee);
  json["meaning"] = meaning_of(rehearsal);
  json["reasons"] = rehearsal.judgement.reasons;
  json["parts"] = rehearsal.judgement.parts;
  json["next"] = rehearsal.judgement.next;
  json["compared"] = rehearsal.compared;
  json["trust"] = rehearsal.judgement.trust;
  json["slo"] = rehearsal.slo;
  json["findings"] = Json::array();
  for (const Finding& finding : rehearsal.judgement.findings)
    json["findings"].push_back({{"objective", finding.objective},
                                {"kept", finding.kept},
                                {"measured", finding.measured},
                                {"worst", finding.worst}});
  static constexpr std::string_view modes[] = {"visitors", "constant_rate", "closed_loop"};
  static constexpr std::string_view endings[] = {"planned", "stopped", "interrupted", "ownership_lost"};
  json["run"] = {{"url", record.url},
                 {"model", rehearsal.model_file},
                 {"command", rehearsal.command},
                 {"began", began_text(record)},
                 {"mode", modes[static_cast<std::size_t>(record.mode)]},
                 {"ended", endings[static_cast<std::size_t>(record.ended)]},
                 {"why_ended", record.why_ended},
                 {"times", record.times},
                 {"rate_per_s", record.rate_per_s},
                 {"length_s", in_seconds(record.length)},
                 {"lasted_s", in_seconds(record.lasted)},
                 {"ramp_s", in_seconds(record.ramp)},
                 {"judged_from_s", in_seconds(times.from)}};
  json["counts"] = {{"answered", total.answered},
                    {"failed", failed_of(total)},
                    {"statuses", statuses_of(total)},
                    {"bytes", total.bytes},
                    {"sessions", total.sessions},
                    {"connections", total.connections},
                    {"tls_handshakes", total.tls_handshakes},
                    {"tls_resumed", total.tls_resumed},
                    {"not_followed", total.not_followed},
                    {"withheld", total.withheld},
                    {"by_shield", total.by_shield},
                    {"invented", total.invented},
                    {"unsent", total.unsent},
                    {"late", total.late}};
  json["response_ms"] = quantiles(record.response);
  json["service_ms"] = quantiles(record.service);
  json["first_byte_ms"] = quantiles(record.first_byte);
  json["driver"] = driver_of(record);
  json["templates"] = json_templates_of(record);
  if (rehearsal.limit) json["steps"] = steps_of(*rehearsal.limit);
  json["windows"] = windows_of(record);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tenfold::rehearse
