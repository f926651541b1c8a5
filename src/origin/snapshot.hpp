#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "origin/server.hpp"
#include "origin/settings.hpp"

namespace tenfold::origin {

enum class ServerState : std::uint8_t {
  unchecked,  // not yet checked since the start; gets requests
  healthy,
  slow_start,  // back, taking less than its share for a while
  suspected,   // silent; a check is under way
  ejected,     // answered real requests badly; tried again after a pause
  down,        // fails its health checks
  draining,    // no longer configured; what is under way finishes
};
std::string_view name(ServerState state);  // "unchecked", "healthy", ...

// What the checks know beyond a server's marks.
struct CheckReport {
  std::string why;                     // for people: "3 health checks failed: connection refused"; empty when good
  std::optional<WallTime> since;       // in this state
  std::optional<WallTime> last_check;  // the last health check's end
  std::string last_error;              // of that check; empty: it was good
  std::uint64_t ejections = 0;
  std::uint64_t suspicions = 0;
  std::uint64_t checks = 0;
  std::uint64_t failed_checks = 0;
};

// A server in a pool at one moment.
struct ServerSnapshot {
  std::string name;     // as configured: "shop-a.internal:8080"
  std::string address;  // "10.0.0.7:8080", "unix:/run/a"; empty while the name does not resolve
  ServerState state = ServerState::unchecked;
  std::uint32_t active = 0;  // requests under way
  ServerTotals totals;
  double ewma_ms = 0;  // smoothed time to the response's head; 0: none yet
  CheckReport checks;
};

ServerState state_of(Marks marks, const CheckReport& report);

struct PoolSnapshot {
  std::string name;
  std::string region;
  PoolSettings::Role role = PoolSettings::Role::active;
  bool serving = false;                 // takes new requests of the default route now
  bool panic = false;                   // its ejected and failing servers are used, for want of better ones
  std::uint32_t waiting = 0;            // requests in the queue for a connection
  std::vector<ServerSnapshot> servers;  // those that are draining last
};

// Writes the families tenfold_origin_server_* and tenfold_origin_waiting.
void describe(const std::vector<PoolSnapshot>& pools, MetricsText& text);

}  // namespace tenfold::origin
