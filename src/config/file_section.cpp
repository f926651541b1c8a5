#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "config/listening.hpp"
#include "config/open_files.hpp"
#include "config/schema/compound.hpp"
#include "config/schema/scalars.hpp"
#include "config/sections.hpp"
#include "config/units.hpp"

// The file as a whole: its sections, and what must hold between them.
namespace tenfold::config {
namespace {

// What a key of a list's item stands at, and the way there for the message.
struct Place {
  std::string way;
  const Node* node;
};

std::string line_of(const Node& node) { return fmt::format("line {}", node.mark.line); }

// What listens in this process: the key that says where, and the address.
struct Listening {
  HostPort address;
  std::string way;
  const Node* node;
};

// What an origin must not be. Providers' callbacks may be one: they ask no origin, and a route may lead to them.
std::vector<Listening> edge_and_console(const Config& config, const Node& file) {
  std::vector<Listening> all;
  for (std::size_t i = 0; i < config.live.listen.size(); ++i) {
    all.push_back(
        {config.live.listen[i].address, fmt::format("listen[{}].address", i), &file.item("listen", i).at("address")});
  }
  if (config.live.console) {
    all.push_back({config.live.console->address, "console.address", &file.at("console").at("address")});
  }
  return all;
}

std::vector<Listening> listeners(const Config& config, const Node& file) {
  std::vector<Listening> all = edge_and_console(config, file);
  if (config.live.oncall && config.live.oncall->channels.twilio && config.live.oncall->channels.twilio->callbacks) {
    all.push_back({*config.live.oncall->channels.twilio->callbacks, "oncall.channels.twilio.callbacks",
                   &file.at("oncall").at("channels").at("twilio").at("callbacks")});
  }
  return all;
}

void check_addresses(const Config& config, const Node& file, Reader& reader) {
  const std::vector<Listening> taken = listeners(config, file);
  for (std::size_t i = 0; i < taken.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!overlap(taken[i].address, taken[j].address)) continue;
      reader.error(*taken[i].node, fmt::format("{}: {} overlaps {} of {} ({}); two listeners cannot share a port",
                                               taken[i].way, taken[i].address.text(), taken[j].address.text(),
                                               taken[j].way, line_of(*taken[j].node)));
      break;
    }
  }
}

// Two items of a list with one name.
template <class T>
void check_names(const std::vector<T>& items, std::string T::*name, std::string_view key, const Node& file,
                 Reader& reader) {
  std::map<std::string_view, std::size_t> first;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string& its = items[i].*name;
    if (its.empty()) continue;
    const auto [at, added] = first.emplace(its, i);
    if (added) continue;
    reader.error(file.item(key, i).at("name"), fmt::format("{}[{}].name: \"{}\" is the name of {}[{}] too ({})", key, i,
                                                           its, key, at->second, line_of(file.item(key, at->second))));
  }
}

// Why the edge would ask itself there, with what was expected; empty: it would not.
std::string why_ours(const ServerAddress& server, const std::vector<Listening>& ours, const Surroundings& machine) {
  const auto arrives = [&](const HostPort& listener) { return leads_to(server, listener, machine.own_addresses); };
  const auto named = std::ranges::find_if(ours, arrives, &Listening::address);
  if (named != ours.end()) {
    return fmt::format(
        "{} leads to {} ({}, {}), so that it would ask itself without end; expected the address of one "
        "of the shop's own servers",
        server.text(), named->way, named->address.text(), line_of(*named->node));
  }
  const auto still = std::ranges::find_if(machine.still_served, arrives);
  if (still == machine.still_served.end()) return {};
  return fmt::format(
      "{} leads to {}, which is still served by this process until a restart, so that it would ask "
      "itself without end; expected the address of one of the shop's own servers, or a restart first",
      server.text(), still->text());
}

