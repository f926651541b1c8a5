#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

#include "app/alarm_service/api_json.hpp"
#include "app/alarm_service/facts.hpp"
#include "app/command.hpp"
#include "app/console_client.hpp"
#include "app/load_config.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "base/clock.hpp"
#include "console/json.hpp"

namespace tenfold::app {
namespace {

struct ReadyOptions {
  std::string file = "shop.yaml";
  bool json = false;
};

Ink ink_of(ready::Item::State state) {
  switch (state) {
    case ready::Item::State::good: return Ink::green;
    case ready::Item::State::stale: return Ink::yellow;
    case ready::Item::State::missing:
    case ready::Item::State::bad: return Ink::red;
  }
  return Ink::red;
}

// Which checks are there, and which are down now by what the Tenfold says that runs.
void add_checks(const config::Replaceable& live, const Clock& clock, ready::Facts& facts) {
  facts.checks = live.watch.checks.size();
  if (!live.console) return;
  ConsoleClient client(clock, *live.console);
  auto answer = client.get("/api/v1/checks");
  if (!answer) {
    // Another failure says only that it could not be asked.
    if (answer.error().code == Errc::refused) {
      facts.nobody_looks = fmt::format("no Tenfold answers at {}", client.address());
    }
    return;
  }
  for (const auto& check : (*answer)["checks"]) {
    if (text_in(check, "state") == "down") facts.down.push_back(text_in(check, "name"));
  }
}

Exit tell(const ReadyOptions& options, const Terminal& out, const Terminal& err) {
  const auto config = load_config(options.file, err);
  if (!config) return Exit::usage;
  const SystemClock clock;
  const WallTime now = clock.wall_now();
  auto facts = readiness_facts(oncall_plan(config->live), nullptr, config->fixed.store, now);
  add_checks(config->live, clock, facts);
  const auto items = ready::judge(facts, now);
  const Exit exit = ready::is_ready(items) ? Exit::good : Exit::falls_short;
  if (options.json) {
    out.line(console::to_text(ready_json(items)));
    return exit;
  }
  out.line(exit == Exit::good ? out.ink(Ink::green, "READY") : out.ink(Ink::red, "NOT READY"));
  for (const ready::Item& item : items) {
    out.line(fmt::format("  {} {:<16} {}", out.ink(ink_of(item.state), fmt::format("{:<8}", ready::name(item.state))),
                         item.name, item.words));
  }
  return exit;
}

}  // namespace

void add_ready_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<ReadyOptions>();
  auto* command = program.add_subcommand(
      "ready",
      "Says what was tried for the next rush or bad night and came out well (rehearsal, phone, watch, on call), what "
      "is too long ago, and what is missing");
  command->add_option("-c,--config,file", options->file, "The configuration")->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object: ready, items");
  command->callback([=, &exit] { exit = tell(*options, Terminal(1), Terminal(2)); });
}

}  // namespace tenfold::app
