#include "app/log_setup.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>

#include "base/log.hpp"

namespace tenfold::app {

void log_to_standard_error() {
  auto logger = spdlog::stderr_color_mt("tenfold");
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace tenfold::app
