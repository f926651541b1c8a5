#pragma once

#include <cstdint>
#include <string_view>

namespace tenfold::rehearse {

// One request as an access log tells of it. The views point into the reader's line and are good until the next one.
struct Entry {
  std::int64_t at_ms = 0;       // Unix time; many logs know only whole seconds
  std::string_view client;      // address, or whatever the log has in its place
  std::string_view method;      // "GET"; empty when the log has no well-formed request line
  std::string_view target;      // path and query, as in the log (still percent-encoded); begins with "/"
  int status = 0;               // 0: the log does not tell
  std::int64_t bytes = -1;      // of the body; -1: the log does not tell
  double seconds = -1;          // the request's duration; -1: the log does not tell
  std::string_view referer;     // empty: none ("-")
  std::string_view user_agent;  // empty: none ("-")
};

}  // namespace tenfold::rehearse
