#include "app/check_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/advice/advice.hpp"
#include "app/alarm_service/facts.hpp"
#include "app/certificate_check.hpp"
#include "app/machine_checks.hpp"
#include "app/wiring/guard_summary.hpp"
#include "app/wiring/kernel_blocks.hpp"
#include "app/wiring/known_checks.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "config/load.hpp"
#include "config/reference.hpp"
#include "config/text.hpp"
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

std::string names_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 5;
  std::string joined;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) joined += (i == 0 ? "" : ", ") + names[i];
  return names.size() > most ? joined + fmt::format(" and {} more", names.size() - most) : joined;
}

std::string watch_summary(const config::Config& config) {
  const auto& checks = config.live.watch.checks;
  if (checks.empty()) return "watch: nothing looks at the shop from outside (watch.checks)";
  std::vector<std::string> names;
  for (const auto& check : checks) names.push_back(check.name);
  return fmt::format("watch: {}: {}", plural(checks.size(), "check"), names_of(names));
}

// Who would be rung first now, and whether that holds for the weeks to come.
std::string oncall_summary(const config::Config& config, WallTime now) {
  if (!config.live.oncall || config.live.oncall->people.empty()) {
    return "on call: nobody is told of anything (oncall.people)";
  }
  const oncall::Plan plan = oncall_plan(config.live);
  const auto escalation = oncall::escalation_of(plan, "");
  const auto ring = oncall::ring_order(plan, escalation, now);
  const std::string first =
      ring.empty()
          ? "nobody is rung"
          : fmt::format("now {} is told first, by {}{}", ring.front().who, oncall::name(ring.front().contact.channel),
                        ring.front().contact.to.empty() ? "" : " " + ring.front().contact.to);
  const auto holes = oncall::holes(plan, now, now + weeks_ahead);
  const auto quiet = oncall::quiet_stretches(plan, now, now + weeks_ahead);
  std::string ahead = holes.empty() && quiet.empty() ? "no hole" : "";
  if (!holes.empty()) ahead = plural(holes.size(), "hole");
  if (!quiet.empty()) {
    ahead += fmt::format("{}{} in which nobody of yours is rung", holes.empty() ? "" : " and ",
                         quiet.size() == 1 ? "1 stretch" : fmt::format("{} stretches", quiet.size()));
  }
  return fmt::format("on call: {}, {}; {}; {}",
                     fmt::format("{} {}", plan.people.size(), plan.people.size() == 1 ? "person" : "people"),
                     plural(plan.escalations.size(), "escalation"), first, ahead + " in the next four weeks");
}

// What it will do with a good configuration and what it lacks for that, a line each; what belongs to the line before it
// is indented.
std::vector<std::string> notes(const config::Config& config, WallTime now) {
  std::vector<std::string> lines{"guard: " + guard_summary(config.live), "  " + kernel_outlook(config)};
  for (const std::string& gap : guard_gaps(config.live)) lines.push_back("  " + gap);
  lines.push_back(watch_summary(config));
  if (const std::string known = known_checks(config.live); !known.empty()) lines.push_back("  " + known);
  lines.push_back(oncall_summary(config, now));
  return lines;
}

// As config::problems_json(), and the notes.
nlohmann::json report_json(const config::Loaded& loaded, WallTime now) {
  nlohmann::json report = config::problems_json(loaded.problems);
  auto& list = report["notes"] = nlohmann::json::array();
  if (!loaded.ok()) return report;
  for (const std::string& line : notes(*loaded.config, now)) {
    list.push_back(config::valid_utf8(line.substr(line.find_first_not_of(' '))));
  }
  return report;
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
  surroundings.user_check = check_user;
  surroundings.group_check = check_group;
  surroundings.store_check = check_store;
  surroundings.access_log_check = check_access_log;
  auto loaded = config::load_file(options.file, surroundings);
  if (loaded.ok()) {
    std::ranges::move(advice(loaded, options.file, surroundings.now), std::back_inserter(loaded.problems));
    std::ranges::stable_sort(loaded.problems, {},
                             [](const config::Problem& each) { return std::pair(each.line, each.column); });
  }
  const Exit exit = loaded.ok() ? Exit::good : Exit::usage;
  if (options.show == CheckOptions::Show::json) {
    out.line(report_json(loaded, surroundings.now).dump(2));
    return exit;
  }
  for (const auto& problem : loaded.problems) report(problem, err);
  if (loaded.ok()) {
    out.line(fmt::format("{} {}", out.ink(Ink::green, "good"), summary(*loaded.config)));
    for (const std::string& line : notes(*loaded.config, surroundings.now)) out.line("  " + line);
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
      "--json", [=] { options->show = Show::json; }, "One JSON object: ok, errors, warnings, notes");
  shows->add_flag_callback(
      "--schema", [=] { options->show = Show::schema; }, "The configuration's JSON Schema, for editors");
  shows->add_flag_callback(
      "--reference", [=] { options->show = Show::reference; }, "Every key, as docs/configuration.md has it");
  shows->require_option(0, 1);
  command->callback([=, &exit] { exit = check(*options, Terminal(1), Terminal(2)); });
}

}  // namespace tenfold::app
