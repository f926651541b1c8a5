#include "app/wiring/edge_policy.hpp"

#include <algorithm>

#include "app/wiring/networks.hpp"
#include "app/wiring/page_accent.hpp"
#include "base/random.hpp"
#include "config/open_files.hpp"

namespace tenfold::app {

namespace {

Result<edge::ListenerPolicy> listener(const config::Listener& from, const net::TlsServerContext* previous) {
  edge::ListenerPolicy to;
  to.redirect_status = static_cast<int>(from.redirect_to_https);
  to.redirect_port = from.redirect_port;
  to.proxy_protocol_from = edge::TrustedNetworks(networks_of(from.proxy_protocol_from));
  if (from.certificates.empty()) return to;
  std::vector<net::CertificateFiles> files;
  for (const config::Certificate& certificate : from.certificates)
    files.push_back({certificate.chain, certificate.key});
  auto tls = net::make_tls_server_context(files, {"http/1.1"}, previous);
  if (!tls) return std::unexpected(tls.error());
  to.tls = std::move(*tls);
  return to;
}

}  // namespace

Result<std::shared_ptr<const edge::Policy>> edge_policy(const config::Replaceable& live, const edge::Policy* previous,
                                                        std::uint64_t open_files,
                                                        const std::vector<std::size_t>& unnamed) {
  auto policy = std::make_shared<edge::Policy>();
  for (std::size_t i = 0; i < live.listen.size(); ++i) {
    if (std::ranges::find(unnamed, i) != unnamed.end()) {
      policy->listeners.push_back(previous->listeners[i]);
      continue;
    }
    const bool has_previous = previous != nullptr && i < previous->listeners.size();
    auto made = listener(live.listen[i], has_previous ? previous->listeners[i].tls.get() : nullptr);
    if (!made) return std::unexpected(made.error());
    policy->listeners.push_back(std::move(*made));
  }
  policy->trusted_proxies = edge::TrustedNetworks(networks_of(live.trusted_proxies));
  policy->via = live.via ? edge::Via::on : edge::Via::off;
  policy->limits = live.limits;
  policy->limits.connections = static_cast<std::uint32_t>(config::share_out(live, open_files).for_visitors);
  policy->coalesce_wait = live.cache.coalesce_wait;
  policy->rehearsal_secret = live.rehearsal.secret.reveal();
  policy->error_pages = std::make_shared<const edge::ErrorPages>(live.shop, page_accent(live));
  return policy;
}

std::shared_ptr<const edge::GuardPolicy> guard_policy(const config::Replaceable& live) {
  auto guard = std::make_shared<edge::GuardPolicy>();
  guard->uploads_per_client = live.limits.uploads_per_client;
  return guard;
}

std::vector<std::size_t> keep_listeners(const std::vector<config::Listener>& running,
                                        std::vector<config::Listener>& next) {
  std::vector<config::Listener> kept;
  std::vector<std::size_t> unnamed;
  for (const config::Listener& each : running) {
    const auto same = std::ranges::find_if(
        next, [&](const config::Listener& one) { return one.address.text() == each.address.text(); });
    if (same == next.end()) unnamed.push_back(kept.size());
    kept.push_back(same == next.end() ? each : std::move(*same));
    if (same != next.end()) next.erase(same);  // port 0 may be there twice
  }
  next = std::move(kept);
  return unnamed;
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
  cache::CacheOptions to = from;
  // docs/decisions/0006-stale-after-s-maxage.md
  to.stale_after_s_maxage = cache::StaleAfterSMaxage::allowed;
  to.hash_seed = entropy_seed();
  return to;
}

}  // namespace tenfold::app
