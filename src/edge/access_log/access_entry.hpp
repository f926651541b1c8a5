#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "edge/guard_answer.hpp"
#include "http/message.hpp"
#include "net/address.hpp"

namespace tenfold::edge {

// One answered request, as the access log tells it. The texts belong to somebody else: the exchange when an entry is
// pushed, the ring when it is read.
struct AccessEntry {
  WallTime at{};  // when the answer was finished, or given up
  net::IpAddress client;
  std::uint16_t client_port = 0;  // 0: unknown
  std::uint16_t status = 0;       // as sent; 0: none was
  std::uint16_t worker = 0;
  std::uint8_t attempts = 0;  // servers tried; 0: no origin was asked
  http::Version version = http::Version::http_1_1;
  GuardAnswer guard = GuardAnswer::none;
  std::uint64_t body_bytes = 0;  // of the answer's body, sent
  Duration duration{};           // from the request's first byte to the answer's end
  Duration origin_time{};        // connecting and waiting for heads, all attempts together, the failed ones included

  // Empty: absent. Each is cut at longest_text_bytes.
  std::string_view method;  // empty: what came was no request
  std::string_view target;
  std::string_view host;
  std::string_view referer;
  std::string_view user_agent;
  std::string_view origin_server;  // asked last: whose answer it was, or who gave none
  std::string_view origin_error;   // what it did instead; empty: it answered
  std::string_view cache;          // "hit", "miss", "stale", ...
  std::string_view tls;            // "TLSv1.3"; empty: plain
  std::string_view request_id;
  std::string_view rehearsal;  // the run that it belongs to; empty: a visitor's

  static constexpr std::size_t longest_text_bytes = 8192;
};

}  // namespace tenfold::edge
