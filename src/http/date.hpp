#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

// HTTP dates (RFC 9110, 5.6.7).
namespace tenfold::http {

// A moment as HTTP writes it: whole seconds, UTC. Not WallTime, whose nanoseconds cannot hold the year 9999.
using HttpDate = std::chrono::sys_seconds;

inline constexpr std::size_t date_length = 29;  // "Sun, 06 Nov 1994 08:49:37 GMT"

// Reads the three forms that a recipient must take: IMF-fixdate, RFC 850 and asctime. The name of the weekday must be
// one but is not compared with the date; a leap second counts as the second before it. A year of two digits that would
// lie more than 50 years ahead of `now` is one of the past. Empty for anything else.
std::optional<HttpDate> parse_date(std::string_view text, HttpDate now);

// IMF-fixdate. Years 0 to 9999.
std::array<char, date_length> format_date(HttpDate moment);

}  // namespace tenfold::http
