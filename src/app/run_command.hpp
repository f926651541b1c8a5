#pragma once

#include <string>

#include "app/command.hpp"
#include "app/terminal.hpp"

namespace tenfold::app {

struct RunOptions {
  std::string file = "shop.yaml";
  enum class Show : unsigned char { words, json } show = Show::words;
};

// `tenfold run`: all roles that the configuration names, in this process, until SIGTERM. What it says goes to `err`;
// what is served and where, once it is, to standard output as one JSON object if that is asked for.
Exit run_service(const RunOptions& options, const Terminal& err);

}  // namespace tenfold::app
