#pragma once

#include <CLI/App.hpp>

#include "app/command.hpp"

namespace tenfold::app {

// What holds for every command: --help, --version, how a wrong command line is answered.
void describe(CLI::App& program);

// Parses the command line, runs the command and gives the exit code. A wrong command line is explained on standard
// error and is Exit::usage.
int run(CLI::App& program, int argc, const char* const* argv, const Exit& exit);

}  // namespace tenfold::app
