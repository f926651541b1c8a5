#include "app/serve/service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "app/certificate_check.hpp"
#include "app/own_key.hpp"
#include "app/serve/last_resort.hpp"
#include "app/serve/privileges.hpp"
#include "app/serve/until_free.hpp"
#include "app/wiring/edge_policy.hpp"
#include "app/wiring/guard_rules.hpp"
#include "app/wiring/origin_settings.hpp"
#include "base/log.hpp"
#include "base/secret_bytes.hpp"
#include "base/thread.hpp"
#include "config/load.hpp"
#include "config/open_files.hpp"

namespace tenfold::app {

using namespace std::chrono_literals;

namespace {

// What ends after the last connection (the console, calls that are hung up, the access log's last lines) has so long
// before the process leaves it behind.
constexpr Duration last_rites = 10s;

void leave_at_once() {
  log::error("something does not end (a disk that hangs?): leaving it behind");
  std::_Exit(0);
}

}  // namespace

Service::Service(std::string file, config::Config config, const Clock& clock, Signals signals)
    : file_(std::move(file)),
      started_(std::move(config)),
      config_(started_),
      clock_(clock),
      random_(entropy_seed()),
      signals_(std::move(signals)),
      guard_part_(clock_),
      guard_lists_part_(clock_) {}

Service::~Service() = default;

Result<std::unique_ptr<Service>> Service::make(std::string file, config::Config config, const Clock& clock) {
  auto signals = Signals::make();
  if (!signals) return std::unexpected(signals.error());
  std::unique_ptr<Service> service(new Service(std::move(file), std::move(config), clock, std::move(*signals)));
  auto opened = service->open();
  if (!opened) return std::unexpected(opened.error());
  return service;
}

Result<void> Service::open() {
  open_files_ = raise_descriptor_limit();
  auto loop = net::make_loop(clock_);
  if (!loop) return std::unexpected(loop.error());
  loop_ = std::move(*loop);
  auto resolver = net::make_resolver(*loop_);
  if (!resolver) return std::unexpected(resolver.error());
  resolver_ = std::move(*resolver);

  auto directory = origin::Directory::make(origin_settings(config_.live), clock_);
  if (!directory) return std::unexpected(directory.error());
  directory_ = std::move(*directory);
  if (config_.live.cache.memory_bytes > 0) {
    cache_ = std::make_unique<cache::Cache>(cache_options(config_.live.cache), clock_);
  }
  auto policy = edge_policy(config_.live, nullptr, open_files_);
  if (!policy) return std::unexpected(policy.error());
  policy_ = std::move(*policy);

  edge::EdgeSetup setup{.clock = clock_, .directory = *directory_};
  setup.cache = cache_.get();
  setup.guard = guard_policy(config_.live);
  guard_key_ = sip_key(secret_bytes(16));
  setup.guard_key = guard_key_;
  setup.guard_meter.secret = guard_key_;
  guard_rooms_ = std::make_unique<edge::GuardRooms>(guard_key_);
  setup.guard_rooms = guard_rooms_.get();
  setup.addresses = listen_addresses(config_.live);
  setup.workers = config_.fixed.workers > 0 ? config_.fixed.workers : usable_cores();
  if (config_.live.access_log) setup.access_log_bytes = config_.live.access_log->queue_bytes;
  UntilFree until_free(clock_);
  auto edge = until_free([&] { return edge::Edge::make(setup, policy_); });
  if (!edge) return std::unexpected(edge.error());
  edge_ = std::move(*edge);

  auto console = until_free([&] { return open_console(); });
  if (!console) return console;
  auto callbacks = until_free([&] { return alarm_->open_listeners(config_.live); });
  if (!callbacks) return callbacks;
  kernel_ = open_kernel(config_, edge_->addresses(), clock_);
  auto became = become_user(config_.fixed.user, config_.fixed.group);
  if (!became) return became;
  auto claimed = until_free([&] { return claim_store(); });  // as that user, so that the store is theirs
  if (!claimed) return claimed;
  // It began without what only the store can give.
  origin::Settings settings = settings_of_origins(config_.live);
  if (!sticky_secret_.empty()) {
    auto replaced = directory_->replace(std::move(settings));
    if (!replaced) return replaced;
  }
  guard_secret_ = config_.live.guard.secret.reveal();
  if (guard_secret_.empty()) {
    guard_secret_ = own_key(config_.fixed.store, "guard", "visitors' cookies of the guard");
  }
  make_guard();
  if (auto made = make_crawlers(); !made) return made;
  auto prepared = alarm_->prepare(config_.live, guard_secret_);
  if (!prepared) return prepared;
  return open_access_log();
}

// Two that ring from one store would ring twice. Where no lock can be made nothing can be written either, and it rings
// from memory.
Result<void> Service::claim_store() {
  auto claim = store::Claim::take(config_.fixed.store);
  if (claim) {
    claim_ = std::move(*claim);
    return {};
  }
  if (claim.error().code == Errc::busy) {
    return fail(Errc::busy, fmt::format("store: {}; end that one first, or name another file", claim.error().detail));
  }
  log::warn("store: {}", claim.error().text());
  return {};
}

// While shop.yaml had no secret the store's signed: who sets the first one has no other way to name that.
std::string Service::previous_guard_secret() const {
  const config::Guard& guard = config_.live.guard;
  if (guard.secret.empty() || !guard.previous_secret.empty()) return guard.previous_secret.reveal();
  return kept_key(config_.fixed.store, "guard", "visitors' cookies of the guard");
}

// What it signs with is kept in the store, so that customers are known after a restart.
void Service::make_guard() {
  guard_ = std::make_unique<GuardThread>(
      edge::Brain::Setup{
          .clock = clock_,
          .directory = *directory_,
          .meter = {.secret = guard_key_},
          .secret = guard_secret_,
          .previous_secret = previous_guard_secret(),
          .set_room_rate = [this](double per_s) { guard_rooms_->waiting.set_rate(per_s, clock_.wall_now()); },
          .kernel = std::move(kernel_.blocks),
          .why_no_kernel = kernel_.why_not},
      *edge_, config_.fixed.store);
  guard_part_.set(guard_->brain());
  guard_lists_part_.set(guard_->brain());
  guard_->brain().set_rules(guard_rules(config_.live), config_.live.limits.uploads_per_client);
  // In force with the first request.
  if (auto policy = guard_->brain().step({})) edge_->adopt(std::move(policy));
}

// Those who say that they are a search engine's are looked up on this thread, which no request waits for.
Result<void> Service::make_crawlers() {
  net::ResolverOptions options;
  for (const config::HostPort& server : config_.live.guard.resolvers) {
    auto at = net::Endpoint::parse(server.text());
    if (!at) return std::unexpected(at.error());
    options.servers.push_back(*at);
  }
  auto resolver = net::make_resolver(*loop_, options);
  if (!resolver) return std::unexpected(resolver.error());
  crawler_resolver_ = std::move(*resolver);
  crawlers_ = std::make_unique<guard::CrawlerLookups>(
      *loop_, *crawler_resolver_, guard_rooms_->crawler_claims,
      [this](auto verdicts) { guard_->brain().set_crawlers(std::move(verdicts)); });
  return {};
}

// A visitor whose basket is in one server's memory is led there after a restart too.
origin::Settings Service::settings_of_origins(const config::Replaceable& live) {
  const bool sticky = std::ranges::any_of(live.origins, [](const auto& pool) { return pool.sticky.has_value(); });
  if (sticky && live.guard.secret.empty() && sticky_secret_.empty()) {
    sticky_secret_ = own_key(config_.fixed.store, "sticky", "visitors' cookies of origins[].stickiness");
  }
  return origin_settings(live, sticky_secret_);
}

Result<void> Service::open_console() {
  alarm_ = std::make_unique<Alarm>(Alarm::Setup{.clock = clock_, .store_file = config_.fixed.store});
  sources_ = std::make_unique<ConsoleSources>(clock_, config_.live.shop, *edge_, *directory_, cache_.get(),
                                              access_log_metrics_);
  if (!config_.live.console) return {};
  console::Sources sources = sources_->all();
  sources.metrics.push_back(alarm_.get());
  sources.parts.push_back(alarm_.get());
  sources.metrics.push_back(&guard_part_);
  sources.parts.push_back(&guard_part_);
  sources.parts.push_back(&guard_lists_part_);
  auto console = ConsoleThread::make(clock_, config_.live, std::move(sources));
  if (!console) return std::unexpected(console.error());
  console_ = std::move(*console);
  return {};
}

Result<void> Service::open_access_log() {
  if (!config_.live.access_log) return {};
  auto sink = edge::open_access_sink(config_.live.access_log->path);
  if (!sink) return std::unexpected(sink.error());
  const auto format = config_.live.access_log->format == config::AccessLogFormat::json ? edge::AccessFormat::json
                                                                                       : edge::AccessFormat::combined;
  access_log_ = std::make_unique<edge::AccessLogWriter>(
      clock_, edge_->access_rings(), std::move(*sink), format, access_log_metrics_,
      [](const std::string& text) { log::warn("access log: {}", text); });
  return {};
}

Result<void> Service::run(std::function<void(const Served&)> when_serving) {
  when_serving_ = std::move(when_serving);
  scope_.spawn(serve());
  loop_->run();
  if (failure_) return std::unexpected(*failure_);
  return {};
}

net::Task<void> Service::serve() {
  checks_ = std::make_unique<origin::Checks>(*directory_, *loop_, *resolver_, random_);
  checks_->start();
  // Names must be resolved before the first request; a server that is down is better known before it, too.
  co_await checks_->first_round(loop_->now() + 2s);
  auto started = edge_->start();
  if (!started) {
    failure_ = started.error();
    co_await checks_->stop();
    loop_->stop();
    co_return;
  }
  auto begun = start_beside();
  if (begun) {
    log_served(served());
    if (const auto shortage = config::shortage_of_files(config_.live, open_files_); !shortage.empty()) {
      log::warn("limits.connections: {}", shortage);
    }
    when_serving_(served());
    scope_.spawn(tick());
    co_await heed_signals();
  } else {
    failure_ = begun.error();
  }
  co_await drain();
  scope_.cancel();
  loop_->stop();
}

Result<void> Service::start_beside() {
  if (console_) {
    if (auto started = console_->start(); !started) return started;
  }
  if (auto started = guard_->start(); !started) return started;
  crawlers_->start();
  return alarm_->start();
}

Service::Served Service::served() const {
  Served served{.shop = config_.live.shop,
                .workers = config_.fixed.workers > 0 ? config_.fixed.workers : usable_cores(),
                .backend = std::string(edge_->backend())};
  for (std::size_t i = 0; i < edge_->addresses().size(); ++i) {
    served.listening.push_back(
        fmt::format("{}://{}", policy_->listeners[i].tls ? "https" : "http", edge_->addresses()[i].text()));
  }
  if (console_) served.console = fmt::format("http://{}", console_->address().text());
  return served;
}

void Service::log_served(const Served& served) {
  for (const std::string& address : served.listening) log::info("{} is served on {}", served.shop, address);
  log::info("{} {} on {}", served.workers, served.workers == 1 ? "worker" : "workers", served.backend);
  if (!served.console.empty()) log::info("console on {}", served.console);
}

net::Task<void> Service::heed_signals() {
  while (true) {
    auto signal = co_await signals_.next(*loop_, {});
    if (!signal) co_return;
    switch (*signal) {
      case SIGHUP: reload(); break;
      case SIGUSR1:
        log::info("SIGUSR1: opening the access log anew");
        if (access_log_) access_log_->request_reopen();
        break;
      case SIGTERM:
      case SIGINT: co_return;
      default: break;
    }
  }
}

net::Task<void> Service::tick() {
  while (true) {
    sources_->tick();
    auto slept = co_await loop_->sleep_for(1s, scope_.token());
    if (!slept) co_return;
  }
}

// The workers are waited for on a thread of its own, so that this one goes on checking the origins meanwhile.
net::Task<void> Service::drain() {
  const Duration grace = config_.live.limits.drain;
  log::info("draining: no new connections; those that are open have {} s",
            std::chrono::duration_cast<std::chrono::seconds>(grace).count());
  const LastResort last_resort(grace + last_rites, &leave_at_once);
  guard_->stop();
  sources_->set_draining();
  alarm_->stop_watching();
  net::Event drained;
  bool done = false;
  auto waiting = start_thread("the thread that waits for the workers", [&] {
    edge_->drain(grace);
    loop_->post([&] {
      done = true;
      drained.notify_all();
    });
  });
  if (!waiting) edge_->drain(grace);  // the origins go unchecked for so long
  while (waiting && !done) {
    auto notified = co_await drained.wait(*loop_, no_deadline);
    static_cast<void>(notified);
  }
  if (waiting) waiting->join();
  if (console_) console_->stop();
  alarm_->stop();
  co_await crawlers_->stop();
  co_await checks_->stop();
  if (access_log_) access_log_->stop();
  log::info("all connections have ended");
}

// Shown until the next one, since whoever sends the signal seldom reads the log.
void Service::reload() {
  std::vector<std::string> takes_restart;
  const auto taken = take_over(takes_restart);
  console::Status::Reload shown{.at = clock_.wall_now(), .takes_restart = std::move(takes_restart)};
  if (taken) {
    log::info("SIGHUP: {} is in force{}", file_,
              shown.takes_restart.empty() ? "" : ", but for what takes a restart (see the warnings before this)");
    shown.result = console::Status::Reload::Result::ok;
  } else {
    shown.result = console::Status::Reload::Result::refused;
    shown.error = taken.error().detail.empty() ? taken.error().text() : taken.error().detail;
    log::error("SIGHUP: {}; the running configuration stays", shown.error);
  }
  sources_->set_reload(std::move(shown));
}

std::vector<config::HostPort> Service::served_addresses() const {
  std::vector<net::Endpoint> all = edge_->addresses();
  if (console_) all.push_back(console_->address());
  std::vector<config::HostPort> served;
  for (const net::Endpoint& each : all) served.push_back({each.address.text(), each.port});
  return served;
}

// The first error, with how many more there are; all of them are in the log.
Result<config::Config> Service::load_again() const {
  auto surroundings = config::system_surroundings();
  surroundings.certificate_check = certificate_check(surroundings.now);
  surroundings.still_served = served_addresses();
  auto loaded = config::load_file(file_, surroundings);
  std::string first;
  std::size_t errors = 0;
  for (const config::Problem& problem : loaded.problems) {
    if (problem.severity == config::Severity::error) {
      if (++errors == 1) first = config::text(problem);
      log::error("{}", config::text(problem));
    } else {
      log::warn("{}", config::text(problem));
    }
  }
  if (loaded.ok()) return std::move(*loaded.config);
  if (errors > 1) first += fmt::format(" (and {} more)", errors - 1);
  return fail(Errc::invalid, std::move(first));
}

Result<void> Service::take_over(std::vector<std::string>& takes_restart) {
  auto next = load_again();
  if (!next) return std::unexpected(next.error());
  takes_restart = config::fixed_differences(started_, *next);
  for (const std::string& difference : takes_restart) log::warn("SIGHUP: {}: takes a restart", difference);
  const auto unnamed = keep_listeners(config_.live.listen, next->live.listen);
  auto policy = edge_policy(next->live, policy_.get(), open_files_, unnamed);
  if (!policy) return std::unexpected(policy.error());
  auto replaced = directory_->replace(settings_of_origins(next->live));
  if (!replaced) return replaced;
  policy_ = std::move(*policy);
  edge_->adopt(policy_);
  guard_->brain().set_rules(guard_rules(next->live), next->live.limits.uploads_per_client);
  sources_->set_shop(next->live.shop);
  alarm_->replace(next->live);
  const config::Fixed running = config_.fixed;
  config_ = std::move(*next);
  config_.fixed = running;
  return {};
}

}  // namespace tenfold::app
