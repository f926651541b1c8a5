#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/values.hpp"

// Settings of the data path: listeners, origins, cache, limits, access log. Paths of files are absolute once loaded.
namespace tenfold::config {

using namespace std::chrono_literals;

struct Certificate {
  std::string chain;  // PEM: the server's certificate first, then intermediates
  std::string key;    // PEM, unencrypted

  bool operator==(const Certificate&) const = default;
};

enum class Redirect : std::uint16_t {
  off = 0,
  moved_permanently = 301,
  found = 302,
  temporary = 307,
  permanent = 308,
};

struct Listener {
  HostPort address;                            // an address, not a name. FIXED at start
  std::vector<Certificate> certificates;       // none: plain HTTP. The first is for clients whose SNI matches none
  Redirect redirect_to_https = Redirect::off;  // off: plain HTTP is served as it is
  std::uint16_t redirect_port = 443;           // where redirects point; 443 is left out of the URL
  // Connections from these networks must begin with a PROXY v1 or v2 header; from elsewhere one is a bad request.
  // None: no client is believed about its address at this level.
  std::vector<Network> proxy_protocol_from;

  bool operator==(const Listener&) const = default;
};

struct Server {
  ServerAddress address;         // a name is re-resolved at its TTL; each of its addresses is a server, 16 at most
  unsigned weight = 1;           // share of requests relative to its neighbours; 1..1000
  unsigned max_connections = 0;  // 0: the origin's max_connections

  bool operator==(const Server&) const = default;
};

struct OriginTls {
  bool verify = true;       // false: anyone between edge and origin can read and change everything
  std::string server_name;  // for SNI and verification; empty: the server's host as configured
  std::string authorities;  // PEM file; empty: the system's authorities

  bool operator==(const OriginTls&) const = default;
};

struct Stickiness {
  std::string cookie = "tenfold_origin";  // holds a keyed hash of the server, not its address
  Duration ttl = 0s;                      // 0: until the browser closes

  bool operator==(const Stickiness&) const = default;
};

struct OriginTimeouts {
  Duration connect = 1s;      // TLS included; past it another address, then another server
  Duration first_byte = 30s;  // from the request sent to the response's head; past it another server, or 504
  Duration idle = 60s;        // a kept connection unused for this long is closed
  Duration queue = 5s;        // waiting for a connection while every server is at its limit; past it 503

  bool operator==(const OriginTimeouts&) const = default;
};

// A group of servers that can stand in for each other.
struct Origin {
  std::string name;
  std::string region;    // empty: one region with all the others that have none
  bool standby = false;  // true: used only when the origins before it are short of healthy servers
  std::vector<Server> servers;
  std::optional<OriginTls> tls;          // absent: plain HTTP
  std::optional<Stickiness> stickiness;  // absent: any server answers any request
  OriginTimeouts timeouts;
  unsigned max_connections = 256;      // to each server, from all workers; past it requests wait
  unsigned max_total_connections = 0;  // to all its servers (a shielded origin); 0: no limit but the servers'
  Duration slow_start = 10s;           // a server that is healthy again gets its share little by little over this time
  std::string host;                    // the Host to send; empty: the client's
  std::string health_path;             // empty: health.path

  bool operator==(const Origin&) const = default;
};

struct Health {
  std::string path = "/";  // asked for with GET
  Duration every = 2s;  // per server and process, spread in time; a dead server is found after every × unhealthy_after
  Duration timeout = 1s;         // no answer within it counts as unhealthy
  unsigned unhealthy_after = 3;  // bad answers in a row
  unsigned healthy_after = 2;    // good answers in a row
  StatusRange status;            // what counts as good; by default a redirect does
  std::string host;              // the Host to send; empty: the origin's host, else the server's address

  bool operator==(const Health&) const = default;
};

// Passive: what real requests show about a server.
struct Ejection {
  unsigned consecutive_failures = 5;  // connect failures, resets and time-outs in a row; 0: never eject for them
  unsigned consecutive_5xx = 5;       // 502, 503, 504 and other 5xx in a row; 0: never eject for them
  double error_share = 0.5;           // of the answers in `window` 5xx, and twice the share of its neighbours: ejected
  unsigned error_volume = 20;         // fewer answers than this in `window` say nothing
  Duration window = 10s;
  Duration base_ejection = 10s;  // the n-th ejection in a row lasts n times this
  Duration max_ejection = 5min;
  double max_ejected_share = 0.5;  // of an origin's servers; past it nobody more is ejected
  double panic_threshold =
      0.5;  // with a smaller share of servers healthy, all are used: better a slow answer than none

