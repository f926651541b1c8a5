#pragma once

#include <array>

#include "base/latency_histogram.hpp"
#include "base/metrics.hpp"
#include "edge/guard_answer.hpp"
#include "http/server.hpp"

namespace tenfold::edge {

// Counted by one worker, read by any thread.
struct WorkerMetrics {
  http::ServerMetrics server;
  std::array<Counter, 6> answers;  // by first digit of the status; [0]: the client left before an answer
  // Of the answers: the guard's own, by GuardAnswer. They are no failures, whatever their status.
  std::array<Counter, guard_answer_kinds> guard_answers;
  Counter client_errors;    // of the others: with 4xx
  Counter server_errors;    // of the others: with 5xx
  Counter rehearsals;       // of the answers: to requests of our own rehearsals
  Counter from_cache;       // answered without asking an origin
  Counter stale_on_error;   // of those: stale, because no origin answered well
  Counter origin_failures;  // answered with an error page, for want of an origin's answer
  Counter broken_answers;   // an answer was cut after its head had been sent
  Counter spooled_answers;  // whose rest was taken into memory because the client was slow
  Counter body_bytes;       // sent to clients
  Counter upload_bytes;     // received from clients
  Counter tunnels;          // opened
  Gauge open_tunnels;
  Gauge answer_memory_bytes;      // of AnswerMemory
  Counter handshake_failures;     // TLS
  Counter proxy_header_failures;  // bad or missing PROXY headers
  Counter turned_away;            // connections past the limit, where none was idle that could make place
  Counter customers_displaced;    // of server.displaced: whose client was known or cleared
  Counter dropped;                // connections reset at once: their client is to be dropped, and no kernel did it
  Counter accept_failures;        // no descriptors left
  LatencyHistogram latency;       // from a request's first byte to the end of its answer
};

}  // namespace tenfold::edge
