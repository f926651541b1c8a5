#pragma once

#include <optional>
#include <string>

#include "app/terminal.hpp"
#include "config/config.hpp"

namespace tenfold::app {

// For commands that need the configuration and do something else with it: its errors go to `err`, warnings are left to
// `tenfold check`. Nothing: it has errors.
std::optional<config::Config> load_config(const std::string& file, const Terminal& err);

}  // namespace tenfold::app
