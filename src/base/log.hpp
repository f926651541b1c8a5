#pragma once

#include <spdlog/spdlog.h>

// The program's own log: what an operator should know. Written to standard error through spdlog's default logger,
// which app/ sets up. Thread-safe. Not for the request path: requests go to the access log and the metrics.
namespace tenfold::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

}  // namespace tenfold::log
