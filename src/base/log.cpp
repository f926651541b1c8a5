#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace tenfold::log {
namespace {

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: break;
  }
  return spdlog::level::err;
}

}  // namespace

bool is_wanted(Level level) { return spdlog::should_log(level_of(level)); }

void write(Level level, fmt::string_view format, fmt::format_args arguments) {
  fmt::memory_buffer line;
  fmt::vformat_to(fmt::appender(line), format, arguments);
  spdlog::log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace tenfold::log
