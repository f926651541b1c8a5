#include "app/serve/console_sources.hpp"

namespace tenfold::app {

namespace {

double whole_ms(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

console::OriginServer::State state_of(origin::ServerState state) {
  using To = console::OriginServer::State;
  switch (state) {
    case origin::ServerState::unchecked: return To::unchecked;
    case origin::ServerState::healthy: return To::up;
    case origin::ServerState::slow_start: return To::slow_start;
    case origin::ServerState::suspected: return To::suspected;
    case origin::ServerState::ejected: return To::ejected;
    case origin::ServerState::down: return To::down;
    case origin::ServerState::draining: return To::draining;
  }
  return To::unchecked;
}

console::OriginServer server_of(const origin::ServerSnapshot& from) {
  console::OriginServer to;
  to.name = from.name;
  to.address = from.address;
  to.state = state_of(from.state);
  to.why = from.checks.why;
  to.since = from.checks.since;
  to.last_check = from.checks.last_check;
  to.active = from.active;
  to.requests_total = from.totals.requests();
  to.failures_total = from.totals.failures();
  to.ejections_total = from.checks.ejections;
  to.ewma_ms = from.ewma_ms;
  return to;
}

}  // namespace

ConsoleSources::ConsoleSources(const Clock& clock, std::string shop, const edge::Edge& edge,
                               const origin::Directory& directory, cache::Cache* cache,
                               const edge::AccessLogMetrics& access_log)
    : clock_(clock),
      shop_(std::move(shop)),
      edge_(edge),
      directory_(directory),
      cache_(cache),
      access_log_(access_log),
      started_at_(clock.wall_now()),
      started_(clock.now()),
      reload_(console::Status::Reload{.last_good = started_at_}) {}

void ConsoleSources::tick() {
  const auto counts = edge_.snapshot().latency;
  past_.with([&](auto& past) {
    past.push_back(counts);
    if (past.size() > window_s) past.pop_front();
  });
}

void ConsoleSources::set_reload(console::Status::Reload reload) {
  const bool refused = reload.result == console::Status::Reload::Result::refused;
  reload_.with([&](console::Status::Reload& last) {
    reload.last_good = refused ? last.last_good : reload.at.value_or(last.last_good);
    last = std::move(reload);
  });
}

console::Status ConsoleSources::status() const {
  const edge::EdgeSnapshot now = edge_.snapshot();
  console::Status status;
  status.shop = shop_.with([](const std::string& name) { return name; });
  status.version = TENFOLD_VERSION;
  status.backend = edge_.backend();
  status.started_at = started_at_;
  status.uptime = clock_.now() - started_;
  status.workers = static_cast<int>(edge_.workers());
  status.draining = draining_.load(std::memory_order_relaxed);
  status.reload = reload_.with([](const console::Status::Reload& last) { return last; });
  status.requests_total = now.requests;
  status.rehearsal_requests_total = now.rehearsals;
  status.client_errors_total = now.client_errors;
  status.server_errors_total = now.server_errors;
  status.guard_answers_total = now.guard_answers;
  status.from_cache_total = now.from_cache;
  status.bytes_sent_total = now.body_bytes;
  status.open_connections = now.open_connections;

  LatencyHistogram::Counts recent = now.latency;
  past_.with([&](const auto& past) {
    if (past.empty()) return;
    for (std::size_t i = 0; i < recent.size(); ++i) recent[i] -= past.front()[i];
  });
  const Duration median = quantile(recent, 0.5);
  if (median > Duration(0)) {
    status.latency = {whole_ms(median), whole_ms(quantile(recent, 0.95)), whole_ms(quantile(recent, 0.99))};
  }
  return status;
}

std::vector<console::OriginPool> ConsoleSources::origins() const {
  std::vector<console::OriginPool> pools;
  for (const origin::PoolSnapshot& from : directory_.snapshot()) {
    console::OriginPool to;
    to.name = from.name;
    to.region = from.region;
    to.standby = from.role == origin::PoolSettings::Role::standby;
    to.serving = from.serving;
    to.panic = from.panic;
    for (const origin::ServerSnapshot& server : from.servers) to.servers.push_back(server_of(server));
    pools.push_back(std::move(to));
  }
  return pools;
}

console::CacheState ConsoleSources::cache() const {
  console::CacheState state;
  state.enabled = cache_ != nullptr;
  if (cache_ == nullptr) return state;
  const cache::CacheSnapshot from = cache_->snapshot();
  state.entries = from.entries;
  state.bytes = from.bytes;
  state.limit_bytes = from.limit_bytes;
  state.hits_total = from.hits;
  state.misses_total = from.misses;
  state.stale_total = from.stale_hits;
  state.revalidated_total = from.validated;
  state.coalesced_total = from.collapsed;
  state.bypassed_total = from.bypasses;
  state.evictions_total = from.evictions;
  state.purged_total = from.purged;
  return state;
}

// On the console's thread: a purge by prefix may take milliseconds, which no worker must wait for.
net::Task<Result<std::uint64_t>> ConsoleSources::purge(console::Purge purge) {
  if (cache_ == nullptr) co_return fail(Errc::unsupported, "there is no cache: cache.memory is 0");
  auto purged = purge.kind == console::Purge::Kind::url ? cache_->purge(purge.what) : cache_->purge_prefix(purge.what);
  if (!purged) co_return std::unexpected(purged.error());
  co_return static_cast<std::uint64_t>(*purged);
}

void ConsoleSources::write_metrics(MetricsText& text) const {
  edge_.describe(text);
  directory_.describe(text);
  if (cache_ != nullptr) cache_->describe(text);
  text.counter("tenfold_access_log_lines_total", "Access log lines written",
               static_cast<double>(access_log_.lines.value()));
  text.counter("tenfold_access_log_lost_total", "Access log lines lost because the file could not be written",
               static_cast<double>(access_log_.lost_lines.value()));
  text.counter("tenfold_access_log_write_errors_total", "Failed writes of the access log",
               static_cast<double>(access_log_.write_errors.value()));
  const auto reload = reload_.with([](const console::Status::Reload& last) { return last; });
  text.gauge("tenfold_reload_successful", "Whether the last SIGHUP's configuration was taken over; 1 before the first",
             reload.result == console::Status::Reload::Result::refused ? 0 : 1);
  text.gauge("tenfold_reload_success_timestamp_seconds",
             "When the configuration in force was taken over, at the start or by SIGHUP",
             std::chrono::duration<double>(reload.last_good.time_since_epoch()).count());
  text.gauge("tenfold_uptime_seconds", "Since the process began to serve",
             std::chrono::duration<double>(clock_.now() - started_).count());
}

}  // namespace tenfold::app
