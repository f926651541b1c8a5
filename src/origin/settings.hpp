#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

// What the owner may choose about origins. Plain values, which config fills from shop.yaml; a reload makes new ones.
namespace tenfold::origin {

using namespace std::chrono_literals;

struct ServerSettings {
  // An address without brackets, or a name: each of its addresses is a server of its own, 16 at most.
  std::string host = {};
  std::uint16_t port = 0;
  std::string unix_path = {};         // of a Unix-domain socket, instead of host and port
  std::uint32_t weight = 1;           // share relative to its neighbours; 1..1000
  std::uint32_t max_connections = 0;  // from all workers; 0: the pool's

  bool operator==(const ServerSettings&) const = default;
};

// How to speak TLS to a pool's servers.
struct TlsSettings {
  enum class Verify : std::uint8_t { certificate, nothing } verify = Verify::certificate;
  std::string server_name;       // for SNI and verification; empty: the server's host
  std::string authorities_file;  // PEM; empty: the system's

  bool operator==(const TlsSettings&) const = default;
};

struct StickySettings {
  std::string cookie = "tenfold_origin";
  Duration lifetime = 0s;  // 0: until the browser closes

  bool operator==(const StickySettings&) const = default;
};

struct Timeouts {
  Duration connect = 1s;      // TLS included; past it: another server
  Duration first_byte = 30s;  // one attempt, from the request sent to the response's head; then another server
  Duration idle = 60s;        // a kept connection unused for this long is closed
  Duration queue = 5s;        // waiting for a connection while all servers are at their limits; then exhausted

  bool operator==(const Timeouts&) const = default;
};

// Servers that can stand in for each other.
struct PoolSettings {
  enum class Role : std::uint8_t {
    active,
    standby,  // takes requests only when no active pool of the route can
  };
  std::string name;
  std::string region;  // pools of one region that follow each other make one tier
  Role role = Role::active;
  std::vector<ServerSettings> servers;  // 1..1024
  std::optional<TlsSettings> tls;       // absent: plain HTTP
  std::optional<StickySettings> sticky;
  Timeouts timeouts;
  std::uint32_t max_connections = 256;      // to each server, from all workers
  std::uint32_t max_total_connections = 0;  // to the pool (a shielded origin); 0: no limit but the servers'
  std::uint32_t max_waiting = 1024;         // requests queued for a connection, per worker; past it: exhausted
  std::uint32_t max_idle = 256;             // kept connections per server and worker; past it: closed after use
  Duration slow_start = 10s;                // a returned server's share grows from a tenth to the whole over this
  std::string host;                         // the Host to send; empty: the client's
  std::string health_path;                  // empty: HealthPolicy::path

  bool operator==(const PoolSettings&) const = default;
};

// The first route that matches decides; a request that none matches goes to all pools in their order.
struct RouteSettings {
  struct Pattern {
    std::string method;  // empty: any
    std::string path;    // `*` stands for any run of characters; compared without the query, case and all

    bool operator==(const Pattern&) const = default;
  };
  std::vector<std::string> hosts;  // lower case, without port; "*.example.org": all below; none: any
  std::vector<Pattern> paths;      // none: any
  std::vector<std::string> pools;  // names; none: all, in their order
  std::uint32_t label = 0;         // whatever its owner needs to know of it; comes back as Route::label

  bool operator==(const RouteSettings&) const = default;
};

// Active checks: GET path on a connection of its own, by one thread for the whole process.
struct HealthPolicy {
  std::string path = "/";
  std::string host;                   // the Host to send; empty: the pool's, else the server's
  Duration every = 2s;                // per server, spread in time by a tenth
  Duration timeout = 1s;              // no complete answer within it: a bad one
  std::uint32_t unhealthy_after = 3;  // bad answers in a row (one is enough for a server that never gave a good one)
  std::uint32_t healthy_after = 2;    // good answers in a row
  std::uint16_t status_from = 200;    // good statuses, both ends included
  std::uint16_t status_to = 399;

  bool operator==(const HealthPolicy&) const = default;
};

// Passive: what real requests show about a server.
struct EjectionPolicy {
  std::uint32_t consecutive_failures = 5;  // connect failures, resets and time-outs in a row; 0: never for them
  std::uint32_t consecutive_5xx = 5;       // 500, 502, 503, 504 in a row; 0: never for them
  double error_share = 0.5;                // of the answers in `window` 5xx, and twice the share of the pool's others
  std::uint32_t error_volume = 20;         // fewer answers than this in `window` say nothing
  Duration window = 10s;
  Duration base_ejection = 10s;  // the n-th ejection in a row lasts n times this
  Duration max_ejection = 5min;
  double max_ejected_share = 0.5;  // of a pool's servers, rounded down; at least one always stays
  double panic_threshold = 0.5;    // with a smaller share of a tier's servers good, and nowhere else to go,
                                   // all are used that are not known to be dead

  bool operator==(const EjectionPolicy&) const = default;
};

struct RetryPolicy {
  double budget_share = 0.2;     // retries per request over the last 10 s
  std::uint32_t min_per_s = 10;  // allowed in spite of budget_share; the process's, split evenly over the workers
  std::uint32_t attempts = 3;    // in all, the first included; 1..8

  bool operator==(const RetryPolicy&) const = default;
};

// When a silent server becomes suspect (docs/decisions/0005-hung-origins.md).
struct HangPolicy {
  double latency_factor = 8;  // a first byte is late after this many times the server's usual time,
  Duration at_least = 250ms;  // but not before this,
  Duration at_most = 1s;      // and always after this

  bool operator==(const HangPolicy&) const = default;
};

struct Settings {
  std::vector<PoolSettings> pools;  // in the order in which they are tried; at least one
  std::vector<RouteSettings> routes;
  HealthPolicy health;
  EjectionPolicy ejection;
  RetryPolicy retry;
  HangPolicy hang;
  std::string sticky_secret;  // keys the sticky cookies; edges that share clients need the same; empty: a random one
};

}  // namespace tenfold::origin