void check_origins(Config& config, const Node& file, Reader& reader) {
  const auto& origins = config.live.origins;
  const std::vector<Listening> ours = edge_and_console(config, file);
  check_names(origins, &origin::PoolSettings::name, "origins", file, reader);
  bool only_standby = !origins.empty();
  std::map<std::pair<std::string, bool>, std::pair<std::size_t, const Node*>> seen;
  for (std::size_t i = 0; i < origins.size(); ++i) {
    only_standby = only_standby && origins[i].role == origin::PoolSettings::Role::standby;
    const Node& node = file.item("origins", i);
    const Node* servers = node.find("servers");
    for (std::size_t j = 0; servers != nullptr && j < origins[i].servers.size(); ++j) {
      const ServerAddress address = address_of(origins[i].servers[j]);
      if (address.empty()) continue;
      const Node& at = servers->items[j]->at("address");
      const std::string own = why_ours(address, ours, reader.surroundings());
      if (!own.empty()) reader.error(at, fmt::format("origins[{}].servers[{}]: {}", i, j, own));
      const auto [first, added] =
          seen.emplace(std::pair(address.text(), origins[i].tls.has_value()), std::pair(i, &at));
      if (added) continue;
      const auto message = fmt::format(
          "origins[{}].servers[{}]: {} is listed in {} too; {}", i, j, address.text(), line_of(*first->second.second),
          first->second.first == i ? "give it a weight instead" : "a server that stands in for itself helps nobody");
      if (first->second.first == i) {
        reader.error(at, message);
      } else {
        reader.warning(at, message);
      }
    }
  }
  if (only_standby) {
    reader.error(file.at("origins"), "origins: all are standby, expected at least one that serves every day");
  }
}

void check_routes(Config& config, const Node& file, Reader& reader) {
  std::vector<std::string_view> names;
  for (const origin::PoolSettings& origin : config.live.origins) names.push_back(origin.name);
  for (std::size_t i = 0; i < config.live.routes.size(); ++i) {
    const origin::RouteSettings& route = config.live.routes[i];
    const Node* origins = file.item("routes", i).find("origins");
    for (std::size_t j = 0; origins != nullptr && j < route.pools.size(); ++j) {
      const std::string& name = route.pools[j];
      if (name.empty() || std::ranges::find(names, name) != names.end()) continue;
      const auto meant = nearest(name, names);
      reader.error(*origins->items[j], fmt::format("routes[{}].origins[{}]: there is no origin \"{}\"; {}", i, j, name,
                                                   meant.empty() ? fmt::format("origins are {}", joined(names, "and"))
                                                                 : fmt::format("did you mean \"{}\"?", meant)));
    }
    const bool catches_all = route.hosts.empty() && route.paths.empty();
    if (catches_all && i + 1 < config.live.routes.size()) {
      reader.warning(file.item("routes", i),
                     fmt::format("routes[{}]: takes every request, so the routes after it take none", i));
    }
  }
}

void check_redirects(Config& config, const Node& file, Reader& reader) {
  const auto& listen = config.live.listen;
  const bool https = std::ranges::any_of(listen, [](const Listener& l) { return !l.certificates.empty(); });
  for (std::size_t i = 0; i < listen.size(); ++i) {
    if (listen[i].redirect_to_https == Redirect::off || https) continue;
    reader.warning(
        file.item("listen", i).at("redirect_to_https"),
        fmt::format("listen[{}].redirect_to_https: no listener here has certificates; right only if something "
                    "else serves port {}",
                    i, listen[i].redirect_port));
  }
}

void check_trusted_proxies(const Config& config, const Node& file, Reader& reader) {
  const auto& networks = config.live.trusted_proxies;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    if (!holds_anyone(networks[i])) continue;
    reader.warning(file.item("trusted_proxies", i),
                   fmt::format("trusted_proxies[{}]: {} holds more than anybody's own machines, so that a visitor can "
                               "claim any address in X-Forwarded-For; expected the networks of your own balancers or "
                               "CDN, such as 10.0.0.0/8",
                               i, networks[i].text));
  }
}

