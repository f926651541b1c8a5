#include "console/json.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/text/iso_time.hpp"

namespace tenfold::console {
namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : rounded(static_cast<double>(part) / static_cast<double>(whole));
}

Json latency_json(const std::optional<Status::Latency>& latency, double Status::Latency::*which) {
  return latency ? Json(rounded((*latency).*which)) : Json(nullptr);
}

Json reload_json(const Status::Reload& reload) {
  return {{"result", name(reload.result)},
          {"at", time_or_null(reload.at)},
          {"error", reload.error.empty() ? Json(nullptr) : Json(reload.error)},
          {"takes_restart", reload.takes_restart}};
}

}  // namespace

double rounded(double value) { return std::round(value * 1000) / 1000; }

Json time_or_null(const std::optional<WallTime>& time) { return time ? Json(iso_time(*time)) : Json(nullptr); }

std::string to_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json to_json(const Status& status, const Rates& rates) {
  return {
      {"shop", status.shop},
      {"version", status.version},
      {"started_at", iso_time(status.started_at)},
      {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(status.uptime).count()},
      {"workers", status.workers},
      {"backend", status.backend},
      {"draining", status.draining},
      {"requests_total", status.requests_total},
      {"requests_per_s", rounded(rates.requests_per_s)},
      {"rehearsal_requests_total", status.rehearsal_requests_total},
      {"client_errors_total", status.client_errors_total},
      {"client_errors_per_s", rounded(rates.client_errors_per_s)},
      {"server_errors_total", status.server_errors_total},
      {"server_errors_per_s", rounded(rates.server_errors_per_s)},
      {"guard_answers_total", status.guard_answers_total},
      {"guard_answers_per_s", rounded(rates.guard_answers_per_s)},
      {"p50_ms", latency_json(status.latency, &Status::Latency::p50_ms)},
      {"p95_ms", latency_json(status.latency, &Status::Latency::p95_ms)},
      {"p99_ms", latency_json(status.latency, &Status::Latency::p99_ms)},
      {"open_connections", status.open_connections},
      {"bytes_sent_total", status.bytes_sent_total},
      {"from_cache_total", status.from_cache_total},
      {"cache_hit_ratio", rounded(rates.from_cache_share)},
      {"reload", reload_json(status.reload)},
  };
}

Json to_json(const OriginPool& pool) {
  Json servers = Json::array();
  for (const OriginServer& server : pool.servers) {
    servers.push_back({
        {"name", server.name},
        {"address", server.address},
        {"state", name(server.state)},
        {"why", server.why},
        {"since", time_or_null(server.since)},
        {"last_check", time_or_null(server.last_check)},
        {"active", server.active},
        {"requests_total", server.requests_total},
        {"failures_total", server.failures_total},
        {"ejections_total", server.ejections_total},
        {"ewma_ms", rounded(server.ewma_ms)},
    });
  }
  return {{"name", pool.name},       {"region", pool.region}, {"standby", pool.standby},
          {"serving", pool.serving}, {"panic", pool.panic},   {"servers", std::move(servers)}};
}

Json to_json(const CacheState& cache) {
  const std::uint64_t looked_up = cache.hits_total + cache.stale_total + cache.revalidated_total + cache.misses_total;
  return {
      {"enabled", cache.enabled},
      {"entries", cache.entries},
      {"bytes", cache.bytes},
      {"limit_bytes", cache.limit_bytes},
      {"hit_ratio", share(cache.hits_total + cache.stale_total, looked_up)},
      {"hits_total", cache.hits_total},
      {"misses_total", cache.misses_total},
      {"stale_total", cache.stale_total},
      {"revalidated_total", cache.revalidated_total},
      {"coalesced_total", cache.coalesced_total},
      {"bypassed_total", cache.bypassed_total},
      {"evictions_total", cache.evictions_total},
      {"purged_total", cache.purged_total},
  };
}

Json to_json(const Recorder& recorder) {
  Json requests = Json::array();
  Json errors = Json::array();
  Json p99 = Json::array();
  for (const Point& point : recorder.points()) {
    requests.push_back(rounded(point.rates.requests_per_s));
    errors.push_back(rounded(point.rates.server_errors_per_s));
    p99.push_back(latency_json(point.latency, &Status::Latency::p99_ms));
  }
  return {{"every_s", 1},
          {"requests_per_s", std::move(requests)},
          {"server_errors_per_s", std::move(errors)},
          {"p99_ms", std::move(p99)}};
}

// Errors from elsewhere say themselves that it was expected.
Json error_json(std::string_view message, std::string_view expected) {
  constexpr std::string_view already_said = "expected ";
  if (expected.starts_with(already_said)) expected.remove_prefix(already_said.size());
  return {{"error", {{"message", message}, {"expected", expected}}}};
}

Result<Purge> parse_purge(std::string_view body) {
  constexpr const char* expected =
      R"(an object with one of "url" and "prefix", as in {"prefix": "https://shop.example/pictures/"})";
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || json.size() != 1) return fail(Errc::invalid, expected);
  const std::string& key = json.begin().key();
  if ((key != "url" && key != "prefix") || !json.begin()->is_string()) return fail(Errc::invalid, expected);
  std::string what = json.begin()->get<std::string>();
  if (!what.starts_with("http://") && !what.starts_with("https://")) {
    return fail(Errc::invalid, expected);
  }
  return Purge{.kind = key == "url" ? Purge::Kind::url : Purge::Kind::prefix, .what = std::move(what)};
}

}  // namespace tenfold::console
