#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/alarm_service/alarm.hpp"
#include "app/serve/console_sources.hpp"
#include "app/serve/console_thread.hpp"
#include "app/serve/guard_lists_part.hpp"
#include "app/serve/guard_part.hpp"
#include "app/serve/guard_thread.hpp"
#include "app/serve/signals.hpp"
#include "app/wiring/kernel_blocks.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "cache/cache.hpp"
#include "config/config.hpp"
#include "edge/access_log/access_log_writer.hpp"
#include "edge/edge.hpp"
#include "guard/known/crawler_lookups.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/scope.hpp"
#include "origin/checks.hpp"
#include "origin/directory.hpp"
#include "store/claim.hpp"

namespace tenfold::app {

// All roles that a configuration names, in one process: this is the parts list. The thread that calls run() keeps the
// origins' checks and takes signals; workers, the access log and the console have threads of their own.
class Service {
 public:
  // Opens what needs rights, then becomes the configured user. Errors: busy, refused (an address), not_found (a user),
  // invalid (a certificate), unsupported.
  static Result<std::unique_ptr<Service>> make(std::string file, config::Config config, const Clock& clock);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  struct Served {
    std::string shop;
    std::vector<std::string> listening;  // "http://127.0.0.1:8080"
    std::string console;                 // empty: none
    std::size_t workers = 0;
    std::string backend;  // "io_uring"
  };

  // Serves until SIGTERM or SIGINT, and drains. SIGHUP reloads, SIGUSR1 reopens the access log. Calls `when_serving`
  // once all listeners are open.
  Result<void> run(std::function<void(const Served&)> when_serving);

 private:
  Service(std::string file, config::Config config, const Clock& clock, Signals signals);
  Result<void> open();
  Result<void> open_access_log();
  Result<void> open_console();
  Result<void> claim_store();
  // Once the store is claimed: with what it keeps.
  origin::Settings settings_of_origins(const config::Replaceable& live);
  Result<void> start_beside();
  std::string previous_guard_secret() const;  // empty: there is none
  void make_guard();
  Result<void> make_crawlers();
  net::Task<void> serve();
  net::Task<void> heed_signals();
  net::Task<void> tick();
  net::Task<void> drain();
  void reload();
  // By the visitors' listeners and the console that run, whatever the file says now.
  std::vector<config::HostPort> served_addresses() const;
  Result<config::Config> load_again() const;
  // What only a restart changes is named in `takes_restart`, also where the rest is refused.
  Result<void> take_over(std::vector<std::string>& takes_restart);
  Served served() const;
  static void log_served(const Served& served);

  std::string file_;
  const config::Config started_;  // what takes a restart is compared with this, at every reload
  config::Config config_;
  const Clock& clock_;
  FastRandom random_;
  Signals signals_;
  std::uint64_t open_files_ = 0;  // the system's limit

  // In the order in which each needs those before it; destroyed in reverse.
  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<origin::Directory> directory_;
  std::unique_ptr<cache::Cache> cache_;  // null: no memory is given to it
  std::shared_ptr<const edge::Policy> policy_;
  SipKey guard_key_;  // of hashes of clients; as long as the process
  std::unique_ptr<edge::GuardRooms> guard_rooms_;
  std::unique_ptr<edge::Edge> edge_;
  KernelWay kernel_;                                 // until guard_ has it
  std::unique_ptr<GuardThread> guard_;               // from when the store is claimed
  std::unique_ptr<net::Resolver> crawler_resolver_;  // apart: its questions come from strangers
  std::unique_ptr<guard::CrawlerLookups> crawlers_;
  edge::AccessLogMetrics access_log_metrics_;
  std::unique_ptr<edge::AccessLogWriter> access_log_;  // null: no request is logged
  std::unique_ptr<origin::Checks> checks_;
  std::string guard_secret_;           // what the guard signs with
  std::string sticky_secret_;          // our own; empty: not needed so far
  std::optional<store::Claim> claim_;  // none: nothing can be written beside the store
  std::unique_ptr<Alarm> alarm_;
  GuardPart guard_part_;
  GuardListsPart guard_lists_part_;
  std::unique_ptr<ConsoleSources> sources_;
  std::unique_ptr<ConsoleThread> console_;  // null: no console is configured
  std::function<void(const Served&)> when_serving_;
  net::Scope scope_;
  std::optional<Error> failure_;
};

}  // namespace tenfold::app
