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
  std::uint64_t lines = 0;         // empty ones and comments left out
  std::uint64_t bad_lines = 0;     // of those: counted and passed over
  std::uint64_t late_lines = 0;    // of those that are good: too few out of order to sort for; taken as they come
  std::uint64_t lone_lines = 0;    // far from all others in time: left out
  std::uint64_t other_hosts = 0;   // of hosts that were not asked for: left out
  bool sorted = false;             // they were out of order, and were sorted on disk
  std::string client = "peer";     // where most lines' visitors are from: "peer", "forwarded" or the field's name
  std::uint64_t peers = 0;         // different addresses that connected, up to 4,096
  std::vector<std::string> notes;  // in words: what was remarkable, and what was done about it
  std::vector<BadLine> examples;   // the first five bad ones
};

struct LogReaderOptions {
  // Lines may be out of order by this much and are put right. Memory is bounded too: past most_waiting lines the window
  // is shorter.
  Duration sorting_window = std::chrono::minutes(1);
  std::size_t most_waiting = 200'000;
  std::size_t sorting_memory_bytes = 16u << 20;
  std::string format;  // of the lines, in nginx's or Apache's words; empty: found out, line by line
  // Whose address is the visitor's: "peer", "forwarded", or a field by its name; empty: found out.
  std::string client_field;
  std::string host;  // the only one whose lines count; empty: all
  // Called when what was visited is void, and all will be visited anew: the log turned out to be out of order, or
  // its visitors' addresses to be elsewhere. Empty: the log is read twice, if need be, and visited once.
  std::function<void()> start_over;
};

// Reads access logs, in any of the formats of docs/logs.md; found out by line, so that mixed files are fine. Plain or
// packed (by content), "-" is standard input, and pipes. Several files are one log: their order does not matter. Calls
// `visit` for each request in the order of time; its `client` is the visitor. A log that is out of order is sorted on
// disk; files are read a second time for that, pipes are kept on disk from the beginning. One thread.
// Errors: not_found, refused (may not be read), invalid (broken gzip: what came before has been visited; no log at
// all: not one good line; no line of the wanted host; no line with the named field), failed (no room to sort in).
Result<LogCounts> read_logs(const std::vector<std::string>& files, const LogReaderOptions& options,
                            const std::function<void(const Entry&)>& visit);

}  // namespace tenfold::rehearse