void ask_the_machine(const MachineCheck& check, const std::string& value, std::string_view key, const Node& file,
                     Reader& reader) {
  if (!check || value.empty()) return;
  const std::string wrong = check(value);
  if (!wrong.empty()) reader.error(file.at(key), fmt::format("{}: {}", key, wrong));
}

void check_machine(const Fixed& fixed, const Node& file, Reader& reader) {
  const Surroundings& machine = reader.surroundings();
  ask_the_machine(machine.user_check, fixed.user, "user", file, reader);
  ask_the_machine(machine.group_check, fixed.group, "group", file, reader);
  // Empty: the reader has said already what is wrong with it.
  const std::string store = fixed.store.empty() ? std::string() : reader.absolute(fixed.store);
  ask_the_machine(machine.store_check, store, "store", file, reader);
}

void check_access_log(const Config& config, const Node& file, Reader& reader) {
  const AccessLogCheck& check = reader.surroundings().access_log_check;
  if (!check || !config.live.access_log) return;
  const std::string& path = config.live.access_log->path;
  if (path.empty() || path == "-") return;
  const auto finding = check(path, config.fixed.user, config.fixed.group);
  if (!finding) return;
  const Node& at = file.at("access_log").at("path");
  const auto message = "access_log.path: " + finding->message;
  if (finding->weight == AccessLogFinding::Weight::error) {
    reader.error(at, message);
  } else {
    reader.warning(at, message);
  }
}

// All of it fills sooner or later, and what does not fit ends the process.
void check_cache(const Config& config, const Node& file, Reader& reader) {
  const std::uint64_t has = reader.surroundings().memory_bytes;
  const std::uint64_t wanted = config.live.cache.memory_bytes;
  if (has == 0 || wanted <= has - has / 10) return;
  reader.warning(file.at("cache").at("memory"),
                 fmt::format("cache.memory: {} leave nothing of this machine's memory ({}) for anything else, so that "
                             "the system would end Tenfold once they are full; expected at most half of it",
                             size_text(wanted), size_text(has >> 20 << 20)));
}

void check_open_files(Config& config, const Node& file, Reader& reader) {
  const std::uint64_t allowed = reader.surroundings().most_open_files;
  const std::string shortage = shortage_of_files(config.live, allowed);
  if (shortage.empty()) return;
  const Node* const limits = file.find("limits");
  const Node& at = limits != nullptr ? limits->at("connections") : file;
  reader.warning(at, "limits.connections: " + shortage);
}

void check_file(Config& config, const Node& file, Reader& reader) {
  check_addresses(config, file, reader);
  check_origins(config, file, reader);
  check_routes(config, file, reader);
  check_redirects(config, file, reader);
  check_trusted_proxies(config, file, reader);
  check_machine(config.fixed, file, reader);
  check_access_log(config, file, reader);
  check_cache(config, file, reader);
  check_open_files(config, file, reader);
  if (config.live.oncall) check_oncall(*config.live.oncall, file.at("oncall"), reader);
  check_watch(config.live, file, reader);
  check_names(config.live.worth, &Worth::name, "worth", file, reader);
  check_guarding(config.live, file, reader);
}

template <class M>
auto fixed(M Fixed::*member) {
  return [member](Config& config) -> M& { return config.fixed.*member; };
}

template <class M>
auto live(M Replaceable::*member) {
  return [member](Config& config) -> M& { return config.live.*member; };
}

}  // namespace

