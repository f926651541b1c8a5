#include "app/run_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

#include "app/certificate_check.hpp"
#include "app/log_setup.hpp"
#include "app/serve/service.hpp"
#include "base/log.hpp"
#include "config/load.hpp"

namespace tenfold::app {
namespace {

Exit exit_of(const Error& error) {
  switch (error.code) {
    case Errc::busy:
    case Errc::refused:
    case Errc::unreachable:
    case Errc::exhausted:
    case Errc::unsupported: return Exit::machine_lacks;
    case Errc::invalid:
    case Errc::not_found: return Exit::usage;
    default: return Exit::falls_short;
  }
}

}  // namespace

Exit run_service(const RunOptions& options, const Terminal& err) {
  auto surroundings = config::system_surroundings();
  surroundings.certificate_check = certificate_check(surroundings.now);
  auto loaded = config::load_file(options.file, surroundings);
  for (const config::Problem& problem : loaded.problems) {
    err.line(fmt::format("{}:{}:{}: {}", problem.file, problem.line, problem.column, problem.message));
  }
  if (!loaded.ok()) {
    err.line(fmt::format("{} {} has errors; nothing was started", err.ink(Ink::red, "tenfold:"), options.file));
    return Exit::usage;
  }
  log_to_standard_error();
  const SystemClock clock;
  auto service = Service::make(options.file, std::move(*loaded.config), clock);
  if (!service) {
    err.line(fmt::format("{} {}", err.ink(Ink::red, "tenfold:"), service.error().text()));
    return exit_of(service.error());
  }
  auto ran = (*service)->run();
  if (!ran) {
    err.line(fmt::format("{} {}", err.ink(Ink::red, "tenfold:"), ran.error().text()));
    return exit_of(ran.error());
  }
  return Exit::good;
}

void add_run_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<RunOptions>();
  auto* command = program.add_subcommand("run", "Runs all roles that the configuration names");
  command->add_option("-c,--config,file", options->file, "The configuration")->capture_default_str();
  command->callback([=, &exit] { exit = run_service(*options, Terminal(2)); });
}

}  // namespace tenfold::app