  bool operator==(const Ejection&) const = default;
};

struct Retries {
  double budget_share = 0.2;  // retries per request over the last 10 s; past it a failure goes to the client
  double min_per_s = 10;      // allowed in spite of budget_share, so that a quiet shop can retry at all
  unsigned attempts = 3;      // in all, the first included; 1: never retry. Idempotent requests only

  bool operator==(const Retries&) const = default;
};

// When a server that is silent, but was quick before, is no longer waited for.
struct Hang {
  double latency_factor = 8;  // a first byte is late after this many times the server's usual time,
  Duration at_least = 250ms;  // but not before this,
  Duration at_most = 1s;      // and always after this

  bool operator==(const Hang&) const = default;
};

enum class RouteCache : std::uint8_t {
  follow,  // RFC 9111: as the origin's headers say
  bypass,  // neither stored nor answered from the cache
};

// The first route that matches a request decides; a request that none matches goes to all origins in order.
struct Route {
  std::vector<std::string> hosts;     // lower case; "*.example.org" for all below; none: any host
  std::vector<RequestPattern> paths;  // none: any path
  std::vector<std::string> origins;   // names; none: all, in the file's order
  RouteCache cache = RouteCache::follow;

  bool operator==(const Route&) const = default;
};

enum class CacheHeuristic : std::uint8_t {
  off,
  static_types,  // pictures, fonts, style sheets, scripts, sound and film: a page that changed is seen at once
  all_types,
};

enum class CacheClientDirectives : std::uint8_t {
  ignore,      // as CDNs do: a flood of "no-cache" does not reach the origin
  revalidate,  // no-cache, max-age, min-fresh and max-stale are honoured
};

enum class CacheSetCookie : std::uint8_t {
  never,
  when_public,  // only with "Cache-Control: public": for origins that put a cookie on everything
};

// FIXED at start, but for coalesce_wait.
struct Cache {
  std::uint64_t memory_bytes = 256ull << 20;  // all workers together; 0: no cache. Full: the least useful go
  std::uint64_t max_object_bytes =
      8ull << 20;                        // larger responses pass through; never more than an eighth of the memory
  Duration stale_if_error = 10min;       // how long past its time a page stands in for a failing origin
  Duration stale_while_revalidate = 0s;  // how long past its time a page is served while it is fetched anew, where
                                         // the response does not say
  CacheHeuristic heuristic = CacheHeuristic::static_types;  // freshness guessed from Last-Modified (RFC 9111, 4.2.2)
  Duration heuristic_max = 1h;                              // no guess is longer
  CacheClientDirectives client_directives = CacheClientDirectives::ignore;
  CacheSetCookie set_cookie = CacheSetCookie::never;  // whether responses with Set-Cookie may be kept
  Duration coalesce_wait = 10s;  // how long a request waits for another's fetch before it goes itself

  bool operator==(const Cache&) const = default;
};

// What a client may send and how slowly.
struct Limits {
  std::uint64_t request_line_bytes = 8 << 10;       // past it: 414
  std::uint64_t header_bytes = 32 << 10;            // all field lines; past it: 431
  unsigned header_count = 100;                      // past it: 431
  std::uint64_t body_bytes = 8ull << 30;            // past it: 413
  Duration head_timeout = 10s;                      // for the whole head: 408
  Duration body_timeout = 30s;                      // between two parts of a body: 408
  Duration idle_timeout = 75s;                      // between two requests: closed
  Duration write_timeout = 30s;                     // while nothing of an answer is taken: reset
  Duration handshake_timeout = 10s;                 // TLS, and the PROXY header: reset
  std::uint64_t requests_per_connection = 100'000;  // the last is answered with "Connection: close"
  unsigned uploads_per_client = 32;                 // longer than 64 KiB, at one time; past it: 429
  unsigned connections = 65'536;                    // in all; past it a new one is closed at once
  Duration answer_timeout = 60s;                    // for an origin's head, all attempts and waiting included: 504
  Duration stream_timeout = 30s;                    // between two parts of an origin's body: reset
  Duration tunnel_idle = 1h;                        // a WebSocket with nothing sent either way for this long: closed
  Duration drain = 30s;                             // on SIGTERM: connections still open after it are reset

  bool operator==(const Limits&) const = default;
};

enum class AccessLogFormat : std::uint8_t { combined, json };

// FIXED at start.
struct AccessLog {
  std::string path = "-";  // "-": standard output. Reopened on SIGUSR1
  AccessLogFormat format = AccessLogFormat::combined;
  std::uint64_t queue_bytes =
      8ull << 20;  // of each worker, waiting for the disk; past it lines are dropped and counted

  bool operator==(const AccessLog&) const = default;
};

}  // namespace tenfold::config
