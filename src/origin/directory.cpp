#include "origin/directory.hpp"

#include <algorithm>
#include <map>

#include "base/random.hpp"
#include "origin/choice.hpp"

namespace tenfold::origin {

// One observer. `observer` is only touched on its loop's thread; null once the subscription ended.
struct Directory::Link {
  net::Loop* loop;
  DirectoryObserver* observer;
  Kind kind;
};

struct Directory::Shared {
  std::shared_ptr<const Topology> topology;
  ServerBook book;
  std::vector<std::shared_ptr<Server>> leaving;  // no longer configured, with requests under way
  std::map<std::uint32_t, CheckReport> reports;  // by Server::id()
  std::vector<std::shared_ptr<Link>> links;
  std::string own_sticky_secret;  // for settings that have none; the same for the life of the process
};

namespace {

std::string random_secret() {
  std::string secret;
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t part = entropy_seed();
    secret.append(reinterpret_cast<const char*>(&part), sizeof part);
  }
  return secret;
}

}  // namespace

Directory::Directory(const Clock& clock) : clock_(clock), shared_(std::make_unique<Guarded<Shared>>()) {
  shared_->with([](Shared& shared) { shared.own_sticky_secret = random_secret(); });
}

Directory::~Directory() {
  shared_->with([](const Shared& shared) { TENFOLD_ASSERT(shared.links.empty()); });
}

Result<std::unique_ptr<Directory>> Directory::make(Settings settings, const Clock& clock) {
  std::unique_ptr<Directory> directory(new Directory(clock));
  if (auto taken = directory->replace(std::move(settings)); !taken) return std::unexpected(taken.error());
  return directory;
}

Result<void> Directory::replace(Settings settings) {
  auto replaced = shared_->with([&](Shared& shared) { return install(shared, std::move(settings), Change::settings); });
  if (replaced) tell_topology();
  return replaced;
}

// With the lock held. Servers that are no longer configured are kept for as long as requests are under way there.
void Directory::forget_idle(Shared& shared) {
  std::erase_if(shared.leaving,
                [](const auto& server) { return !server->marks().has(Mark::removed) || server->active() == 0; });
  std::erase_if(shared.reports, [&](const auto& report) {
    const auto is_its = [&](const auto& server) { return server->id() == report.first; };
    return std::ranges::none_of(shared.topology->servers, is_its) && std::ranges::none_of(shared.leaving, is_its);
  });
}

// With the lock held.
Result<void> Directory::install(Shared& shared, Settings settings, Change change) {
  if (settings.sticky_secret.empty()) settings.sticky_secret = shared.own_sticky_secret;
  auto built = build_topology(std::move(settings), shared.book);
  if (!built) return std::unexpected(built.error());
  (*built)->version = version_.load(std::memory_order_relaxed) + 1;
  const bool same_settings = change == Change::addresses;
  (*built)->settings_version = same_settings ? shared.topology->settings_version : (*built)->version;
  const auto previous = std::exchange(shared.topology, *built);
  const auto& now = shared.topology->servers;
  for (const auto& server : now) {
    if (!server->marks().has(Mark::removed)) continue;
    server->forget_marks();
    server->forget_rows();
  }
  if (previous) {
    for (const auto& server : previous->servers) {
      if (std::find(now.begin(), now.end(), server) != now.end()) continue;
      server->set(Mark::removed);
      shared.leaving.push_back(server);
    }
  }
  forget_idle(shared);
  version_.store(shared.topology->version, std::memory_order_release);
  return {};
}

void Directory::tell_topology() {
  for (const Kind kind : {Kind::worker, Kind::other}) {
    tell(kind, [](DirectoryObserver& observer) { observer.on_topology(); });
  }
}

namespace {

// At most most_addresses, those that are in use already first, so that a name with more of them in changing order
// changes nothing.
std::vector<net::IpAddress> chosen(std::vector<net::IpAddress> addresses, const std::vector<net::IpAddress>& in_use) {
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  if (addresses.size() <= most_addresses) return addresses;
  std::stable_partition(addresses.begin(), addresses.end(), [&](const net::IpAddress& address) {
    return std::binary_search(in_use.begin(), in_use.end(), address);
  });
  addresses.resize(most_addresses);
  std::sort(addresses.begin(), addresses.end());
  return addresses;
}

}  // namespace

void Directory::set_addresses(const std::string& host, std::vector<net::IpAddress> addresses) {
  if (addresses.empty()) return;
  const bool changed = shared_->with([&](Shared& shared) {
    std::vector<net::IpAddress>& known = shared.book.addresses[host];
    const bool beside_others = !known.empty();
    addresses = chosen(std::move(addresses), known);
    if (addresses == known) return false;
    known = std::move(addresses);
    const auto previous = shared.topology;
    auto installed = install(shared, previous->settings, Change::addresses);
    TENFOLD_ASSERT(installed.has_value());  // only addresses differ
    if (!beside_others) return true;
    for (const auto& server : shared.topology->servers) {
      const auto& before = previous->servers;
      if (server->host() != host || std::find(before.begin(), before.end(), server) != before.end()) continue;
      server->start_warming(clock_.now());
    }
    return true;
  });
  if (changed) tell_topology();
}

