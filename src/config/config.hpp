#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/guarding.hpp"
#include "config/oncall.hpp"
#include "config/serving.hpp"
#include "config/values.hpp"
#include "config/watching.hpp"
#include "origin/settings.hpp"

// shop.yaml as plain values. A default is what the file need not say; the comment beside it says what follows from it.
// Immutable once loaded: share it as std::shared_ptr<const Config>.
namespace tenfold::config {

// FIXED at start: a change takes a restart. Besides these, fixed are: the addresses of `listen` and
// `console`, `cache` but for coalesce_wait, and `access_log`.
struct Fixed {
  unsigned workers = 0;              // threads that serve; 0: one for each core that the process may use
  std::string user;                  // taken on once the ports are bound; empty: the user that started it
  std::string group;                 // empty: the user's own group
  std::string store = "tenfold.db";  // SQLite file; incidents, evidence and signing keys are kept there

  bool operator==(const Fixed&) const = default;
};

// REPLACEABLE: taken over on SIGHUP, without a dropped connection.
struct Replaceable {
  std::string shop;                           // the name, as messages and pages say it
  std::string colour;                         // of Tenfold's own pages: "#0b5c4d"; empty: Tenfold's
  std::vector<Listener> listen;               // at least one
  std::vector<Network> trusted_proxies;       // whose X-Forwarded-For and Forwarded are believed; none: nobody's
  bool via = true;                            // false: neither ours nor anybody's Via reaches the origins
  std::vector<origin::PoolSettings> origins;  // tried in this order of regions; at least one that is not standby
  origin::HealthPolicy health;
  origin::EjectionPolicy ejection;
  origin::RetryPolicy retries;
  origin::HangPolicy hang;
  std::vector<origin::RouteSettings> routes;  // none: every request goes to all origins in order
  Cache cache;
  Limits limits;
  std::optional<AccessLog> access_log = AccessLog{};  // absent ("off"): no request is logged
  std::vector<Worth> worth;                           // none: all requests are worth the same
  Guard guard;
  Rehearsal rehearsal;
  std::optional<Console> console;  // absent: neither page, metrics nor API
  Sales sales;
  Watch watch;                   // no checks: nothing is looked at from outside
  std::optional<OnCall> oncall;  // absent: alerts are shown, and nobody is told

  bool operator==(const Replaceable&) const = default;
};

struct Config {
  Fixed fixed;
  Replaceable live;

  bool operator==(const Config&) const = default;
};

// What would need a restart to go from `running` to `next`, in words for the operator, e.g.
// "workers: 2 is running, 4 is configured". Empty: the new configuration can be taken over as it is.
std::vector<std::string> fixed_differences(const Config& running, const Config& next);

}  // namespace tenfold::config
