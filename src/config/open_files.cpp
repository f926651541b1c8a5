#include "config/open_files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenfold::config {

namespace {

// Loops, listeners, the console and its visitors, the store, logs, checks and what on call has open.
constexpr std::uint64_t own = 1024;
constexpr std::uint64_t least_own = 64;
constexpr std::uint64_t least_visitors = 16;

std::uint64_t places(const Replaceable& live) {
  std::uint64_t sum = 0;
  for (const origin::PoolSettings& origin : live.origins) {
    std::uint64_t here = 0;
    for (const origin::ServerSettings& server : origin.servers) {
      here += server.max_connections != 0 ? server.max_connections : origin.max_connections;
    }
    sum += origin.max_total_connections != 0 ? std::min<std::uint64_t>(here, origin.max_total_connections) : here;
  }
  return sum;
}

}  // namespace

OpenFiles share_out(const Replaceable& live, std::uint64_t allowed) {
  OpenFiles files{.for_origins = places(live), .for_visitors = live.limits.connections};
  files.needed = own + files.for_origins + files.for_visitors;
  if (allowed == 0 || files.needed <= allowed) return files;
  // Little ones are shared in halves: a visitor who is let in needs an origin, but rarely one each.
  const std::uint64_t kept = std::clamp(allowed / 4, least_own, own);
  const std::uint64_t rest = allowed > kept ? allowed - kept : 0;
  files.for_origins = std::min(files.for_origins, rest / 2);
  files.for_visitors = std::clamp(rest - files.for_origins, least_visitors, files.for_visitors);
  return files;
}

std::string shortage_of_files(const Replaceable& live, std::uint64_t allowed) {
  const OpenFiles files = share_out(live, allowed);
  if (allowed == 0 || files.needed <= allowed) return {};
  return fmt::format(
      "{} visitors and {} connections to origins need {} open files, and the system allows a process {}: {} visitors "
      "are let in at most; expected LimitNOFILE={} in the service's unit, `ulimit -n {}` in the shell that starts it, "
      "or fewer limits.connections",
      live.limits.connections, places(live), files.needed, allowed, files.for_visitors, files.needed, files.needed);
}

}  // namespace tenfold::config
