#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "app/alarm_service/api_json.hpp"
#include "app/alarm_service/channel_health.hpp"
#include "app/alarm_service/facts.hpp"
#include "app/command.hpp"
#include "app/console_client.hpp"
#include "app/load_config.hpp"
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
void add_checks(ConsoleClient& client, ready::Facts& facts) {
  auto answer = client.get("/api/v1/checks");
  if (!answer) {
    // Another failure says only that it could not be asked.
    if (answer.error().code == Errc::refused) {
      facts.nobody_looks = fmt::format("no Tenfold answers at {}", client.address());
    }
    return;
  }
  const auto checks = answer->find("checks");
  if (checks == answer->end() || !checks->is_array()) return;
  for (const auto& check : *checks) {
    if (check.is_object() && text_in(check, "state") == "down") facts.down.push_back(text_in(check, "name"));
  }
}

// How the channels have fared: by what the Tenfold says that runs, else by what the last one left in the store.
void add_channels(const config::Config& config, ConsoleClient* client, ready::Facts& facts) {
  const auto answer = client != nullptr ? client->get("/api/v1/alerts") : fail(Errc::refused, "no console");
  if (!answer) {
    facts.channels = channel_health(tried_in(config.fixed.store));
    return;
  }
  facts.channels = channel_health(tried_in(*answer));
  facts.store_error = text_in(*answer, "store_error");
}

ready::Facts gather(const config::Config& config, const Clock& clock) {
  auto facts = readiness_facts(planned(config.live), nullptr, config.fixed.store, clock.wall_now());
  facts.checks = config.live.watch.checks.size();
  std::optional<ConsoleClient> client;
  if (config.live.console) client.emplace(clock, *config.live.console);
  if (client) add_checks(*client, facts);
  add_channels(config, client ? &*client : nullptr, facts);
  return facts;
}

Exit tell(const ReadyOptions& options, const Terminal& out, const Terminal& err) {
  const auto config = load_config(options.file, err);
  if (!config) return Exit::usage;
  const SystemClock clock;
  const WallTime now = clock.wall_now();
  const auto items = ready::judge(gather(*config, clock), now);
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
