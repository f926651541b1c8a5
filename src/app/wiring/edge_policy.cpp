#include "app/wiring/edge_policy.hpp"

#include <algorithm>

#include "base/random.hpp"
#include "config/open_files.hpp"

namespace tenfold::app {

namespace {

edge::TrustedNetworks networks(const std::vector<config::Network>& from) {
  std::vector<net::IpNetwork> to;
  for (const config::Network& network : from) {
    const auto parsed = net::IpNetwork::parse(network.text);
    TENFOLD_ASSERT(parsed.has_value());  // config has checked it
    to.push_back(*parsed);
  }
  return edge::TrustedNetworks(to);
}

http::ServerLimits limits(const config::Limits& from) {
  http::ServerLimits to;
  to.request_line_bytes = from.request_line_bytes;
  to.header_bytes = from.header_bytes;
  to.header_count = from.header_count;
  to.body_bytes = from.body_bytes;
  to.head_timeout = from.head_timeout;
  to.body_timeout = from.body_timeout;
  to.idle_timeout = from.idle_timeout;
  to.write_timeout = from.write_timeout;
  to.requests_per_connection = from.requests_per_connection;
  return to;
}

Result<edge::ListenerPolicy> listener(const config::Listener& from, const net::TlsServerContext* previous) {
  edge::ListenerPolicy to;
  to.redirect_status = static_cast<int>(from.redirect_to_https);
  to.redirect_port = from.redirect_port;
  to.proxy_protocol_from = networks(from.proxy_protocol_from);
  if (from.certificates.empty()) return to;
  std::vector<net::CertificateFiles> files;
  for (const config::Certificate& certificate : from.certificates)
    files.push_back({certificate.chain, certificate.key});
  auto tls = net::make_tls_server_context(files, {"http/1.1"}, previous);
  if (!tls) return std::unexpected(tls.error());
  to.tls = std::move(*tls);
  return to;
}

cache::Heuristic heuristic(config::CacheHeuristic from) {
  switch (from) {
    case config::CacheHeuristic::off: return cache::Heuristic::off;
    case config::CacheHeuristic::static_types: return cache::Heuristic::static_types;
    case config::CacheHeuristic::all_types: return cache::Heuristic::all_types;
  }
  return cache::Heuristic::off;
}

}  // namespace

Result<std::shared_ptr<const edge::Policy>> edge_policy(const config::Replaceable& live, const edge::Policy* previous,
                                                        std::uint64_t open_files) {
  auto policy = std::make_shared<edge::Policy>();
  for (std::size_t i = 0; i < live.listen.size(); ++i) {
    const bool has_previous = previous != nullptr && i < previous->listeners.size();
    auto made = listener(live.listen[i], has_previous ? previous->listeners[i].tls.get() : nullptr);
    if (!made) return std::unexpected(made.error());
    policy->listeners.push_back(std::move(*made));
  }
  policy->trusted_proxies = networks(live.trusted_proxies);
  policy->via = live.via ? edge::Via::on : edge::Via::off;
  policy->limits = limits(live.limits);
  policy->connections = static_cast<std::uint32_t>(config::share_out(live, open_files).for_visitors);
  policy->handshake_timeout = live.limits.handshake_timeout;
  policy->answer_deadline = live.limits.answer_timeout;
  policy->between_bytes = live.limits.stream_timeout;
  policy->tunnel_idle = live.limits.tunnel_idle;
  policy->coalesce_wait = live.cache.coalesce_wait;
  policy->rehearsal_secret = live.rehearsal.secret.reveal();
  policy->error_pages = std::make_shared<const edge::ErrorPages>(live.shop);
  return policy;
}

std::shared_ptr<const edge::GuardPolicy> guard_policy(const config::Replaceable& live) {
  auto guard = std::make_shared<edge::GuardPolicy>();
  guard->uploads_per_client = live.limits.uploads_per_client;
  return guard;
}

bool order_listeners(const std::vector<config::Listener>& running, std::vector<config::Listener>& next) {
  if (next.size() != running.size()) return false;
  for (std::size_t i = 0; i < running.size(); ++i) {
    const auto rest = next.begin() + static_cast<std::ptrdiff_t>(i);
    const auto same = std::find_if(rest, next.end(), [&](const config::Listener& each) {
      return each.address.text() == running[i].address.text();
    });
    if (same == next.end()) return false;
    std::rotate(rest, same, same + 1);
  }
  return true;
}

std::vector<net::Endpoint> listen_addresses(const config::Replaceable& live) {
  std::vector<net::Endpoint> addresses;
  for (const config::Listener& listener : live.listen) {
    const auto address = net::IpAddress::parse(listener.address.host);
    TENFOLD_ASSERT(address.has_value());  // config has checked it
    addresses.push_back({*address, listener.address.port});
  }
  return addresses;
}

cache::CacheOptions cache_options(const config::Cache& from) {
  cache::CacheOptions to;
  to.memory_bytes = from.memory_bytes;
  to.max_object_bytes = from.max_object_bytes;
  to.stale_if_error = from.stale_if_error;
  to.stale_while_revalidate = from.stale_while_revalidate;
  // docs/decisions/0006-stale-after-s-maxage.md
  to.stale_after_s_maxage = cache::StaleAfterSMaxage::allowed;
  to.heuristic = heuristic(from.heuristic);
  to.heuristic_limit = from.heuristic_max;
  to.client_directives = from.client_directives == config::CacheClientDirectives::ignore
                             ? cache::ClientDirectives::ignore
                             : cache::ClientDirectives::revalidate;
  to.set_cookie = from.set_cookie == config::CacheSetCookie::never ? cache::StoreSetCookie::never
                                                                   : cache::StoreSetCookie::when_public;
  to.hash_seed = entropy_seed();
  return to;
}

}  // namespace tenfold::app
