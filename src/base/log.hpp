#pragma once

#include <fmt/core.h>

// The program's own log: what an operator should know. Written to standard error by spdlog, whose default logger app/
// sets up; its headers, which take seconds to compile, stay behind this one. Thread-safe. Not for the request path:
// requests go to the access log and the metrics.
namespace tenfold::log {

enum class Level : unsigned char { debug, info, warn, error };

bool is_wanted(Level level);
void write(Level level, fmt::string_view format, fmt::format_args arguments);

template <class... Arguments>
void debug(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  if (is_wanted(Level::debug)) write(Level::debug, format, fmt::make_format_args(arguments...));
}

template <class... Arguments>
void info(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  if (is_wanted(Level::info)) write(Level::info, format, fmt::make_format_args(arguments...));
}

template <class... Arguments>
void warn(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  if (is_wanted(Level::warn)) write(Level::warn, format, fmt::make_format_args(arguments...));
}

template <class... Arguments>
void error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  if (is_wanted(Level::error)) write(Level::error, format, fmt::make_format_args(arguments...));
}

}  // namespace tenfold::log
