#pragma once

#include <CLI/App.hpp>

// Each command of the program has a file of its own: it adds its subcommand with its options, and a callback that does
// the work and leaves the exit code behind.
namespace tenfold::app {

// What the program ends with (DESIGN.md, section 3).
enum class Exit : int {
  good = 0,
  falls_short = 1,    // the thing examined: a failed verdict, not ready
  usage = 2,          // or configuration
  invalid = 3,        // the measurement
  refused = 4,        // ownership not proven
  machine_lacks = 5,  // a port, a capability
};

void add_ack_command(CLI::App& program, Exit& exit);
void add_alerts_command(CLI::App& program, Exit& exit);
void add_check_command(CLI::App& program, Exit& exit);
void add_drill_command(CLI::App& program, Exit& exit);
void add_learn_command(CLI::App& program, Exit& exit);
void add_ready_command(CLI::App& program, Exit& exit);
void add_rehearse_command(CLI::App& program, Exit& exit);
void add_run_command(CLI::App& program, Exit& exit);
void add_shop_command(CLI::App& program, Exit& exit);
void add_who_command(CLI::App& program, Exit& exit);

}  // namespace tenfold::app
