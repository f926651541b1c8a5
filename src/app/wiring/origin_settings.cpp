#include "app/wiring/origin_settings.hpp"

#include "edge/policy.hpp"

namespace tenfold::app {

namespace {

origin::PoolSettings pool(const config::Origin& from) {
  origin::PoolSettings to;
  to.name = from.name;
  to.region = from.region;
  to.role = from.standby ? origin::PoolSettings::Role::standby : origin::PoolSettings::Role::active;
  for (const config::Server& server : from.servers) {
    to.servers.push_back({.host = server.address.host,
                          .port = server.address.port,
                          .unix_path = server.address.unix_path,
                          .weight = server.weight,
                          .max_connections = server.max_connections});
  }
  if (from.tls) {
    using Verify = origin::TlsSettings::Verify;
    to.tls = origin::TlsSettings{.verify = from.tls->verify ? Verify::certificate : Verify::nothing,
                                 .server_name = from.tls->server_name,
                                 .authorities_file = from.tls->authorities};
  }
  if (from.stickiness) to.sticky = origin::StickySettings{from.stickiness->cookie, from.stickiness->ttl};
  to.timeouts.connect = from.timeouts.connect;
  to.timeouts.first_byte = from.timeouts.first_byte;
  to.timeouts.idle = from.timeouts.idle;
  to.timeouts.queue = from.timeouts.queue;
  to.max_total_connections = from.max_total_connections;
  to.max_connections = from.max_connections;
  to.slow_start = from.slow_start;
  to.host = from.host;
  to.health_path = from.health_path;
  return to;
}

origin::RouteSettings route(const config::Route& from) {
  origin::RouteSettings to;
  to.hosts = from.hosts;
  for (const config::RequestPattern& pattern : from.paths) to.paths.push_back({pattern.method, pattern.path});
  to.pools = from.origins;
  const auto caching =
      from.cache == config::RouteCache::bypass ? edge::RouteCaching::bypass : edge::RouteCaching::follow;
  to.label = static_cast<std::uint32_t>(caching);
  return to;
}

origin::HealthPolicy health(const config::Health& from) {
  origin::HealthPolicy to;
  to.path = from.path;
  to.host = from.host;
  to.every = from.every;
  to.timeout = from.timeout;
  to.unhealthy_after = from.unhealthy_after;
  to.healthy_after = from.healthy_after;
  to.status_from = from.status.from;
  to.status_to = from.status.to;
  return to;
}

origin::EjectionPolicy ejection(const config::Ejection& from) {
  origin::EjectionPolicy to;
  to.consecutive_failures = from.consecutive_failures;
  to.consecutive_5xx = from.consecutive_5xx;
  to.error_share = from.error_share;
  to.error_volume = from.error_volume;
  to.window = from.window;
  to.base_ejection = from.base_ejection;
  to.max_ejection = from.max_ejection;
  to.max_ejected_share = from.max_ejected_share;
  to.panic_threshold = from.panic_threshold;
  return to;
}

}  // namespace

origin::Settings origin_settings(const config::Replaceable& live) {
  origin::Settings settings;
  for (const config::Origin& from : live.origins) settings.pools.push_back(pool(from));
  for (const config::Route& from : live.routes) settings.routes.push_back(route(from));
  settings.health = health(live.health);
  settings.ejection = ejection(live.ejection);
  settings.retry.budget_share = live.retries.budget_share;
  settings.retry.min_per_s = static_cast<std::uint32_t>(live.retries.min_per_s);
  settings.retry.attempts = live.retries.attempts;
  settings.hang = {live.hang.latency_factor, live.hang.at_least, live.hang.at_most};
  settings.sticky_secret = live.guard.secret.reveal();
  return settings;
}

}  // namespace tenfold::app
