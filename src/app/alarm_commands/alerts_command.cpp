#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/command.hpp"
#include "app/console_client.hpp"
#include "app/load_config.hpp"
#include "app/moments.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "base/clock.hpp"
#include "config/units.hpp"

// `tenfold alerts` and `tenfold ack`: what the running Tenfold says of its alerts, and taking one over.
namespace tenfold::app {
namespace {

struct AlertsOptions {
  std::string file = "shop.yaml";
  bool all = false;
  bool json = false;
};

struct AckOptions {
  std::string file = "shop.yaml";
  std::int64_t id = 0;
  std::string by;
  std::string silence;
  enum class Holder : unsigned char { stays, is_replaced } holder = Holder::stays;
  bool json = false;
};

Exit complain(const Terminal& err, std::string_view command, const Error& error, const ConsoleClient& client) {
  if (error.code == Errc::refused) {
    err.line(fmt::format("{} no Tenfold answers at {}; start it with `tenfold run`", err.ink(Ink::red, command),
                         client.address()));
    return Exit::machine_lacks;
  }
  err.line(fmt::format("{} {}", err.ink(Ink::red, command), error.detail));
  return error.code == Errc::invalid ? Exit::falls_short : Exit::machine_lacks;
}

std::optional<config::Config> config_with_console(const std::string& file, const Terminal& err) {
  auto config = load_config(file, err);
  if (config && !config->live.console) {
    err.line(fmt::format("{} {} has no `console:`, through which a running Tenfold is asked",
                         err.ink(Ink::red, "tenfold:"), file));
    return std::nullopt;
  }
  return config;
}

// Times are in the plan's time zone.
void show(const oncall::Plan& plan, const nlohmann::json& alert, const Terminal& out) {
  const std::string state = alert["state"];
  const bool ringing = state == "ringing";
  std::string head =
      fmt::format("{} {} {}, began {}", alert["kind"] == "drill" ? "drill" : "alert", alert["id"].get<std::int64_t>(),
                  state, shown_moment(plan, alert["began"].get<std::string>()));
  if (!alert["acknowledged_by"].get<std::string>().empty()) {
    const std::string since = text_in(alert, "acknowledged_at");
    head += fmt::format(", acknowledged by {} ({}){}", alert["acknowledged_by"].get<std::string>(),
                        alert["acknowledged_how"].get<std::string>(),
                        since.empty() ? "" : " since " + shown_moment(plan, since));
  }
  out.line(out.ink(ringing ? Ink::red : Ink::bold, head));
  for (const auto& trouble : alert["troubles"]) {
    out.line(fmt::format("  {}: {}", trouble["source"].get<std::string>(), trouble["what"].get<std::string>()));
  }
  for (const auto& gap : alert["gaps"]) out.line(fmt::format("  {}", gap.get<std::string>()));
  for (const auto& send : alert["sends"]) {
    const std::string way = send["to"].get_ref<const std::string&>().empty()
                                ? send.value("channel", "")
                                : fmt::format("{} {}", send.value("channel", ""), send["to"].get<std::string>());
    out.line(fmt::format("  {} {:<8} {:<10} {:<22} {:<9} {}", shown_moment(plan, send["created_at"].get<std::string>()),
                         send["kind"].get<std::string>(), send["who"].get<std::string>(), way,
                         send["state"].get<std::string>(), send["detail"].get<std::string>()));
    const std::string trouble = send.value("trouble", "");
    if (!trouble.empty() && send["detail"] != trouble) out.line(fmt::format("    before that: {}", trouble));
  }
}

Exit alerts(const AlertsOptions& options, const Terminal& out, const Terminal& err) {
  const auto config = config_with_console(options.file, err);
  if (!config) return Exit::usage;
  const SystemClock clock;
  ConsoleClient client(clock, *config->live.console);
  auto answer = client.get("/api/v1/alerts");
  if (!answer) return complain(err, "tenfold alerts:", answer.error(), client);
  auto& list = (*answer)["alerts"];
  if (!list.is_array()) {
    err.line(fmt::format("{} {} does not speak Tenfold's API", err.ink(Ink::red, "tenfold alerts:"), client.address()));
    return Exit::machine_lacks;
  }
  if (!options.all) {
    std::erase_if(list.get_ref<nlohmann::json::array_t&>(), [](const auto& each) { return each["state"] == "over"; });
  }
  if (options.json) {
    out.line(answer->dump());
    return Exit::good;
  }
  if ((*answer)["from_memory"] == true) {
    err.line(fmt::format("{} {}", err.ink(Ink::yellow, "the store cannot be written, it rings from memory:"),
                         (*answer)["store_error"].get<std::string>()));
  }
  const oncall::Plan plan = oncall_plan(config->live);
  for (const auto& alert : list) show(plan, alert, out);
  if (list.empty()) out.line(options.all ? "There has been no alert." : "No alert is open.");
  return Exit::good;
}

Exit acknowledge(const AckOptions& options, const Terminal& out, const Terminal& err) {
  const auto config = config_with_console(options.file, err);
  if (!config) return Exit::usage;
  if (!options.silence.empty() && !config::parse_duration(options.silence)) {
    err.line(fmt::format("{} --silence {}: expected a duration such as 30m", err.ink(Ink::red, "tenfold ack:"),
                         options.silence));
    return Exit::usage;
  }
  const oncall::Plan plan = oncall_plan(config->live);
  if (!options.by.empty() && !has_somebody(plan, options.by)) {
    err.line(fmt::format("{} --by: {}", err.ink(Ink::red, "tenfold ack:"), nobody_called(plan, options.by)));
    return Exit::usage;
  }
  const SystemClock clock;
  ConsoleClient client(clock, *config->live.console);
  nlohmann::json body{{"id", options.id}};
  if (options.holder == AckOptions::Holder::is_replaced) body["take_over"] = true;
  if (!options.by.empty()) body["by"] = options.by;
  if (!options.silence.empty()) body["for"] = options.silence;
  auto answer = client.post(options.silence.empty() ? "/api/v1/alerts/acknowledge" : "/api/v1/alerts/silence", body);
  if (!answer) return complain(err, "tenfold ack:", answer.error(), client);
  if (options.json) {
    out.line(answer->dump());
  } else if (options.silence.empty() && oncall::find_outside_party(plan, options.by) != nullptr) {
    out.line(fmt::format("{} is not rung for alert {} any more; it goes on until one of yours takes it", options.by,
                         options.id));
  } else if (options.silence.empty()) {
    out.line(fmt::format("alert {} is acknowledged; it rings again if nothing is mended in time", options.id));
  } else {
    out.line(fmt::format("alert {} is silent for {}", options.id, options.silence));
  }
  return Exit::good;
}

}  // namespace

void add_alerts_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<AlertsOptions>();
  auto* command = program.add_subcommand("alerts", "Says which alerts are open, and who has been told");
  command->add_option("-c,--config,file", options->file, "The configuration")->capture_default_str();
  command->add_flag("--all", options->all, "Also those that are over");
  command->add_flag("--json", options->json, "One JSON object: alerts, ...");
  command->callback([=, &exit] { exit = alerts(*options, Terminal(1), Terminal(2)); });
}

void add_ack_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<AckOptions>();
  auto* command = program.add_subcommand("ack", "Acknowledges an alert: you take care of it, and nobody else is rung");
  command->add_option("id", options->id, "The alert's number, as `tenfold alerts` has it")->required();
  command->add_option("-c,--config", options->file, "The configuration")->capture_default_str();
  command->add_option("--by", options->by, "Who you are, by a name of oncall.people; without it, \"console\"");
  command->add_flag_callback(
      "--take-over", [=] { options->holder = AckOptions::Holder::is_replaced; },
      "Also where another has it; without it, who has it is said, and the exit code is 1");
  command->add_option("--silence", options->silence, "No ringing for so long instead: 30m, 2h, a week at most");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([=, &exit] { exit = acknowledge(*options, Terminal(1), Terminal(2)); });
}

}  // namespace tenfold::app
