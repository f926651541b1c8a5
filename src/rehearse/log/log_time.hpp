#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tenfold::rehearse {

// Time stamps of access logs. Each reader remembers the last one, since most lines have that of the line before.
class LogTime {
 public:
  // "26/Jan/2019:19:45:25 +0330" (nginx, Apache), "06/Feb/2009:12:14:14.655" (HAProxy; without a zone it is UTC): Unix
  // time in milliseconds.
  std::optional<std::int64_t> common(std::string_view text);
  // "2026-11-24T08:15:30.123Z", "2026-11-24 08:15:30+01:00" (RFC 3339).
  std::optional<std::int64_t> rfc3339(std::string_view text);
  // Seconds, or milliseconds, microseconds or nanoseconds where the number is too great for seconds: "1764000000.123".
  static std::optional<std::int64_t> unix_time(std::string_view text);
  // Any of these.
  std::optional<std::int64_t> any(std::string_view text);
  // Whether the last one that was read named its zone.
  bool zoned() const { return zoned_; }

 private:
  std::array<char, 40> last_text_{};
  std::size_t last_size_ = 0;
  std::int64_t last_ms_ = 0;
  bool last_zoned_ = true;
  bool zoned_ = true;
};

}  // namespace tenfold::rehearse
