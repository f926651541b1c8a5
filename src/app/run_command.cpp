#include "app/run_command.hpp"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "app/certificate_check.hpp"
#include "app/log_setup.hpp"
#include "app/serve/service.hpp"
#include "base/log.hpp"
#include "config/load.hpp"
#include "console/json.hpp"

namespace tenfold::app {
namespace {

Exit exit_after(const Error& error) {
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

// Standard output for one object alone: whatever else writes there, as the access log may, writes to standard error
// from here on.
int take_standard_output() {
  const int taken = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  return taken;
}

std::string served_json(const Service::Served& served) {
  return console::to_text({{"shop", served.shop},
                           {"listening", served.listening},
                           {"console", served.console.empty() ? console::Json(nullptr) : console::Json(served.console)},
                           {"workers", served.workers},
                           {"backend", served.backend}});
}

}  // namespace

Exit run_service(const RunOptions& options, const Terminal& err) {
  auto surroundings = config::system_surroundings();
  surroundings.certificate_check = certificate_check(surroundings.now);
  auto loaded = config::load_file(options.file, surroundings);
  for (const config::Problem& problem : loaded.problems) {
    err.line(config::text(problem));
  }
  if (!loaded.ok()) {
    err.line(fmt::format("{} {} has errors; nothing was started", err.ink(Ink::red, "tenfold:"), options.file));
    return Exit::usage;
  }
  const bool json = options.show == RunOptions::Show::json;
  const Terminal out(json ? take_standard_output() : 1);
  log_to_standard_error();
  const SystemClock clock;
  auto service = Service::make(options.file, std::move(*loaded.config), clock);
  if (!service) {
    err.line(fmt::format("{} {}", err.ink(Ink::red, "tenfold:"), service.error().text()));
    return exit_after(service.error());
  }
  auto ran = (*service)->run([&](const Service::Served& served) {
    if (json) out.line(served_json(served));
  });
  if (!ran) {
    err.line(fmt::format("{} {}", err.ink(Ink::red, "tenfold:"), ran.error().text()));
    return exit_after(ran.error());
  }
  return Exit::good;
}

void add_run_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<RunOptions>();
  auto* command = program.add_subcommand("run", "Runs all roles that the configuration names");
  command->add_option("-c,--config,file", options->file, "The configuration")->capture_default_str();
  command->add_flag_callback(
      "--json", [=] { options->show = RunOptions::Show::json; },
      "Once it serves: what and where, as one JSON object; the access log's \"-\" is then standard error");
  command->callback([=, &exit] { exit = run_service(*options, Terminal(2)); });
}

}  // namespace tenfold::app
