#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "net/task.hpp"

// What the console shows: plain values, filled by app/ from the snapshots that edge, origin and cache offer.
// Counts are totals since the start and only grow; the console derives rates from two readings itself.
namespace tenfold::console {

struct Status {
  std::string shop;     // shop: of shop.yaml
  std::string version;  // of Tenfold
  std::string backend;  // Loop::backend() of the workers
  WallTime started_at{};
  Duration uptime{};
  int workers = 0;
  bool draining = false;

  std::uint64_t requests_total = 0;            // answered, whatever the status
  std::uint64_t client_errors_total = 0;       // answered with 4xx, but for the shield's own answers
  std::uint64_t server_errors_total = 0;       // with 5xx, by an origin or by the edge itself; likewise
  std::uint64_t guard_answers_total = 0;       // the shield's own: no failures, whatever their status
  std::uint64_t rehearsal_requests_total = 0;  // of requests_total: those of our own rehearsals
  std::uint64_t from_cache_total = 0;          // answered without asking an origin
  std::uint64_t bytes_sent_total = 0;          // of bodies, to clients
  std::int64_t open_connections = 0;           // from clients

  // Time from a request's first byte to the end of its answer, over the last ten seconds or so.
  // Empty while nothing was answered in that time.
  struct Latency {
    double p50_ms = 0;
    double p95_ms = 0;
    double p99_ms = 0;
  };
  std::optional<Latency> latency;

  // What came of the last time that the configuration was to be taken over anew (SIGHUP).
  struct Reload {
    enum class Result : std::uint8_t {
      none,     // not since the start
      ok,       // it is in force, but for what takes a restart
      refused,  // what was in force before still is
    } result = Result::none;
    std::optional<WallTime> at;              // of that time
    std::string error;                       // why it was refused; empty: it was not
    std::vector<std::string> takes_restart;  // what of the file is not in force yet
    WallTime last_good{};                    // when what is in force was taken over, at the start or by a reload
  } reload;
};

std::string_view name(Status::Reload::Result result);  // "none", "ok", "refused"

// A server of a pool, as all workers together see it.
struct OriginServer {
  enum class State : std::uint8_t {
    up,
    slow_start,  // back, taking less than its share for a while
    suspected,   // silent longer than it should be; a check is under way
    ejected,     // answered badly; tried again after a pause
    down,        // fails its health checks
    draining,    // taken out of the configuration; finishes what it has
    unchecked,   // not yet checked since the start
  };
  std::string name;     // as configured: "shop-a.internal:8080"
  std::string address;  // where it is at the moment; empty while the name does not resolve
  State state = State::unchecked;
  std::string why;                     // for people: "3 health checks failed: connection refused"; empty when up
  std::optional<WallTime> since;       // in this state
  std::optional<WallTime> last_check;  // the last health check's end
  std::int64_t active = 0;             // requests under way
  std::uint64_t requests_total = 0;
  std::uint64_t failures_total = 0;  // no answer, a broken one, or 5xx
  std::uint64_t ejections_total = 0;
  double ewma_ms = 0;  // smoothed time to the response's head; 0: none yet
};

std::string_view name(OriginServer::State state);  // "up", "slow_start", ...

struct OriginPool {
  std::string name;
  std::string region;
  bool standby = false;  // takes requests only when the pools before it are short
  bool serving = false;  // gets new requests now
  bool panic = false;    // so many are ejected that ejection is ignored
  std::vector<OriginServer> servers;
};

struct CacheState {
  bool enabled = true;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t limit_bytes = 0;
  std::uint64_t hits_total = 0;         // fresh
  std::uint64_t misses_total = 0;       // fetched from an origin
  std::uint64_t stale_total = 0;        // served stale: while revalidating, or because origins failed
  std::uint64_t revalidated_total = 0;  // 304 from an origin
  std::uint64_t coalesced_total = 0;    // waited for another request's fetch
  std::uint64_t bypassed_total = 0;     // neither looked up nor stored
  std::uint64_t evictions_total = 0;
  std::uint64_t purged_total = 0;
};

struct Purge {
  enum class Kind : std::uint8_t { url, prefix } kind = Kind::url;
  std::string what;  // "https://shop.example/a?b=c"; a prefix may end anywhere behind the host
};

// Where the console gets what it shows. Called on the console's thread, at most a few times a second: implementations
// hand over copies and must not block or make a worker wait. They must outlive the console.
class StatusSource {
 public:
  virtual ~StatusSource() = default;
  virtual Status status() const = 0;
};

class OriginsSource {
 public:
  virtual ~OriginsSource() = default;
  virtual std::vector<OriginPool> origins() const = 0;  // in the order in which they are tried
};

class CacheSource {
 public:
  virtual ~CacheSource() = default;
  virtual CacheState cache() const = 0;
  // Removes matching entries at every worker; resumes on the console's loop with their number.
  // Errors: invalid (not a URL; what was expected), unsupported (no cache), busy (draining), timed_out (a worker did
  // not answer).
  virtual net::Task<Result<std::uint64_t>> purge(Purge purge) = 0;
};

// Adds its families to a scrape of /metrics; families must not repeat between writers.
class MetricsSource {
 public:
  virtual ~MetricsSource() = default;
  virtual void write_metrics(MetricsText& text) const = 0;
};

class ApiPart;

struct Sources {
  const StatusSource& status;
  const OriginsSource& origins;
  CacheSource& cache;
  std::vector<const MetricsSource*> metrics;
  std::vector<ApiPart*> parts = {};  // what other roles add to the API
};

}  // namespace tenfold::console
