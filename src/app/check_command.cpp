#include "app/check_command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

#include "app/alarm_service/api_json.hpp"
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
  return fmt::format(
      "on call: {}, {}; {}; {}",
      fmt::format("{} {}", plan.people.size(), plan.people.size() == 1 ? "person" : "people"),
      plural(plan.escalations.size(), "escalation"), first,
      holes.empty() ? "no hole in the next four weeks" : plural(holes.size(), "hole") + " in the next four weeks");
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

// Escalations that name none of the shop's own: allowed, and hardly meant.
void add_outside_only(const config::Config& config, const std::string& file, std::vector<config::Problem>& problems) {
  if (!config.live.oncall) return;
  const oncall::Plan plan = oncall_plan(config.live);
  for (const oncall::Escalation& escalation : plan.escalations) {
    bool names_somebody = false;
    bool names_our_own = false;
    for (const oncall::EscalationStep& step : escalation.steps) {
      for (const std::string& name : step.notify) {
        names_somebody = true;
        names_our_own = names_our_own || oncall::find_outside_party(plan, name) == nullptr;
      }
    }
    if (!names_somebody || names_our_own) continue;
    problems.push_back({config::Severity::warning, file, line_of(file, "oncall"), 1,
                        fmt::format("escalation {} names outside parties only: nobody of yours is told before one of "
                                    "them has pressed a key, or all of it has been repeated",
                                    escalation.name)});
  }
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
    add_holes(*loaded.config, options.file, surroundings.now, loaded.problems);
    add_outside_only(*loaded.config, options.file, loaded.problems);
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
