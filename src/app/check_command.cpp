#include "app/check_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

#include "app/alarm/api_json.hpp"
#include "app/alarm/facts.hpp"
#include "app/certificate_check.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "config/load.hpp"
#include "config/reference.hpp"
#include "oncall/people/roster.hpp"

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

// The line of a key at the top level; 1 where it is written in some other way.
int line_of(const std::string& file, std::string_view key) {
  std::ifstream in(file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.starts_with(key) && std::string_view(line).substr(key.size()).starts_with(':')) return number;
  }
  return 1;
}

// Steps that will reach nobody in the weeks ahead, although each part of the plan is good by itself.
void add_holes(const config::Config& config, const std::string& file, WallTime now,
               std::vector<config::Problem>& problems) {
  if (!config.live.oncall) return;
  constexpr std::size_t most = 5;
  const oncall::Plan plan = oncall_plan(config.live);
  const auto holes = oncall::holes(plan, now, now + weeks_ahead);
  const int line = line_of(file, "oncall");
  for (std::size_t i = 0; i < holes.size() && i < most; ++i) {
    problems.push_back({config::Severity::warning, file, line, 1, hole_text(plan, holes[i])});
  }
  if (holes.size() > most) {
    problems.push_back({config::Severity::warning, file, line, 1,
                        fmt::format("and {} more such hole{} in the next four weeks", holes.size() - most,
                                    holes.size() - most == 1 ? "" : "s")});
  }
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
  auto loaded = config::load_file(options.file, surroundings);
  if (loaded.ok()) add_holes(*loaded.config, options.file, surroundings.now, loaded.problems);
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
