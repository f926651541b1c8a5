#include "app/log_setup.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

namespace tenfold::app {

void log_to_standard_error() {
  // Not by spdlog's factory, which throws when it is asked twice.
  auto logger = std::make_shared<spdlog::logger>("tenfold", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_errors_to_standard_error() {
  log_to_standard_error();
  spdlog::set_level(spdlog::level::err);
}

}  // namespace tenfold::app