std::shared_ptr<const Topology> Directory::topology() const {
  return shared_->with([](const Shared& shared) { return shared.topology; });
}

// ---- observers ----

Directory::Subscription Directory::subscribe(net::Loop& loop, DirectoryObserver& observer, Kind kind) {
  Subscription subscription;
  subscription.directory_ = this;
  subscription.link_ = std::make_shared<Link>(Link{&loop, &observer, kind});
  shared_->with([&](Shared& shared) { shared.links.push_back(subscription.link_); });
  count_workers();
  return subscription;
}

Directory::Subscription& Directory::Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    end();
    directory_ = std::exchange(other.directory_, nullptr);
    link_ = std::move(other.link_);
  }
  return *this;
}

void Directory::Subscription::end() {
  if (!link_) return;
  link_->observer = nullptr;
  directory_->shared_->with([&](Shared& shared) { std::erase(shared.links, link_); });
  directory_->count_workers();
  link_.reset();
}

void Directory::count_workers() {
  const auto workers = shared_->with([](const Shared& shared) {
    return std::count_if(shared.links.begin(), shared.links.end(),
                         [](const auto& link) { return link->kind == Kind::worker; });
  });
  workers_.store(static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(workers, 1)), std::memory_order_relaxed);
}

void Directory::Subscription::post(std::function<void()> call) {
  link_->loop->post([link = link_, call = std::move(call)] {
    if (link->observer != nullptr) call();
  });
}

void Directory::tell(Kind kind, const std::function<void(DirectoryObserver&)>& call) {
  // Under the lock, so that no loop is posted to after its subscription ended.
  shared_->with([&](Shared& shared) {
    for (const auto& link : shared.links) {
      if (link->kind != kind) continue;
      link->loop->post([link, call] {
        if (link->observer != nullptr) call(*link->observer);
      });
    }
  });
}

void Directory::suspect(Server& server) {
  if (!server.set(Mark::suspected)) return;
  tell(Kind::other, [kept = server.shared_from_this()](DirectoryObserver& observer) { observer.on_suspect(*kept); });
}

void Directory::announce_down(Server& server) {
  tell(Kind::worker, [kept = server.shared_from_this()](DirectoryObserver& observer) { observer.on_down(*kept); });
}

void Directory::announce_room(Server& server) {
  tell(Kind::worker, [kept = server.shared_from_this()](DirectoryObserver& observer) { observer.on_room(*kept); });
}

void Directory::ask_review() {
  tell(Kind::other, [](DirectoryObserver& observer) { observer.on_review(); });
}

// ---- what is shown ----

void Directory::report(const Server& server, CheckReport report) {
  shared_->with([&](Shared& shared) { shared.reports[server.id()] = std::move(report); });
}

namespace {

ServerSnapshot picture(const Server& server, const CheckReport& report) {
  return {.name = server.name(),
          .address = server.address(),
          .state = state_of(server.marks(), report),
          .active = server.active(),
          .totals = server.totals(),
          .ewma_ms = static_cast<double>(server.usual_latency().count()) / 1e6,
          .checks = report};
}

// Which pools the default route's next request could go to.
struct Serving {
  std::vector<const Pool*> pools;
  bool panic = false;
};

Serving serving_pools(const Route& route, double panic_threshold) {
  Serving serving;
  const auto add = [&](const Tier& tier, auto&& takes) {
    for (const Member* member : tier.members) {
      if (takes(member->server->marks())) serving.pools.push_back(member->pool);
    }
  };
  for (const Tier& tier : route.tiers) {
    add(tier, [](Marks marks) { return marks.good(); });
    if (serving.pools.empty()) continue;
    serving.panic = in_panic(route, tier, panic_threshold);
    return serving;
  }
  serving.panic = true;
  for (const Tier& tier : route.tiers) {
    if (serving.pools.empty()) add(tier, [](Marks marks) { return marks.last_resort(); });
  }
  return serving;
}

}  // namespace

std::vector<PoolSnapshot> Directory::snapshot() const {
  return shared_->with([](Shared& shared) {
    forget_idle(shared);
    const Topology& topology = *shared.topology;
    const Serving serving = serving_pools(topology.routes.back(), topology.settings.ejection.panic_threshold);
    std::vector<PoolSnapshot> pools;
    for (const auto& pool : topology.pools) {
      PoolSnapshot& shown = pools.emplace_back();
      shown.name = pool->settings.name;
      shown.region = pool->settings.region;
      shown.role = pool->settings.role;
      shown.serving = std::find(serving.pools.begin(), serving.pools.end(), pool.get()) != serving.pools.end();
      shown.panic = shown.serving && serving.panic;
      shown.waiting = pool->load->waiting.load(std::memory_order_relaxed);
      for (const Member& member : pool->members) {
        shown.servers.push_back(picture(*member.server, shared.reports[member.server->id()]));
      }
    }
    // Those that leave belong to no pool any more; they are shown where the eye looks last.
    for (const auto& server : shared.leaving) {
      pools.back().servers.push_back(picture(*server, shared.reports[server->id()]));
    }
    return pools;
  });
}

void Directory::describe(MetricsText& text) const { origin::describe(snapshot(), text); }

}  // namespace tenfold::origin