SectionOf<Config> whole_file() {
  auto s = section<Config>("shop.yaml",
                           "Everything that Tenfold needs to know about the shop. Keys left out have the "
                           "defaults below; unknown keys are errors; keys that begin with `x-` are left "
                           "alone, as a place for YAML anchors.");
  s->field("shop", live(&Replaceable::shop), text(80), "The shop's name, as messages and pages say it.",
           Need::required);
  s->field(
       "colour", live(&Replaceable::colour), colour(),
       "The shop's colour, of links and bars on the pages that Tenfold itself shows (challenge, waiting room, errors). "
       "It is made darker or lighter where it could not be read.")
      .otherwise("Tenfold's green");
  s->field("listen", live(&Replaceable::listen), list(listener_section(), {.least = 1, .most = 64}),
           "Where visitors connect.", Need::required);
  s->field("origins", live(&Replaceable::origins), list(origin_section(), {.least = 1, .most = 100}),
           "The shop's own servers, tried in this order of regions.", Need::required);
  s->field("health", live(&Replaceable::health), health_section(), "How it is found out whether a server can serve.");
  s->field("ejection", live(&Replaceable::ejection), ejection_section(),
           "Takes a server out because of how it answers.");
  s->field("retries", live(&Replaceable::retries), retries_section(), "When a request is sent to another server.");
  s->field("hang", live(&Replaceable::hang), hang_section(),
           "When a server that says nothing is no longer waited for.");
  s->field("routes", live(&Replaceable::routes), list(route_section()), "Sends some requests to some origins only.")
      .otherwise("every request goes to all origins in order");
  s->field("cache", live(&Replaceable::cache), cache_section(), "Keeps pages and pictures in memory.");
  s->field("limits", live(&Replaceable::limits), limits_section(),
           "What a visitor's connection may send and how slowly.");
  s->field(
       "trusted_proxies", live(&Replaceable::trusted_proxies), list(network()),
       "Networks whose X-Forwarded-For, X-Forwarded-Proto and Forwarded headers are believed: a load balancer or "
       "CDN before this edge. What they say of the client's host, port and path is not. One that is missing here makes "
       "one client of all its visitors: the log says so once, with its address.")
      .otherwise("nobody's are believed");
  s->field("via", live(&Replaceable::via), on_off(),
           "Tells the origins in Via that a request came through a proxy, as HTTP asks. nginx as an origin does not "
           "compress then, unless it has `gzip_proxied any`: off, or that. Off, no Via reaches the origins at all.");
  s->field("access_log", live(&Replaceable::access_log), on_off_or(access_log_section()), "A line for each request.");
  s->field("worth", live(&Replaceable::worth), list(worth_section(), {.most = 32}),
           "Most precious first: what the shop must not lose.")
      .otherwise("all requests are worth the same");
  s->field("guard", live(&Replaceable::guard), guard_section(), "What is done while there is not enough for everyone.");
  s->field("rehearsal", live(&Replaceable::rehearsal), rehearsal_section(), "Recognises our own rehearsals.");
  s->field("console", live(&Replaceable::console), optional(console_section()), "The page, the API and the metrics.")
      .otherwise("none of them");
  s->field("store", fixed(&Fixed::store), file(FileUse::write),
           "The database, an SQLite file: incidents, evidence, keys made at the first start. Fixed at start.");
  s->field("sales", live(&Replaceable::sales), sales_section(), "Tells what an outage costs.");
  s->field("watch", live(&Replaceable::watch), watch_section(), "Looks at the shop from outside.");
  s->field("oncall", live(&Replaceable::oncall), optional(oncall_section()), "Who is told when something is wrong.")
      .otherwise("alerts are shown, and nobody is told");
  s->field("workers", fixed(&Fixed::workers), count(0, 1024),
           "Threads that serve. 0: one for each core. Fixed at start.");
  s->field("user", fixed(&Fixed::user), identifier(),
           "Taken on once the ports are bound, if started as root. Fixed at start.")
      .otherwise("the user that started it");
  s->field("group", fixed(&Fixed::group), identifier(), "The group that goes with it. Fixed at start.")
      .otherwise("the user's own group");
  s->allow_extensions();
  s->check(check_file);
  return s;
}

}  // namespace tenfold::config
