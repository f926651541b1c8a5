#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "rehearse/log/entry.hpp"

namespace tenfold::rehearse {

struct BadLine {
  std::string file;
  std::uint64_t number = 0;  // from 1
  std::string text;          // its first 200 bytes, control bytes replaced
  std::string expected;      // what was wrong, and what was expected
};

struct LogCounts {
  std::uint64_t lines = 0;      // empty ones and comments left out
  std::uint64_t bad_lines = 0;  // of those: counted and passed over
  std::uint64_t late_lines =
      0;  // of those that are good: older than the sorting window lets them be put right; taken as they come
  std::vector<BadLine> examples;  // the first five bad ones
};

struct LogReaderOptions {
  // Lines may be out of order by this much and are put right. Memory is bounded too: past most_waiting lines the window
  // is shorter.
  Duration sorting_window = std::chrono::seconds(30);
  std::size_t most_waiting = 200'000;
};

// Reads access logs: nginx and Apache combined and common (further fields allowed), JSON lines (nginx, Caddy, Traefik
// and the edge's own field names), HAProxy's HTTP format; found out by line, so that mixed files are fine. Plain or
// gzip (by content), "-" is standard input, and pipes. Several files are one log, merged by time: their order does not
// matter. Calls `visit` for each request in the order of time. One thread. Errors: not_found, refused (may not be
// read), invalid (broken gzip: what came before has been visited; no log at all: not one good line).
Result<LogCounts> read_logs(const std::vector<std::string>& files, const LogReaderOptions& options,
                            const std::function<void(const Entry&)>& visit);

}  // namespace tenfold::rehearse
