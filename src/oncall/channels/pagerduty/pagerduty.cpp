#include "oncall/channels/pagerduty/pagerduty.hpp"

#include "base/text/iso_time.hpp"
#include "oncall/channels/answers.hpp"
#include "oncall/channels/written.hpp"
#include "oncall/plain_text.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_summary_bytes = 1024;
constexpr std::size_t most_source_bytes = 200;  // in a dedup_key of 255
constexpr std::size_t most_details_bytes = 8 * 1024;

std::string_view severity_of(const Message& message) {
  if (message.kind == Message::Kind::drill) return "info";
  if (message.severity == "critical" || message.severity == "warning" || message.severity == "info") {
    return message.severity;
  }
  return "error";
}

}  // namespace

Result<transfer::Request> PagerDuty::request(const std::string&, const Message& message, const std::string&) {
  const std::string source = options_.source.empty() ? "tenfold" : plain(options_.source, most_source_bytes);
  const bool is_over = message.kind == Message::Kind::over;
  nlohmann::json body{{"routing_key", options_.key},
                      {"event_action", is_over ? "resolve" : "trigger"},
                      {"dedup_key", source + "/alert-" + std::to_string(message.alert)}};
  if (!is_over) {
    body["client"] = "Tenfold";
    body["payload"] = {{"summary", subject_line(message, most_summary_bytes)},
                       {"source", source},
                       {"severity", severity_of(message)},
                       {"timestamp", iso_time(message.since)},
                       {"custom_details", {{"text", written_without_link(message, most_details_bytes)}}}};
    if (!message.acknowledge_url.empty()) {
      body["links"] = {{{"href", message.acknowledge_url}, {"text", "Acknowledge in Tenfold"}}};
    }
  }
  return json_post(options_.base_url + "/v2/enqueue", json_body(body));
}

Report PagerDuty::judge(const transfer::Outcome& outcome) const {
  Report report = judged(outcome);
  if (report.state != Report::State::delivered) return report;
  const auto json = json_of(outcome);
  if (outcome.status != 202 || text_of(json, "status") != "success") return not_from("PagerDuty", outcome);
  report.id = text_of(json, "dedup_key").substr(0, 255);
  return report;
}

}  // namespace tenfold::oncall::channels
