#include "origin/snapshot.hpp"

namespace tenfold::origin {

std::string_view name(ServerState state) {
  switch (state) {
    case ServerState::unchecked: return "unchecked";
    case ServerState::healthy: return "healthy";
    case ServerState::slow_start: return "slow_start";
    case ServerState::suspected: return "suspected";
    case ServerState::ejected: return "ejected";
    case ServerState::down: return "down";
    case ServerState::draining: return "draining";
  }
  return "";
}

ServerState state_of(Marks marks, const CheckReport& report) {
  if (marks.has(Mark::removed)) return ServerState::draining;
  if (marks.has(Mark::failing) || marks.has(Mark::silent) || marks.has(Mark::dead) || marks.has(Mark::unresolved)) {
    return ServerState::down;
  }
  if (marks.has(Mark::ejected)) return ServerState::ejected;
  if (marks.has(Mark::suspected)) return ServerState::suspected;
  if (marks.has(Mark::warming)) return ServerState::slow_start;
  return report.checks == 0 ? ServerState::unchecked : ServerState::healthy;
}

namespace {

struct Family {
  std::string_view name;
  std::string_view help;
  double (*value)(const ServerSnapshot& server);
};

template <class Visit>
void for_each_server(const std::vector<PoolSnapshot>& pools, Visit&& visit) {
  for (const PoolSnapshot& pool : pools) {
    for (const ServerSnapshot& server : pool.servers) visit(pool, server);
  }
}

// Names the server in a metric: with its address where a name has several.
std::string label(const ServerSnapshot& server) {
  return server.address.empty() || server.address == server.name ? server.name : server.name + "/" + server.address;
}

double count(std::uint64_t n) { return static_cast<double>(n); }

constexpr Family counters[] = {
    {"tenfold_origin_server_requests_total", "Attempts made at a server, whatever came of them.",
     [](const ServerSnapshot& server) { return count(server.totals.requests()); }},
    {"tenfold_origin_server_server_errors_total", "Answers with 500, 502, 503 or 504.",
     [](const ServerSnapshot& server) { return count(server.totals.server_errors); }},
    {"tenfold_origin_server_connect_failures_total", "Attempts that got no connection: refused, unreachable, too slow.",
     [](const ServerSnapshot& server) { return count(server.totals.no_connection); }},
    {"tenfold_origin_server_timeouts_total", "Attempts that got no answer in time.",
     [](const ServerSnapshot& server) { return count(server.totals.no_answer); }},
    {"tenfold_origin_server_broken_total", "Answers broken off or not HTTP.",
     [](const ServerSnapshot& server) { return count(server.totals.broken); }},
    {"tenfold_origin_server_ejections_total", "Times a server was taken out because real requests failed on it.",
     [](const ServerSnapshot& server) { return count(server.checks.ejections); }},
    {"tenfold_origin_server_suspicions_total", "Times a silent server was checked out of turn.",
     [](const ServerSnapshot& server) { return count(server.checks.suspicions); }},
    {"tenfold_origin_server_checks_total", "Health checks made.",
     [](const ServerSnapshot& server) { return count(server.checks.checks); }},
    {"tenfold_origin_server_failed_checks_total", "Health checks that ended badly.",
     [](const ServerSnapshot& server) { return count(server.checks.failed_checks); }},
};

constexpr Family gauges[] = {
    {"tenfold_origin_server_active", "Requests under way at a server.",
     [](const ServerSnapshot& server) { return count(server.active); }},
    {"tenfold_origin_server_latency_seconds", "Smoothed time from a request sent to the head of its answer.",
     [](const ServerSnapshot& server) { return server.ewma_ms / 1000; }},
};

constexpr ServerState all_states[] = {ServerState::unchecked, ServerState::healthy, ServerState::slow_start,
                                      ServerState::suspected, ServerState::ejected, ServerState::down,
                                      ServerState::draining};

}  // namespace

void describe(const std::vector<PoolSnapshot>& pools, MetricsText& text) {
  for (const Family& family : counters) {
    for_each_server(pools, [&](const PoolSnapshot& pool, const ServerSnapshot& server) {
      text.counter(family.name, family.help, family.value(server), {{"origin", pool.name}, {"server", label(server)}});
    });
  }
  for (const Family& family : gauges) {
    for_each_server(pools, [&](const PoolSnapshot& pool, const ServerSnapshot& server) {
      text.gauge(family.name, family.help, family.value(server), {{"origin", pool.name}, {"server", label(server)}});
    });
  }
  for_each_server(pools, [&](const PoolSnapshot& pool, const ServerSnapshot& server) {
    for (const ServerState state : all_states) {
      text.gauge("tenfold_origin_server_state", "1 for the state that a server is in.", server.state == state ? 1 : 0,
                 {{"origin", pool.name}, {"server", label(server)}, {"state", name(state)}});
    }
  });
  for (const PoolSnapshot& pool : pools) {
    text.gauge("tenfold_origin_waiting", "Requests in the queue for a connection.", pool.waiting,
               {{"origin", pool.name}});
  }
}

}  // namespace tenfold::origin
