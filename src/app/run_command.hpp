#pragma once

#include <string>

#include "app/command.hpp"
#include "app/terminal.hpp"

namespace tenfold::app {

struct RunOptions {
  std::string file = "shop.yaml";
};

// `tenfold run`: all roles that the configuration names, in this process, until SIGTERM. What it says goes to `err`.
Exit run_service(const RunOptions& options, const Terminal& err);

}  // namespace tenfold::app
