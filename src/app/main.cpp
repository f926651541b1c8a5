#include <CLI/CLI.hpp>

#include "app/command.hpp"
#include "app/program.hpp"

int main(int argc, char** argv) {
  using namespace tenfold::app;
  Exit exit = Exit::good;
  CLI::App program("Tenfold keeps an online shop selling through attacks and rushes.", "tenfold");
  describe(program);
  add_check_command(program, exit);
  add_learn_command(program, exit);
  add_rehearse_command(program, exit);
  add_run_command(program, exit);
  add_who_command(program, exit);
  add_drill_command(program, exit);
  add_alerts_command(program, exit);
  add_ack_command(program, exit);
  add_ready_command(program, exit);
  add_shop_command(program, exit);
  return run(program, argc, argv, exit);
}
