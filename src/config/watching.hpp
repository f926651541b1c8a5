#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/calendar.hpp"
#include "config/values.hpp"
#include "watch/probe/check.hpp"

// Settings of the shop's outside view: what is checked, how often, and what counts as good. All replaceable.
namespace tenfold::config {

using namespace std::chrono_literals;

struct Check : watch::Check {
  unsigned probes = 0;  // that the file gives it; exactly one once loaded

  bool operator==(const Check&) const = default;
};

// Failures in it are recorded, and nobody is told.
struct Maintenance {
  std::vector<std::string> checks;  // names; none: all
  LocalTime from;
  LocalTime until;

  bool operator==(const Maintenance&) const = default;
};

// The dead man's switch: an outside service that raises the alarm when Tenfold itself falls silent.
struct HeartbeatOut {
  Secret url;  // knowing it is enough to report
  Duration every = 1min;

  bool operator==(const HeartbeatOut&) const = default;
};

struct Watch {
  std::vector<Check> checks;
  std::vector<HostPort> anchors;  // outside hosts; when none of them answers, our own uplink is down, and not the shop
  std::vector<Maintenance> maintenance;
  std::optional<HeartbeatOut> heartbeat_out;
  std::string authorities;          // PEM file; empty: the system's
  std::string time_zone = "UTC";    // of maintenance
  Duration keep_results = 7 * 24h;  // each result; after it only hours, after two years only days

  bool operator==(const Watch&) const = default;
};

}  // namespace tenfold::config
