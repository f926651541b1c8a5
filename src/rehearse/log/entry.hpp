#pragma once

#include <cstdint>
#include <string_view>

namespace tenfold::rehearse {

// One request as an access log tells of it. The views point into the reader's line and are good until the next one.
struct Entry {
  std::int64_t at_ms = 0;       // Unix time; many logs know only whole seconds
  bool zoned = true;            // false: the log's time names no zone, and is taken for UTC
  std::string_view client;      // address, or whatever the log has in its place
  std::string_view forwarded;   // another address of the line: X-Forwarded-For's first, most often; empty: none
  bool client_settled = false;  // the client is from the field that was named for it
  std::string_view method;      // "GET"; empty when the log has no well-formed request line
  std::string_view target;      // path and query, as in the log (still percent-encoded); begins with "/"
  int status = 0;               // 0: the log does not tell
  std::int64_t bytes = -1;      // of the body; -1: the log does not tell
  double seconds = -1;          // the request's duration; -1: the log does not tell
  std::string_view referer;     // empty: none ("-")
  std::string_view user_agent;  // empty: none ("-")
  bool agent_logged = true;     // false: the log has no place for it, so that its absence says nothing
  std::string_view host;        // of the shop that was asked, without port; empty: the log does not tell
};

}  // namespace tenfold::rehearse
