#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

namespace tenfold::http {

using namespace std::chrono_literals;

// Bounds on what a client may send and how slowly; what happens at each is said beside it.
struct ServerLimits {
  std::size_t request_line_bytes = 8 * 1024;  // past it: 414, close
  std::size_t header_bytes = 32 * 1024;       // all field lines; past it: 431, close
  std::size_t header_count = 100;             // past it: 431, close
  std::uint64_t body_bytes = UINT64_MAX;      // past it: 413, close
  // Unread request body thrown away to keep the connection. Past it, and where a chunked body's end is not here when
  // the answer begins, the answer says "Connection: close".
  std::uint64_t drain_bytes = 256 * 1024;
  Duration idle_timeout = 75s;  // between requests: closed silently
  // From the first byte to the whole head: 408, close. For the first byte on a new connection as well (closed
  // silently), except behind a TLS handshake: browsers connect ahead of what they will ask for.
  Duration head_timeout = 10s;
  Duration body_timeout = 30s;  // between two parts of the body: 408, close
  // Of earlier answers that the client has still to take: past it its next request waits, so that whoever asks and does
  // not read takes no more of an origin, and of the kernel's memory, than an answer at a time. A client that reads an
  // answer before it asks for the next has nothing to take by then.
  std::uint32_t untaken_bytes = 16 * 1024;
  Duration write_timeout = 30s;                     // while the client takes nothing of an answer: reset
  std::uint64_t requests_per_connection = 100'000;  // the last one is answered with "Connection: close"

  bool operator==(const ServerLimits&) const = default;
};

}  // namespace tenfold::http
