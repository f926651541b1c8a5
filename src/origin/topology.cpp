#include "origin/topology.hpp"

#include <algorithm>
#include <set>

#include "origin/sticky.hpp"

namespace tenfold::origin {

bool PoolLoad::begin_work() {
  const std::uint32_t before = working.fetch_add(1, std::memory_order_relaxed);
  const std::uint32_t most = limit.load(std::memory_order_relaxed);
  if (most != 0 && before >= most) {
    working.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  if (before >= peak.load(std::memory_order_relaxed)) peak.store(before + 1, std::memory_order_relaxed);
  return true;
}

namespace {

constexpr std::size_t most_servers = 1024;
constexpr std::uint32_t most_weight = 1000;
constexpr std::size_t most_gone = 64;

// Servers of one address are one only if they are spoken to in the same way.
std::string key_of(const ServerSettings& server, const std::optional<TlsSettings>& tls,
                   const std::optional<net::IpAddress>& resolved) {
  std::string key = server.unix_path + " " + server.host + " " + std::to_string(server.port);
  if (resolved) key += " at " + resolved->text();
  if (tls) {
    key += tls->verify == TlsSettings::Verify::certificate ? " tls " : " unverified-tls ";
    key += tls->server_name + " " + tls->authorities_file;
  }
  return key;
}

Result<void> check_pool(const PoolSettings& pool) {
  if (pool.servers.empty()) return fail(Errc::invalid, "origin " + pool.name + " has no servers");
  if (pool.servers.size() > most_servers) return fail(Errc::invalid, "origin " + pool.name + " has over 1024 servers");
  for (const ServerSettings& server : pool.servers) {
    if (server.unix_path.empty() ? server.host.empty() || server.port == 0
                                 : server.unix_path.size() > net::longest_unix_path) {
      return fail(Errc::invalid, "origin " + pool.name + " has a server without host, port or a usable path");
    }
    if (server.weight < 1 || server.weight > most_weight) {
      return fail(Errc::invalid, "origin " + pool.name + ": the weight of " + server.host + " is not in 1..1000");
    }
  }
  return {};
}

Result<void> check(const Settings& settings) {
  std::set<std::string_view> names;
  bool any_active = false;
  for (const PoolSettings& pool : settings.pools) {
    if (auto checked = check_pool(pool); !checked) return checked;
    if (!names.insert(pool.name).second) return fail(Errc::invalid, "two origins are named " + pool.name);
    any_active = any_active || pool.role == PoolSettings::Role::active;
  }
  if (!any_active) return fail(Errc::invalid, "there is no origin that is not a standby");
  for (const RouteSettings& route : settings.routes) {
    for (const std::string& pool : route.pools) {
      if (!names.contains(pool))
        return fail(Errc::invalid, "a route leads to the origin " + pool + ", which is not there");
    }
  }
  return {};
}

class Builder {
 public:
  Builder(Settings settings, ServerBook& book) : book_(book) { topology_->settings = std::move(settings); }

  std::shared_ptr<Topology> build() {
    const Settings& settings = topology_->settings;
    for (const PoolSettings& pool : settings.pools) add_pool(pool);
    topology_->router = Router(settings.routes);
    for (const RouteSettings& route : settings.routes) add_route(route);
    add_route({});
    remember_gone();
    book_.servers = std::move(kept_);
    book_.loads = std::move(kept_loads_);
    return topology_;
  }

 private:
  // One for each address; a name that has none yet is one that cannot be used.
  std::vector<std::shared_ptr<Server>> servers_for(const ServerSettings& settings,
                                                   const std::optional<TlsSettings>& tls) {
    const auto resolved = book_.addresses.find(settings.host);
    if (resolved == book_.addresses.end()) return {server_for(settings, tls, {})};
    std::vector<std::shared_ptr<Server>> servers;
    for (const net::IpAddress& address : resolved->second) servers.push_back(server_for(settings, tls, address));
    return servers;
  }

  std::shared_ptr<Server> server_for(const ServerSettings& settings, const std::optional<TlsSettings>& tls,
                                     std::optional<net::IpAddress> address) {
    const std::string key = key_of(settings, tls, address);
    if (const auto here = kept_.find(key); here != kept_.end()) return here->second;
    auto server = known(key);
    if (!server) server = std::make_shared<Server>(book_.next_id++, settings, tls, address);
    kept_.emplace(key, server);
    topology_->servers.push_back(server);
    return server;
  }

  std::shared_ptr<Server> known(const std::string& key) {
    if (const auto in_use = book_.servers.find(key); in_use != book_.servers.end()) return in_use->second;
    const auto gone =
        std::find_if(book_.gone.begin(), book_.gone.end(), [&](const auto& each) { return each.first == key; });
    if (gone == book_.gone.end()) return nullptr;
    auto server = std::move(gone->second);
    book_.gone.erase(gone);
    return server;
  }

  void remember_gone() {
    for (auto& [key, server] : book_.servers) {
      if (!kept_.contains(key)) book_.gone.emplace_back(key, std::move(server));
    }
    while (book_.gone.size() > most_gone) book_.gone.pop_front();
  }

  std::shared_ptr<PoolLoad> load_for(const std::string& pool) {
    const auto known = book_.loads.find(pool);
    auto load = known != book_.loads.end() ? known->second : std::make_shared<PoolLoad>();
    kept_loads_.emplace(pool, load);
    return load;
  }

  void add_pool(const PoolSettings& settings) {
    auto pool = std::make_unique<Pool>();
    pool->settings = settings;
    pool->index = static_cast<std::uint32_t>(topology_->pools.size());
    pool->load = load_for(settings.name);
    for (const ServerSettings& each : settings.servers) {
      for (const auto& server : servers_for(each, settings.tls)) add_member(*pool, each, *server);
    }
    topology_->pools.push_back(std::move(pool));
  }

  void add_member(Pool& pool, const ServerSettings& each, Server& server) {
    const PoolSettings& settings = pool.settings;
    const bool listed_before = std::any_of(pool.members.begin(), pool.members.end(),
                                           [&](const Member& member) { return member.server == &server; });
    if (listed_before) return;
    Member& member = pool.members.emplace_back();
    member.server = &server;
    member.pool = &pool;
    member.weight = each.weight;
    member.max_connections = each.max_connections != 0 ? each.max_connections : settings.max_connections;
    if (settings.sticky) member.sticky = sticky_value(topology_->settings.sticky_secret, server.full_name());
  }

  void add_route(const RouteSettings& from) {
    Route& route = topology_->routes.emplace_back();
    route.label = from.label;
    if (from.pools.empty()) {
      for (const auto& pool : topology_->pools) route.pools.push_back(pool.get());
    }
    for (const std::string& name : from.pools) {
      const auto found = std::find_if(topology_->pools.begin(), topology_->pools.end(),
                                      [&](const auto& pool) { return pool->settings.name == name; });
      route.pools.push_back(found->get());
    }
    for (const Pool* pool : route.pools) {
      if (pool->settings.sticky && route.sticky_cookie.empty()) route.sticky_cookie = pool->settings.sticky->cookie;
    }
    route.name = route.pools.front()->settings.name;
    route.places = places_of(route);
    add_tiers(route, PoolSettings::Role::active);
    add_tiers(route, PoolSettings::Role::standby);
  }

  // A server that is in two pools is counted in both: this is a measure and not a limit.
  static std::uint32_t places_of(const Route& route) {
    std::uint64_t places = 0;
    for (const Pool* pool : route.pools) {
      std::uint64_t here = 0;
      for (const Member& member : pool->members) here += member.max_connections;
      const std::uint64_t total = pool->settings.max_total_connections;
      places += total != 0 ? std::min(total, here) : here;
    }
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(places, UINT32_MAX));
  }

  static void add_tiers(Route& route, PoolSettings::Role role) {
    const PoolSettings* previous = nullptr;
    for (const Pool* pool : route.pools) {
      if (pool->settings.role != role) continue;
      if (previous == nullptr || previous->region != pool->settings.region) route.tiers.emplace_back().role = role;
      previous = &pool->settings;
      Tier& tier = route.tiers.back();
      for (const Member& member : pool->members) {
        if (!tier.members.empty() && tier.members.front()->weight != member.weight) {
          tier.weights = Tier::Weights::different;
        }
        tier.members.push_back(&member);
      }
    }
  }

  ServerBook& book_;
  std::shared_ptr<Topology> topology_ = std::make_shared<Topology>();
  std::map<std::string, std::shared_ptr<Server>> kept_;
  std::map<std::string, std::shared_ptr<PoolLoad>> kept_loads_;
};

}  // namespace

Result<std::shared_ptr<Topology>> build_topology(Settings settings, ServerBook& book) {
  if (auto checked = check(settings); !checked) return std::unexpected(checked.error());
  return Builder(std::move(settings), book).build();
}

}  // namespace tenfold::origin
