#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.hpp"
#include "http/server_limits.hpp"

// What the owner may choose about the data path. Plain values, which config fills from shop.yaml.
namespace tenfold::edge {

using namespace std::chrono_literals;

// What a route says of the cache: its origin::RouteSettings::label, so that route and caching change together in a
// reload.
enum class RouteCaching : std::uint32_t {
  follow,  // RFC 9111: as the origin's headers say
  bypass,  // neither stored nor answered from the cache
};

// What a client may send and an origin may keep it waiting for.
struct Limits : http::ServerLimits {
  Limits() { body_bytes = 8ull << 30; }  // bounded, as this server's own clients' are not

  std::uint32_t uploads_per_client = 32;  // GuardPolicy::uploads_per_client
  // From clients, in all. Past it a new one takes the place of that which has been idle for longest, strangers' first
  // (edge/worker/displacing.hpp), or is closed at once where none of its worker has been idle for long enough.
  std::uint32_t connections = 65'536;
  // Of all workers: AnswerMemory. 0: none, and an answer whose client is slow stays at its origin.
  std::uint64_t answer_memory_bytes = 128ull << 20;
  Duration handshake_timeout = 10s;  // for TLS and the PROXY header, each from its first byte: reset
  Duration answer_timeout = 60s;     // for an origin's head, all attempts and waiting included: 504
  Duration stream_timeout = 30s;     // between two parts of an origin's body: reset
  Duration tunnel_idle = 1h;         // a tunnel (WebSocket) with nothing sent either way for this long is closed

  bool operator==(const Limits&) const = default;
};

inline constexpr Duration usual_coalesce_wait = 10s;  // for another request's fetch, before one goes itself

}  // namespace tenfold::edge
