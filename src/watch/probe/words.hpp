#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

// Words for a tired person. Pure.
namespace tenfold::watch {

std::string duration_words(Duration duration);  // "340 µs", "3 ms", "1.5 s", "10 s", "2 min"
std::string date_words(WallTime time);          // "2026-11-01", UTC
std::string count_words(std::uint64_t number);  // "8,388,608"
std::string bytes_words(std::uint64_t number);  // "1 byte", "8,388,608 bytes"
// In quotes; control characters as a blank, at most 80 bytes, never in the middle of a UTF-8 character.
std::string in_quotes(std::string_view text);
// Without control characters, at most 200 bytes.
std::string one_line(std::string_view text);

}  // namespace tenfold::watch
