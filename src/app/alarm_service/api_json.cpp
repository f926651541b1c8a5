#include "app/alarm_service/api_json.hpp"

#include <fmt/format.h>

#include "base/text/iso_time.hpp"
#include "console/json.hpp"
#include "oncall/people/local_time.hpp"

namespace tenfold::app {
namespace {

double milliseconds(Duration duration) {
  return console::rounded(std::chrono::duration<double, std::milli>(duration).count());
}

using console::time_or_null;
Json time_or_null(WallTime time) { return time == WallTime() ? Json(nullptr) : Json(iso_time(time)); }
Json number_or_null(double value) { return value < 0 ? Json(nullptr) : Json(value); }

Json result_json(const watch::CheckResult& result) {
  const watch::Phases& phases = result.phases;
  return {{"at", iso_time(result.at)},
          {"good", result.outcome == watch::CheckResult::Outcome::good},
          {"what", result.what},
          {"address", result.address},
          {"total_ms", milliseconds(phases.total)},
          {"name_ms", milliseconds(phases.name_lookup)},
          {"connect_ms", milliseconds(phases.connect)},
          {"tls_ms", milliseconds(phases.tls)},
          {"first_byte_ms", milliseconds(phases.first_byte)},
          {"transfer_ms", milliseconds(phases.transfer)}};
}

Json check_json(const watch::CheckView& check) {
  return {{"name", check.name},
          {"kind", check.kind},
          {"target", check.target},
          {"state", watch::name(check.state)},
          {"since", time_or_null(check.since)},
          {"what", check.what},
          {"severity", severity_name(check.severity)},
          {"flapping", check.flapping},
          {"in_maintenance", check.in_maintenance},
          {"up_share_24h", number_or_null(check.up_share_24h)},
          {"p95_ms_24h", number_or_null(check.p95_ms_24h)},
          {"last", check.last ? result_json(*check.last) : Json(nullptr)}};
}

Json send_json(const oncall::SendView& send) {
  return {{"key", send.key},
          {"kind", oncall::name(send.kind)},
          {"who", send.who},
          {"channel", oncall::name(send.channel)},
          {"to", send.to},
          {"by", send.by},
          {"state", send.state},
          {"attempts", send.attempts},
          {"created_at", iso_time(send.created_at)},
          {"changed_at", time_or_null(send.changed_at)},
          {"next_try_at", time_or_null(send.next_try_at)},
          {"detail", send.detail},
          {"trouble", send.trouble}};
}

Json alert_json(const oncall::AlertView& view) {
  const oncall::Alert& alert = view.alert;
  Json troubles = Json::array();
  for (const oncall::Trouble& trouble : alert.troubles) {
    troubles.push_back({{"source", trouble.source}, {"what", trouble.what}, {"since", iso_time(trouble.since)}});
  }
  Json sends = Json::array();
  for (const oncall::SendView& send : view.sends) sends.push_back(send_json(send));
  return {{"id", alert.id},
          {"kind", oncall::name(alert.kind)},
          {"state", oncall::name(alert.state)},
          {"severity", alert.severity},
          {"escalation", alert.escalation},
          {"began", iso_time(alert.began)},
          {"over_at", time_or_null(alert.over_at)},
          {"troubles", std::move(troubles)},
          {"past", alert.past},
          {"acknowledged_at", time_or_null(alert.acknowledged_at)},
          {"acknowledged_by", alert.acknowledged_by},
          {"acknowledged_how", alert.acknowledged_how},
          {"acknowledged_by_means", oncall::name(alert.acknowledged_by_means)},
          {"quiet_until", time_or_null(alert.quiet_until)},
          {"told", alert.told},
          {"gaps", alert.gaps},
          {"sends", std::move(sends)}};
}

}  // namespace

std::string_view severity_name(watch::Severity severity) {
  switch (severity) {
    case watch::Severity::info: return "info";
    case watch::Severity::warning: return "warning";
    case watch::Severity::critical: return "critical";
  }
  return "critical";
}

Json checks_json(const watch::View& view) {
  Json checks = Json::array();
  for (const watch::CheckView& check : view.checks) checks.push_back(check_json(check));
  return {
      {"checks", std::move(checks)},
      {"uplink", {{"down", view.uplink.down}, {"since", time_or_null(view.uplink.since)}, {"why", view.uplink.why}}},
      {"looks_total", view.looks_total},
      {"second_looks_total", view.second_looks_total},
      {"late_total", view.late_total},
      {"skipped_total", view.skipped_total},
      {"history_error", view.history_error},
      {"heartbeat_out", {{"at", time_or_null(view.heartbeat_out_at)}, {"error", view.heartbeat_out_error}}}};
}

Json history_json(const watch::Series& series) {
  Json points = Json::array();
  for (const watch::SeriesPoint& point : series.points) {
    points.push_back({{"at", iso_time(point.at)},
                      {"good", point.good},
                      {"failed", point.failed},
                      {"muted", point.muted},
                      {"up_share", number_or_null(point.up_share)},
                      {"p50_ms", number_or_null(point.p50_ms)},
                      {"p95_ms", number_or_null(point.p95_ms)}});
  }
  Json changes = Json::array();
  for (const watch::Change& change : series.changes) {
    changes.push_back({{"at", iso_time(change.at)},
                       {"from", watch::name(change.from)},
                       {"to", watch::name(change.to)},
                       {"what", change.what}});
  }
  return {{"step_s", std::chrono::duration<double>(series.step).count()},
          {"complete", series.complete},
          {"points", std::move(points)},
          {"changes", std::move(changes)}};
}

Json alerts_json(const oncall::View& view) {
  Json alerts = Json::array();
  for (const oncall::AlertView& alert : view.alerts) alerts.push_back(alert_json(alert));
  return {{"alerts", std::move(alerts)},
          {"from_memory", view.from_memory},
          {"store_error", view.store_error},
          {"sends_total", view.sends_total},
          {"sends_failed_total", view.sends_failed_total},
          {"channels", view.channels}};
}

Json who_json(const oncall::Plan& plan, const std::string& escalation, WallTime at) {
  Json ring = Json::array();
  const auto chosen = oncall::escalation_of(plan, escalation);
  for (const oncall::Recipient& recipient : oncall::ring_order(plan, chosen, at)) {
    ring.push_back({{"who", recipient.who},
                    {"number", recipient.contact.to},
                    {"channel", oncall::name(recipient.contact.channel)},
                    {"after_s", std::chrono::duration_cast<std::chrono::seconds>(recipient.after).count()},
                    {"because", recipient.because}});
  }
  auto gaps = oncall::gaps(plan, chosen, at);
  const std::string instead = oncall::nobody_rung(plan, chosen, at);
  if (!instead.empty()) gaps.push_back(quiet_text(chosen.name, instead));
  return {{"at", iso_time(at)},
          {"escalation", chosen.name},
          {"ring", std::move(ring)},
          {"gaps",
           plan.people.empty() ? std::vector<std::string>{"nobody is named under oncall.people"} : std::move(gaps)}};
}

Json ready_json(const std::vector<ready::Item>& items) {
  Json list = Json::array();
  for (const ready::Item& item : items) {
    list.push_back({{"name", item.name},
                    {"state", ready::name(item.state)},
                    {"words", item.words},
                    {"proven_at", time_or_null(item.proven_at)}});
  }
  return {{"ready", ready::is_ready(items)}, {"items", std::move(list)}};
}

std::string hole_text(const oncall::Plan& plan, const oncall::Hole& hole) {
  const auto zone = oncall::zone_of(plan.time_zone);
  return fmt::format("step {} of {} reaches nobody from {} to {}: {}", hole.step + 1, hole.escalation,
                     oncall::shown_text(zone, hole.from), oncall::shown_text(zone, hole.until), hole.what);
}

std::string quiet_text(const oncall::Plan& plan, const oncall::Quiet& quiet) {
  const auto zone = oncall::zone_of(plan.time_zone);
  return fmt::format("{}, from {} to {}", quiet_text(quiet.escalation, quiet.instead),
                     oncall::shown_text(zone, quiet.from), oncall::shown_text(zone, quiet.until));
}

std::string quiet_text(std::string_view escalation, std::string_view instead) {
  return fmt::format("{} rings nobody of yours by call or SMS: {}", escalation.empty() ? "the plan" : escalation,
                     instead);
}

}  // namespace tenfold::app
