#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "edge/access_log/access_entry.hpp"

namespace tenfold::edge {

enum class AccessFormat : std::uint8_t { combined, json };

// The time of day in the machine's time zone, written anew only when the second changes. Not thread-safe.
class AccessTime {
 public:
  std::string_view combined(WallTime at);  // 23/Nov/2026:09:06:00 +0100
  std::string_view iso8601(WallTime at);   // 2026-11-23T09:06:00+01:00

 private:
  void update(WallTime at);

  std::int64_t second_ = INT64_MIN;  // since 1970, of what is written
  std::array<char, 40> combined_{};
  std::size_t combined_length_ = 0;
  std::array<char, 40> iso8601_{};
  std::size_t iso8601_length_ = 0;
};

// nginx's predefined "combined" format, byte for byte, with a line feed: in texts, quotes, backslashes, control bytes
// and everything past ASCII become \xXX. Appends to `out`.
void format_combined(const AccessEntry& entry, AccessTime& time, std::string& out);

// One JSON object with a line feed, always the same keys, called as nginx calls its variables. Always valid UTF-8:
// bytes that are not become \u00XX, and so do characters that a terminal obeys or that turn text around. Appends to
// `out`.
void format_json(const AccessEntry& entry, AccessTime& time, std::string& out);

}  // namespace tenfold::edge
