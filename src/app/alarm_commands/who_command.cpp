#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/alarm_service/api_json.hpp"
#include "app/command.hpp"
#include "app/load_config.hpp"
#include "app/moments.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "base/clock.hpp"
#include "console/json.hpp"
#include "oncall/people/local_time.hpp"

namespace tenfold::app {
namespace {

struct WhoOptions {
  std::string file = "shop.yaml";
  std::string at;  // empty: now
  std::string escalation;
  bool json = false;
};

std::string minutes_text(Duration after) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(after).count();
  if (seconds == 0) return "at once";
  return seconds % 60 == 0 ? fmt::format("after {} min", seconds / 60) : fmt::format("after {} s", seconds);
}

std::string minutes_of(Duration duration) {
  return fmt::format("{} min", std::chrono::duration_cast<std::chrono::minutes>(duration).count());
}

std::string_view language_word(oncall::Language language) {
  switch (language) {
    case oncall::Language::en: return "English";
    case oncall::Language::de: return "German";
    case oncall::Language::fr: return "French";
    case oncall::Language::es: return "Spanish";
  }
  return "?";
}

void show(const oncall::Plan& plan, const WhoOptions& options, WallTime at, const Terminal& out) {
  const auto zone = oncall::zone_of(plan.time_zone);
  const auto escalation = oncall::escalation_of(plan, options.escalation);
  out.line(fmt::format("Whoever would be rung in an alert at {}{}:", oncall::shown_text(zone, at),
                       escalation.name.empty() ? "" : fmt::format(" ({})", escalation.name)));
  for (const std::string& gap : oncall::gaps(plan, escalation, at)) {
    out.line(out.ink(Ink::red, fmt::format("  GAP: {}; everybody is rung instead", gap)));
  }
  if (const std::string instead = oncall::nobody_rung(plan, escalation, at); !instead.empty()) {
    out.line(out.ink(Ink::red, fmt::format("  GAP: {}", quiet_text(escalation.name, instead))));
  }
  for (const oncall::Recipient& each : oncall::ring_order(plan, escalation, at)) {
    std::string quote;
    if (each.kind == oncall::Recipient::Kind::outside_party) {
      quote = fmt::format("; spoken to in {}", language_word(each.language));
    }
    if (!each.customer_number.empty()) quote += fmt::format("; quote customer number {}", each.customer_number);
    out.line(fmt::format("  {:<14} {:<9} {:<26} {}  ({}{})", minutes_text(each.after),
                         oncall::name(each.contact.channel), each.contact.to, out.ink(Ink::bold, each.who),
                         each.because, quote));
  }
  if (escalation.repeat > 0) {
    out.line(fmt::format("  if nobody takes it: the whole list again {} after its last step, up to {} time{}",
                         minutes_of(escalation.repeat_after), escalation.repeat, escalation.repeat == 1 ? "" : "s"));
  }
  out.line(fmt::format("  then a reminder to each of them every {}, until somebody takes it or it is over",
                       minutes_of(plan.remind_every)));
}

// As a person writes it, in the plan's time zone, or as `at` of --json has it.
std::optional<WallTime> moment(const oncall::Plan& plan, std::string_view text) {
  if (text.empty()) return SystemClock().wall_now();
  const auto at = moment_of_iso(text, plan.time_zone);
  // Seconds decide nothing: schedules know minutes.
  return at ? std::optional<WallTime>(std::chrono::floor<std::chrono::minutes>(*at)) : std::nullopt;
}

Exit who(const WhoOptions& options, const Terminal& out, const Terminal& err) {
  const auto config = load_config(options.file, err);
  if (!config) return Exit::usage;
  const oncall::Plan plan = oncall_plan(config->live);
  const auto at = moment(plan, options.at);
  if (!at) {
    err.line(fmt::format("{} --at {}: expected a time such as \"2026-12-24 18:00\", in {}",
                         err.ink(Ink::red, "tenfold who:"), options.at, plan.time_zone));
    return Exit::usage;
  }
  if (!has_escalation(plan, options.escalation)) {
    err.line(
        fmt::format("{} {}", err.ink(Ink::red, "tenfold who:"), no_escalation(plan, options.escalation, options.file)));
    return Exit::usage;
  }
  const Json json = who_json(plan, options.escalation, *at);
  if (options.json) {
    out.line(console::to_text(json));
  } else if (json["ring"].empty()) {
    out.line("Nobody would be rung: name people under oncall.people, with their numbers.");
  } else {
    show(plan, options, *at, out);
  }
  return json["ring"].empty() ? Exit::falls_short : Exit::good;
}

}  // namespace

void add_who_command(CLI::App& program, Exit& exit) {
  auto options = std::make_shared<WhoOptions>();
  auto* command = program.add_subcommand("who", "Says who would be rung now, and on which number");
  command->add_option("-c,--config,file", options->file, "The configuration")->capture_default_str();
  command->add_option("--at", options->at,
                      "Another time than now: \"2026-12-24 18:00\", in oncall.time_zone, or 2026-12-24T17:00:00Z");
  command->add_option("--escalation", options->escalation, "Another escalation than the first");
  command->add_flag("--json", options->json, "One JSON object: at, ring, gaps");
  command->callback([=, &exit] { exit = who(*options, Terminal(1), Terminal(2)); });
}

}  // namespace tenfold::app
