#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cache/options.hpp"
#include "config/values.hpp"
#include "edge/settings.hpp"

// Settings of the data path: listeners, cache, limits, access log. Those that are a module's own are that module's
// struct, with its defaults. Paths of files are absolute once loaded.
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

// FIXED at start, but for coalesce_wait.
struct Cache : cache::CacheOptions {
  Duration coalesce_wait = edge::usual_coalesce_wait;  // for another's fetch, before a request goes itself

  bool operator==(const Cache&) const = default;
};

struct Limits : edge::Limits {
  Duration drain = 30s;  // on SIGTERM: connections still open after it are reset

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
