#include "app/check_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "app/certificate_check.hpp"
#include "config/load.hpp"
#include "config/reference.hpp"

namespace tenfold::app {
namespace {

void report(const config::Problem& problem, const Terminal& err) {
  const bool warning = problem.severity == config::Severity::warning;
  err.line(fmt::format("{} {}{}",
                       err.ink(Ink::bold, fmt::format("{}:{}:{}:", problem.file, problem.line, problem.column)),
                       err.ink(warning ? Ink::yellow : Ink::red, warning ? "warning: " : "error: "), problem.message));
}

std::string plural(std::size_t n, std::string_view thing) {
  return fmt::format("{} {}{}", n, thing, n == 1 ? "" : "s");
}

std::string summary(const config::Config& config) {
  std::size_t servers = 0;
  for (const auto& origin : config.live.origins) servers += origin.servers.size();
  return fmt::format("{}: {}, {} with {}, console {}", config.live.shop, plural(config.live.listen.size(), "listener"),
                     plural(config.live.origins.size(), "origin"), plural(servers, "server"),
                     config.live.console ? config.live.console->address.text() : "off");
}

}  // namespace

Exit check(const CheckOptions& options, const Terminal& out, const Terminal& err) {
  if (options.show == CheckOptions::Show::schema) {
    out.line(config::json_schema_text());
    return Exit::good;
  }
  if (options.show == CheckOptions::Show::reference) {
    out.line(config::reference_text());
    return Exit::good;
  }
  auto surroundings = config::system_surroundings();
  surroundings.certificate_check = certificate_check(surroundings.now);
  const auto loaded = config::load_file(options.file, surroundings);
  const Exit exit = loaded.ok() ? Exit::good : Exit::usage;
  if (options.show == CheckOptions::Show::json) {
    out.line(config::problems_json(loaded.problems).dump(2));
    return exit;
  }
  for (const auto& problem : loaded.problems) report(problem, err);
  if (loaded.ok()) {
    out.line(fmt::format("{} {}", out.ink(Ink::green, "good"), summary(*loaded.config)));
  } else {
    const auto errors = std::ranges::count(loaded.problems, config::Severity::error, &config::Problem::severity);
    err.line(fmt::format("{} in {}", plural(static_cast<std::size_t>(errors), "error"), options.file));
  }
  return exit;
}

void add_check_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<CheckOptions>();
  auto* command = program.add_subcommand("check", "Says everything that is wrong with a configuration");
  command->add_option("-c,--config,file", options->file, "The configuration")->capture_default_str();
  auto* shows = command->add_option_group("output");
  using Show = CheckOptions::Show;
  shows->add_flag_callback(
      "--json", [=] { options->show = Show::json; }, "One JSON object: ok, errors, warnings");
  shows->add_flag_callback(
      "--schema", [=] { options->show = Show::schema; }, "The configuration's JSON Schema, for editors");
  shows->add_flag_callback(
      "--reference", [=] { options->show = Show::reference; }, "Every key, as docs/configuration.md has it");
  shows->require_option(0, 1);
  command->callback([=, &exit] { exit = check(*options, Terminal(1), Terminal(2)); });
}

}  // namespace tenfold::app
